//! `fetch`, with nothing ambient: no cookies, no cache, no referrer.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, ReferrerPolicy, RequestCache, RequestCredentials, RequestInit, Response,
};

use super::window;

/// One request.
#[derive(Default)]
pub struct Call<'a> {
    /// Absolute, or a path on our own origin.
    pub url: &'a str,
    /// `GET` when there is no body, `POST` when there is one.
    pub body: Option<&'a str>,
    /// Only the head is wanted: `HEAD`.
    pub is_head: bool,
    /// The body's type.
    pub content_type: Option<&'a str>,
    /// The `Authorization` header's token.
    pub bearer: Option<&'a str>,
    /// Ends the request.
    pub signal: Option<&'a AbortSignal>,
}

/// Why there is no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreachable {
    /// No connection, name, certificate or CORS permission: a browser does not say which.
    Network,
    /// The signal ended it.
    Aborted,
}

/// Sends and waits for the response's head.
///
/// # Errors
/// When no response came; every status is a response.
pub async fn fetch(call: Call<'_>) -> Result<Response, Unreachable> {
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoStore);
    init.set_credentials(RequestCredentials::Omit);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    init.set_signal(call.signal);
    if call.is_head {
        init.set_method("HEAD");
    }
    if let Some(body) = call.body {
        init.set_method("POST");
        init.set_body(&JsValue::from_str(body));
    }
    let headers = Headers::new().map_err(|_| Unreachable::Network)?;
    let set = |name: &str, value: &str| headers.set(name, value).map_err(|_| Unreachable::Network);
    if let Some(content_type) = call.content_type {
        set("Content-Type", content_type)?;
    }
    if let Some(token) = call.bearer {
        set("Authorization", &["Bearer ", token].concat())?;
    }
    init.set_headers_headers(&headers);
    JsFuture::from(window().fetch_with_str_and_init(call.url, &init))
        .await
        .map(Response::from)
        .map_err(|thrown| reason(&thrown))
}

/// The whole body as text.
///
/// # Errors
/// When the connection breaks before its end.
pub async fn text(response: &Response) -> Result<String, Unreachable> {
    let promise = response.text().map_err(|_| Unreachable::Network)?;
    let text = JsFuture::from(promise)
        .await
        .map_err(|thrown| reason(&thrown))?;
    Ok(text.as_string().unwrap_or_default())
}

/// What a failed `fetch` or read threw.
pub fn reason(thrown: &JsValue) -> Unreachable {
    match thrown.dyn_ref::<web_sys::DomException>() {
        Some(exception) if exception.name() == "AbortError" => Unreachable::Aborted,
        _ => Unreachable::Network,
    }
}
