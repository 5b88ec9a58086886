//! `POST /ai/upload`, with progress, which `fetch` does not report.

use std::cell::RefCell;
use std::rc::Rc;

use aicon_protocol::ai::UploadedFile;
use aicon_protocol::id::FileId;
use aicon_protocol::json::ReadJson;
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FormData, ProgressEvent, XmlHttpRequest};

use super::send::with_bearer;
use super::{ApiError, Fault};
use crate::auth::Auth;
use crate::browser::location::encode;
use crate::config::Config;
use crate::json::Json;

/// An upload under way, to abort it by. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct Upload(Rc<RefCell<Option<XmlHttpRequest>>>);

impl Upload {
    /// Ends the transfer.
    pub fn abort(&self) {
        if let Some(request) = self.0.take() {
            // Already over: nothing to abort.
            drop(request.abort());
        }
    }
}

/// Uploads one image. `on_progress` is told the share of bytes sent, 0 to 1.
///
/// # Errors
/// As every call; a refused file is [`Fault::Told`].
pub async fn upload(
    config: &Config,
    auth: &Auth,
    file: &Blob,
    name: &str,
    handle: &Upload,
    on_progress: impl Fn(f64) + 'static,
) -> Result<FileId, ApiError> {
    let mut url = [config.api_end_point.as_str(), "/ai/upload"].concat();
    if let Some(model) = &config.model {
        url.push_str("?model=");
        url.push_str(&encode(model));
    }
    let on_progress = Rc::new(on_progress);
    with_bearer(auth, async |bearer| {
        let request = post(&url, file, name, bearer, handle, on_progress.clone()).await?;
        let status = request.status().unwrap_or_default();
        let text = request.response_text().ok().flatten().unwrap_or_default();
        if !(200..300).contains(&status) {
            return Err(ApiError::Fault(Fault::of_answer(status, &text, None)));
        }
        let data = Json::parse(&text)
            .ok()
            .and_then(|envelope| envelope.member("data"));
        let uploaded = data.as_ref().and_then(UploadedFile::read);
        uploaded
            .map(|uploaded| uploaded.file_id)
            .ok_or(ApiError::Fault(Fault::Unreadable))
    })
    .await
}

/// One try, to its end.
async fn post(
    url: &str,
    file: &Blob,
    name: &str,
    bearer: Option<&str>,
    handle: &Upload,
    on_progress: Rc<impl Fn(f64) + 'static>,
) -> Result<XmlHttpRequest, ApiError> {
    let network = |_| ApiError::Fault(Fault::Network);
    let request = XmlHttpRequest::new().map_err(network)?;
    request.open("POST", url).map_err(network)?;
    if let Some(token) = bearer {
        request
            .set_request_header("Authorization", &["Bearer ", token].concat())
            .map_err(network)?;
    }
    let form = FormData::new().map_err(network)?;
    form.append_with_blob_and_filename("file", file, name)
        .map_err(network)?;
    let progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.length_computable() && event.total() > 0.0 {
            on_progress(event.loaded() / event.total());
        }
    });
    if let Ok(upload) = request.upload() {
        upload.set_onprogress(Some(progress.as_ref().unchecked_ref()));
    }
    handle.0.replace(Some(request.clone()));
    let ended = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    request
        .send_with_opt_form_data(Some(&form))
        .map_err(network)?;
    drop(JsFuture::from(ended).await);
    // `loadend` without a status is an aborted or a failed transfer.
    match request.status() {
        Ok(status) if status > 0 => Ok(request),
        _ => Err(ApiError::Fault(Fault::Network)),
    }
}
