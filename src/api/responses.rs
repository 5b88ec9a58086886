//! `GET /ai/response`: an answer that the server has stored.

use aicon_protocol::id::ResponseId;
use aicon_protocol::json::ReadJson;

use super::send::{Request, send};
use super::{ApiError, Fault};
use crate::auth::Auth;
use crate::browser::http;
use crate::browser::location::encode;
use crate::config::Config;
use crate::json::Json;

/// Looks an answer up: its text.
///
/// # Errors
/// [`Fault::Told`] with `RESPONSE_NOT_FOUND` when there is none.
pub async fn look_up(config: &Config, auth: &Auth, id: &ResponseId) -> Result<String, ApiError> {
    let url = [
        config.api_end_point.as_str(),
        "/ai/response?id=",
        &encode(id.as_str()),
    ]
    .concat();
    let response = send(
        auth,
        Request {
            url: &url,
            body: None,
            signal: None,
        },
    )
    .await?;
    let text = http::text(&response).await?;
    let data = Json::parse(&text).ok().and_then(|json| json.member("data"));
    data.and_then(|data| data.text_of("content"))
        .ok_or(ApiError::Fault(Fault::Unreadable))
}
