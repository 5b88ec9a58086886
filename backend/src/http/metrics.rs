//! `GET /metrics`, on a listener of its own.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;

use crate::app::App;
use crate::metrics::CONTENT_TYPE as OPEN_METRICS;

/// All figures. The store's stay as they were while it does not answer.
pub async fn get(State(app): State<App>) -> impl IntoResponse {
    let depth = app.store.outbox_depth().await;
    if let Err(error) = &depth {
        tracing::warn!(%error, "failed to read the outbox's depth");
    }
    let text = app
        .metrics
        .encode(app.slots.open(), depth.ok(), app.clock.now());
    (
        [(CONTENT_TYPE, OPEN_METRICS), (CACHE_CONTROL, "no-store")],
        text,
    )
}
