//! `GET /ai/response` (`ai-api.md` 3).

use aicon_protocol::ai::{Envelope, StoredResponse};
use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::caller::Caller;
use super::error::HttpError;
use super::success;
use crate::app::App;
use crate::service::lookup;

/// Query of the look-up; `model` is taken and not needed: the row knows its provider.
#[derive(Debug, Deserialize)]
pub struct Params {
    id: Option<String>,
}

/// The stored answer.
///
/// # Errors
/// See [`lookup::response`].
pub async fn get(
    State(app): State<App>,
    Caller(user): Caller,
    Query(params): Query<Params>,
) -> Result<Json<Envelope<StoredResponse>>, HttpError> {
    let stored = lookup::response(&app, &user, params.id.as_deref()).await?;
    let provider = stored.provider.clone();
    Ok(success(&app, &provider, stored))
}
