//! `GET /ai/response`: an answer that the server has stored.

use aicon_protocol::ai::{Envelope, StoredResponse};
use aicon_protocol::id::ResponseId;

use super::send::{Request, send};
use super::{ApiError, Fault};
use crate::auth::Auth;
use crate::browser::http;
use crate::browser::location::encode;
use crate::config::Config;

/// Looks an answer up.
///
/// # Errors
/// [`Fault::Told`] with `RESPONSE_NOT_FOUND` when there is none.
pub async fn look_up(config: &Config, auth: &Auth, id: &ResponseId) -> Result<StoredResponse, ApiError> {
    let url = [config.api_end_point.as_str(), "/ai/response?id=", &encode(id.as_str())].concat();
    let response = send(auth, Request { url: &url, body: None, signal: None }).await?;
    let text = http::text(&response).await?;
    serde_json::from_str::<Envelope<StoredResponse>>(&text)
        .ok()
        .and_then(|envelope| envelope.data)
        .ok_or(ApiError::Fault(Fault::Unreadable))
}
