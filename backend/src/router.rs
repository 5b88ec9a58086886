//! Every route.

use aicon_protocol::aicon::EXCHANGE_PATH;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::http::error::HttpError;
use crate::http::{chat, cors, drain, health, response, token, trace, upload};
use crate::service::ServiceError;

/// The whole server as a service.
pub fn router(app: App) -> Router {
    Router::new()
        // The app
        .route("/ai/upload", post(upload::post))
        .route("/ai/chat", post(chat::post))
        .route("/ai/response", get(response::get))
        .route(EXCHANGE_PATH, post(token::post))
        // AICON
        .route("/api/Provider/is-alive", get(health::readyz))
        .route("/api/Provider/is-alive/", get(health::readyz))
        .route("/is-alive", get(health::readyz))
        .route("/is-alive/", get(health::readyz))
        // Orchestrators
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .fallback(async || HttpError(ServiceError::NotFound))
        .method_not_allowed_fallback(async || HttpError(ServiceError::MethodNotAllowed))
        .layer(CatchPanicLayer::custom(trace::panicked))
        .layer(from_fn_with_state(app.clone(), cors::layer))
        .layer(from_fn(drain::layer))
        .layer(from_fn(trace::layer))
        .with_state(app)
}
