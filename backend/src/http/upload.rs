//! `POST /ai/upload` (`ai-api.md` 1).

use std::pin::pin;

use aicon_protocol::ai::{Envelope, UploadedFile};
use aicon_protocol::id::{FileId, UserId};
use axum::Json;
use axum::extract::multipart::Field;
use axum::extract::{Multipart, RawQuery, Request, State};
use axum::http::StatusCode;
use futures_util::StreamExt as _;

use super::caller::Caller;
use super::error::HttpError;
use super::{body, multipart, query_value, success};
use crate::app::App;
use crate::service::{ServiceError, upload};

/// Room for the parts' headers and boundaries around the file.
const OVERHEAD_BYTES: usize = 64 * 1024;

/// Stores the picture of the form's `file` field. The query's `model` only tells the metadata's provider: the picture is
/// for whichever model the chat names.
///
/// # Errors
/// No file, or see [`upload::receive`].
pub async fn post(
    State(app): State<App>,
    Caller { user, .. }: Caller,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<(StatusCode, Json<Envelope<UploadedFile>>), HttpError> {
    let model = query_value(query.as_deref(), "model");
    let provider = app.registry.provider_name(model.as_deref());
    let limit = app.settings.limits.upload_bytes;
    body::refuse_announced(request.headers(), limit + OVERHEAD_BYTES)
        .map_err(|_| ServiceError::PayloadTooLarge { limit })?;
    let form = multipart::open(&app, request).await;
    let form = form.map_err(|_| ServiceError::MissingFile)?;
    let file_id = receive(&app, &user, form).await?;
    Ok((
        StatusCode::CREATED,
        success(&app, &provider, UploadedFile { file_id }),
    ))
}

async fn receive(app: &App, user: &UserId, mut form: Multipart) -> Result<FileId, ServiceError> {
    let mut others = 0;
    while let Some(mut field) = form
        .next_field()
        .await
        .map_err(|_| ServiceError::BrokenBody)?
    {
        if field.name() == Some("file") && field.file_name().is_some() {
            return receive_field(app, user, field).await;
        }
        while let Some(chunk) = field.chunk().await.map_err(|_| ServiceError::BrokenBody)? {
            others += chunk.len();
            if others > OVERHEAD_BYTES {
                return Err(ServiceError::MissingFile);
            }
        }
    }
    Err(ServiceError::MissingFile)
}

async fn receive_field(app: &App, user: &UserId, field: Field<'_>) -> Result<FileId, ServiceError> {
    let name = field.file_name().unwrap_or_default().to_owned();
    let chunks = field.map(|chunk| chunk.map_err(|_| ServiceError::BrokenBody));
    upload::receive(app, user, &name, pin!(chunks)).await
}
