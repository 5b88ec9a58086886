//! Errors as FastAPI writes them, which is what callers of the official sample read: `{"detail": "…"}` (`aicon.md` 5).

use aicon_protocol::ai::ErrorBody;
use axum::Json;
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// The error of a response, for who writes it in another form.
#[derive(Clone, Debug)]
pub(super) struct Told(pub(super) ErrorBody);

/// Writes errors anew; status and headers stay.
pub async fn layer(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let Some(Told(error)) = response.extensions().get::<Told>() else {
        return response;
    };
    let detail = Json(json!({ "detail": error.message })).into_response();
    let (mut parts, _) = response.into_parts();
    let (new, body) = detail.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    if let Some(kind) = new.headers.get(CONTENT_TYPE) {
        parts.headers.insert(CONTENT_TYPE, kind.clone());
    }
    Response::from_parts(parts, body)
}
