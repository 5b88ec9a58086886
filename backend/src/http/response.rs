//! `GET /ai/response` (`ai-api.md` 3).

use aicon_protocol::ai::{Envelope, StoredResponse};
use axum::Json;
use axum::extract::{RawQuery, State};

use super::caller::Caller;
use super::error::HttpError;
use super::{query_value, success};
use crate::app::App;
use crate::service::lookup;

/// The stored answer. The query's `model` is taken and not needed: the row knows its provider.
///
/// # Errors
/// See [`lookup::response`].
pub async fn get(
    State(app): State<App>,
    Caller { user, .. }: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Envelope<StoredResponse>>, HttpError> {
    let id = query_value(query.as_deref(), "id");
    let stored = lookup::response(&app, &user, id.as_deref()).await?;
    let provider = stored.provider.clone();
    Ok(success(&app, &provider, stored))
}
