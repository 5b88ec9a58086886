//! `GET /ui`: what a front end needs to know of a model. Public on purpose: labels and limits stand on the page anyway, and
//! the page is there before anybody has signed in. Prompts are not in it.

use aicon_protocol::id::ClientId;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

use super::caller::Anyone;
use super::error::HttpError;
use super::query_value;
use crate::app::App;
use crate::models::ui::ui;
use crate::service::ServiceError;

/// The definition for a client (`client_id`) or of a name (`model`), in the words of `configs.json`.
///
/// # Errors
/// [`ServiceError::UnknownDefinition`]: there is none; the front end then goes by its own configuration.
pub async fn get(
    _: Anyone,
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let value = |key| query_value(query.as_deref(), key).filter(|value| !value.is_empty());
    let (client, model) = (value("client_id").map(ClientId::new), value("model"));
    let definition = app.catalog.pick(None, client.as_ref(), model.as_deref());
    let definition = definition.ok_or(ServiceError::UnknownDefinition)?;
    let body = ui(&definition).to_string();
    let digest = Sha256::digest(body.as_bytes());
    let tag = format!("\"{}\"", hex::encode(&digest[..16]));
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let is_known = known.is_some_and(|known| {
        known
            .split(',')
            .any(|other| other.trim().trim_start_matches("W/") == tag)
    });
    let cache = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    if is_known {
        return Ok((StatusCode::NOT_MODIFIED, cache).into_response());
    }
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Ok((cache, kind, body).into_response())
}
