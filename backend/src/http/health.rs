//! Whether the server is there: for orchestrators, and for AICON before a user runs the model (`aicon.md` 6).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::error::HttpError;
use crate::app::App;

/// The process runs.
pub async fn healthz() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// A user could run the model now; else 503 with what is missing. Whoever asks, and however often: it costs nothing.
pub async fn is_alive(State(app): State<App>) -> (StatusCode, Json<Value>) {
    match app.alive.check(&app.store, &app.registry).await {
        Ok(()) => (StatusCode::OK, Json(json!({ "status": "ok" }))),
        Err(ailment) => {
            let reason = ailment.to_string();
            let body = json!({ "status": "unavailable", "reason": reason });
            (StatusCode::SERVICE_UNAVAILABLE, Json(body))
        }
    }
}

/// The store answers, and the server is not about to stop.
///
/// # Errors
/// The store does not answer, or the server stops.
pub async fn readyz(State(app): State<App>) -> Result<Json<Value>, HttpError> {
    app.store.ping().await?;
    Ok(Json(json!({ "status": "ok" })))
}
