//! A multipart `POST` with progress, which `fetch` does not report.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FormData, ProgressEvent, XmlHttpRequest, XmlHttpRequestResponseType};

use super::send::with_bearer;
use super::{ApiError, Fault};
use crate::auth::Auth;
use crate::browser::http;

/// A transfer under way, to abort it by. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct Upload(Rc<RefCell<Handle>>);

#[derive(Default)]
struct Handle {
    request: Option<XmlHttpRequest>,
    is_aborted: bool,
}

impl Upload {
    /// Ends the transfer.
    pub fn abort(&self) {
        let mut handle = self.0.borrow_mut();
        handle.is_aborted = true;
        if let Some(request) = handle.request.take() {
            drop(handle);
            // Already over: nothing to abort.
            drop(request.abort());
        }
    }

    /// Whether somebody ended it.
    pub fn is_aborted(&self) -> bool {
        self.0.borrow().is_aborted
    }
}

/// What is sent.
pub(super) struct Form<'a> {
    pub(super) url: &'a str,
    pub(super) parts: &'a [(&'a str, Part<'a>)],
    /// Only for servers of ours: any other may refuse a header that its CORS policy does not name.
    pub(super) idempotency_key: Option<&'a str>,
}

/// What is sent under one name.
pub(super) enum Part<'a> {
    Text(&'a str),
    File(&'a Blob, &'a str),
}

/// A successful answer.
pub(super) struct Answer {
    /// Lower case, without parameters.
    pub(super) media_type: String,
    pub(super) body: Blob,
}

impl Answer {
    /// A ZIP (`aicon.md` 5).
    pub(super) fn is_archive(&self) -> bool {
        matches!(
            &*self.media_type,
            "application/zip" | "application/x-zip-compressed"
        )
    }

    pub(super) async fn text(&self) -> String {
        let text = JsFuture::from(self.body.text()).await;
        text.ok()
            .and_then(|text| text.as_string())
            .unwrap_or_default()
    }
}

/// Sends and waits for the whole answer. `on_progress` is told bytes sent and bytes in all, the form's own included.
pub(super) async fn transfer(
    auth: &Auth,
    form: Form<'_>,
    handle: &Upload,
    on_progress: impl Fn(f64, f64) + 'static,
) -> Result<Answer, ApiError> {
    let progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.length_computable() && event.total() > 0.0 {
            on_progress(event.loaded(), event.total());
        }
    });
    with_bearer(auth, async |bearer| {
        let request = post(&form, bearer, handle, &progress).await?;
        let status = request.status().unwrap_or_default();
        let body: Blob = request.response().unwrap_or_default().unchecked_into();
        let head = |name: &str| request.get_response_header(name).ok().flatten();
        let answer = Answer {
            media_type: head("Content-Type")
                .unwrap_or_default()
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase(),
            body,
        };
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        let retry_after = head("Retry-After").and_then(|text| text.trim().parse().ok());
        Err(ApiError::Fault(Fault::of_answer(
            status,
            &answer.text().await,
            retry_after,
        )))
    })
    .await
}

fn form_data(parts: &[(&str, Part<'_>)]) -> Result<FormData, JsValue> {
    let form = FormData::new()?;
    for (name, part) in parts {
        match part {
            Part::Text(text) => form.append_with_str(name, text)?,
            Part::File(file, file_name) => {
                form.append_with_blob_and_filename(name, file, file_name)?
            }
        }
    }
    Ok(form)
}

/// One try, to its end.
async fn post(
    form: &Form<'_>,
    bearer: Option<&str>,
    handle: &Upload,
    progress: &Closure<dyn Fn(ProgressEvent)>,
) -> Result<XmlHttpRequest, ApiError> {
    let network = |_| ApiError::Fault(Fault::Network);
    let data = form_data(form.parts).map_err(network)?;
    let request = XmlHttpRequest::new().map_err(network)?;
    request.open("POST", form.url).map_err(network)?;
    request.set_response_type(XmlHttpRequestResponseType::Blob);
    if let Some(token) = bearer {
        request
            .set_request_header("Authorization", &["Bearer ", token].concat())
            .map_err(network)?;
    }
    if let Some(key) = form.idempotency_key {
        request
            .set_request_header("Idempotency-Key", key)
            .map_err(network)?;
    }
    if let Ok(upload) = request.upload() {
        upload.set_onprogress(Some(progress.as_ref().unchecked_ref()));
    }
    if handle.is_aborted() {
        return Err(ApiError::Aborted);
    }
    handle.0.borrow_mut().request = Some(request.clone());
    let ended = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    request
        .send_with_opt_form_data(Some(&data))
        .map_err(network)?;
    drop(JsFuture::from(ended).await);
    // `loadend` without a status is an aborted or a failed transfer.
    match request.status() {
        Ok(status) if status > 0 => Ok(request),
        _ if handle.is_aborted() => Err(ApiError::Aborted),
        _ => Err(http::Unreachable::Network.into()),
    }
}
