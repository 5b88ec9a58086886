//! `POST /auth/token`: the login exchange. Its answer is AICON's, without an envelope.

use aicon_protocol::aicon::ExchangeRequest;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Map, Value};

use super::body;
use super::caller::Anyone;
use super::cors;
use super::error::HttpError;
use crate::app::App;

/// Trades a code or a refresh token.
///
/// # Errors
/// See [`crate::service::exchange::Exchange::exchange`].
pub async fn post(
    State(app): State<App>,
    _: Anyone,
    headers: HeaderMap,
    request_body: Body,
) -> Result<Json<Map<String, Value>>, HttpError> {
    let request: ExchangeRequest = body::json(&app, &headers, request_body).await?;
    let own = app.site.as_ref().and_then(|_| cors::own_origin(&headers));
    Ok(Json(app.exchange.exchange(&request, own).await?))
}
