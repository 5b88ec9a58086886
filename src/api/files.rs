//! The files that a server answers with as URLs (`aicon.md` 5). Only those of the provider's own server are ever asked for: any
//! other host would learn who looks, and the page's policy forbids it.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Url};

use super::{ApiError, Fault};
use crate::browser::http::{self, Call};
use crate::browser::location;
use crate::config::Config;

/// Whether a URL is one of the provider's own server.
pub fn is_of_api(config: &Config, url: &str) -> bool {
    let origin = |url: &str| Url::new(url).ok().map(|url| url.origin());
    let ours = match &*config.api_end_point {
        "" => Some(location::origin()),
        end_point => origin(end_point),
    };
    origin(url).is_some_and(|found| ours == Some(found))
}

/// The last part of the path, as people read it.
pub fn file_name(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    js_sys::decode_uri_component(name)
        .ok()
        .and_then(|name| name.as_string())
        .unwrap_or_else(|| name.to_owned())
}

/// The file's size in bytes; `None` where the server does not tell it.
///
/// # Errors
/// [`Fault::Told`] with the status where the server has no such file.
pub async fn size_of(url: &str) -> Result<Option<u64>, ApiError> {
    let response = fetch(url, true).await?;
    let length = response.headers().get("Content-Length").ok().flatten();
    Ok(length.and_then(|length| length.parse().ok()))
}

/// The file.
///
/// # Errors
/// When it does not come.
pub async fn file(url: &str) -> Result<Blob, ApiError> {
    let response = fetch(url, false).await?;
    let network = |_| ApiError::Fault(Fault::Network);
    let blob = JsFuture::from(response.blob().map_err(network)?).await;
    Ok(blob.map_err(network)?.unchecked_into())
}

async fn fetch(url: &str, is_head: bool) -> Result<web_sys::Response, ApiError> {
    let response = http::fetch(Call {
        url,
        is_head,
        ..Call::default()
    })
    .await?;
    if response.ok() {
        return Ok(response);
    }
    Err(ApiError::Fault(Fault::of_answer(
        response.status(),
        "",
        None,
    )))
}
