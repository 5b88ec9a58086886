//! Whether the server is there: for orchestrators, and for AICON before a user runs the model (`aicon.md` 6).

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::error::HttpError;
use crate::app::App;

/// The process runs.
pub async fn healthz() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// The store answers, and the server is not about to stop.
///
/// # Errors
/// The store does not answer, or the server stops.
pub async fn readyz(State(app): State<App>) -> Result<Json<Value>, HttpError> {
    app.store.ping().await?;
    Ok(Json(json!({ "status": "ok" })))
}
