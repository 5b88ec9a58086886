//! `GET /metrics`, on a listener of its own.

use std::time::Duration;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;

use crate::app::App;
use crate::metrics::CONTENT_TYPE as OPEN_METRICS;

/// Who scrapes gives up after seconds, and then has no figures at all.
const PATIENCE: Duration = Duration::from_secs(2);

/// All figures. The store's stay as they were while it does not answer.
pub async fn get(State(app): State<App>) -> impl IntoResponse {
    let depth = match tokio::time::timeout(PATIENCE, app.store.outbox_depth()).await {
        Ok(Ok(depth)) => Some(depth),
        Ok(Err(error)) => {
            tracing::warn!(%error, "failed to read the outbox's depth");
            None
        }
        Err(_) => {
            tracing::warn!("failed to read the outbox's depth: the store does not answer in time");
            None
        }
    };
    let text = app.metrics.encode(app.slots.open(), depth, app.clock.now());
    (
        [(CONTENT_TYPE, OPEN_METRICS), (CACHE_CONTROL, "no-store")],
        text,
    )
}
