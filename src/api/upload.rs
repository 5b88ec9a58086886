//! `POST /ai/upload`.

use aicon_protocol::ai::UploadedFile;
use aicon_protocol::id::FileId;
use aicon_protocol::json::ReadJson;
use web_sys::Blob;

use super::transfer::{Part, transfer};
use super::{ApiError, Fault, Upload};
use crate::auth::Auth;
use crate::browser::location::encode;
use crate::config::Config;
use crate::json::Json;

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
    let parts = [("file", Part::File(file, name))];
    let answer = transfer(auth, &url, &parts, handle, move |sent, total| {
        on_progress(sent / total)
    })
    .await?;
    let data = Json::parse(&answer.text().await)
        .ok()
        .and_then(|envelope| envelope.member("data"));
    let uploaded = data.as_ref().and_then(UploadedFile::read);
    uploaded
        .map(|uploaded| uploaded.file_id)
        .ok_or(ApiError::Fault(Fault::Unreadable))
}
