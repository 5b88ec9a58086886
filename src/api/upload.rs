//! `POST /ai/upload`.

use std::rc::Rc;

use aicon_protocol::ai::UploadedFile;
use aicon_protocol::id::FileId;
use aicon_protocol::json::ReadJson;
use web_sys::Blob;

use super::dialect::{Dialect, in_dialect, is_image};
use super::transfer::{Form, Part, transfer};
use super::{ApiError, Fault, Upload, push_model};
use crate::auth::Auth;
use crate::config::Config;
use crate::json::Json;

/// Uploads one image. Other files, and those for a server after AICON's official sample, go with their message instead: the ID is
/// empty then.
/// `on_progress` is told the share of bytes sent, 0 to 1.
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
    push_model(&mut url, config);
    // Goes along with its message.
    let later = || Ok(FileId::new(""));
    if !is_image(name) {
        return later();
    }
    let parts = [("file", Part::File(file, name))];
    let on_progress = Rc::new(on_progress);
    let answer = in_dialect(config, async |dialect| {
        if dialect == Dialect::Sample {
            return Ok(None);
        }
        let on_progress = on_progress.clone();
        let progress = move |sent, total| on_progress(sent / total);
        let form = Form {
            url: &url,
            parts: &parts,
            idempotency_key: None,
        };
        transfer(auth, form, handle, progress).await.map(Some)
    })
    .await?;
    let Some(answer) = answer else {
        return later();
    };
    let data = Json::parse(&answer.text().await)
        .ok()
        .and_then(|envelope| envelope.member("data"));
    let uploaded = data.as_ref().and_then(UploadedFile::read);
    uploaded
        .map(|uploaded| uploaded.file_id)
        .ok_or(ApiError::Fault(Fault::Unreadable))
}
