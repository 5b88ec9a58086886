//! `/sandbox/microsite`: the registration, for tests and scripts. Bodies are JSON, which no page of another origin can send.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Registration;
use super::register;
use crate::state::Sandbox;

/// Where the provider tells its registration; `{provider}/ui` when not given.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImportRequest {
    url: Option<String>,
}

/// `GET`: 404 when nothing is registered.
pub(super) async fn show(State(sandbox): State<Arc<Sandbox>>) -> Response {
    match sandbox.microsite.lock().as_deref() {
        Some(registration) => Json(registration.to_json()).into_response(),
        None => refuse(StatusCode::NOT_FOUND, "no model of type 2 is registered"),
    }
}

/// `POST`: a document as [`Registration::read`] reads it.
pub(super) async fn set(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let kind = headers.get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json")) {
        return refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "expected application/json",
        );
    }
    let provider = sandbox.provider.lock().url().to_owned();
    match Registration::read(&body, &provider) {
        Ok(registration) => {
            *sandbox.microsite.lock() = Some(Arc::new(registration));
            show(State(sandbox)).await
        }
        Err(error) => refuse(StatusCode::BAD_REQUEST, error),
    }
}

/// `DELETE`.
pub(super) async fn remove(State(sandbox): State<Arc<Sandbox>>) -> StatusCode {
    *sandbox.microsite.lock() = None;
    StatusCode::NO_CONTENT
}

/// `POST …/import`: 502 when the provider tells nothing that can be registered.
pub(super) async fn import(
    State(sandbox): State<Arc<Sandbox>>,
    request: Result<Json<ImportRequest>, JsonRejection>,
) -> Response {
    let Json(request) = match request {
        Ok(request) => request,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, error.body_text()),
    };
    match register::fetch(&sandbox, request.url.as_deref().unwrap_or_default()).await {
        Ok(()) => show(State(sandbox)).await,
        Err(error) => refuse(StatusCode::BAD_GATEWAY, error),
    }
}

fn refuse(status: StatusCode, error: impl ToString) -> Response {
    let body: Value = json!({ "error": error.to_string() });
    (status, Json(body)).into_response()
}
