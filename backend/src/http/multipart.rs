//! `multipart/form-data` (RFC 7578) with bounds in bytes and in time.

use std::pin::pin;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request};
use axum::http::header;
use futures_util::StreamExt as _;

use super::body;
use crate::app::App;
use crate::service::ServiceError;
use crate::service::spool::{Bounds, Field, Spool, directory};

/// Room for one part's headers and boundary.
const PART_BYTES: u64 = 1024;

/// The form of a request, chunk by chunk and each chunk in time. The bounds are the caller's.
///
/// # Errors
/// [`ServiceError::BrokenBody`]: no boundary.
pub(super) async fn open(app: &App, request: Request) -> Result<Multipart, ServiceError> {
    let (parts, request_body) = request.into_parts();
    let chunks = body::patient(app, request_body).map(|chunk| chunk.map_err(std::io::Error::other));
    let mut request = Request::from_parts(parts, Body::from_stream(chunks));
    // axum's own limit is for those who hold the whole body in memory.
    DefaultBodyLimit::disable().apply(&mut request);
    let form = Multipart::from_request(request, app).await;
    form.map_err(|_| ServiceError::BrokenBody)
}

/// Takes in all fields of a form.
///
/// # Errors
/// Not a form, larger than its bounds, too slow, cut short, or a disk that takes no more.
pub(super) async fn fields(
    app: &App,
    bounds: Bounds,
    request: Request,
) -> Result<Vec<Field>, ServiceError> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind
        .trim_start()
        .to_ascii_lowercase()
        .starts_with("multipart/form-data")
    {
        return Err(ServiceError::UnsupportedMediaType("multipart/form-data"));
    }
    body::refuse_announced(request.headers(), most_bytes(bounds))?;
    let is_repeatable = request.headers().contains_key("idempotency-key");
    let mut form = open(app, request).await?;
    let mut spool = Spool::new(directory(&app.settings.data), bounds, is_repeatable);
    while let Some(field) = form
        .next_field()
        .await
        .map_err(|_| ServiceError::BrokenBody)?
    {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let chunks = field.map(|chunk| chunk.map_err(|_| ServiceError::BrokenBody));
        spool
            .take(&name, file_name.as_deref(), pin!(chunks))
            .await?;
    }
    Ok(spool.into_fields())
}

/// Bytes of the largest form within the bounds.
fn most_bytes(bounds: Bounds) -> usize {
    let files = (bounds.file_bytes + PART_BYTES).saturating_mul(bounds.files as u64);
    // Each of the texts is in a part of its own, whose head may be longer than the text.
    let texts = bounds.text_bytes as u64 * 2;
    usize::try_from(files.saturating_add(texts)).unwrap_or(usize::MAX)
}
