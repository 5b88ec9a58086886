//! Every route.

use aicon_protocol::aicon::EXCHANGE_PATH;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::http::error::HttpError;
use crate::http::{
    chat, chat_multi_input, chatting_type, cors, detail, drain, health, metrics, response, result,
    settlement, site, token, trace, ui, upload,
};
use crate::service::ServiceError;

/// The whole server as a service.
pub fn router(app: App) -> Router {
    browsers(&app)
        .merge(servers())
        .layer(from_fn(drain::layer))
        .layer(from_fn_with_state(app.clone(), trace::layer))
        .with_state(app)
}

/// The figures, on a listener of their own: they ask nobody who they are.
pub fn metrics_router(app: App) -> Router {
    Router::new()
        .route("/metrics", get(metrics::get))
        .layer(CatchPanicLayer::custom(trace::panicked))
        .with_state(app)
}

/// What pages of other origins call.
fn browsers(app: &App) -> Router<App> {
    Router::new()
        .route("/ai/upload", post(upload::post))
        .route("/ai/chat", post(chat::post))
        .route("/ai/response", get(response::get))
        .route(EXCHANGE_PATH, post(token::post))
        .route("/ui", get(ui::get))
        .route("/api/Provider/ui", get(ui::get))
        .route("/api/Provider/files/{token}/{name}", get(result::get))
        .merge(samples())
        // AICON, which may ask from its own page.
        .route("/api/Provider/is-alive", get(health::is_alive))
        .route("/api/Provider/is-alive/", get(health::is_alive))
        .route("/is-alive", get(health::is_alive))
        .route("/is-alive/", get(health::is_alive))
        // Orchestrators
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .fallback(site::get)
        .method_not_allowed_fallback(site::page)
        .layer(CatchPanicLayer::custom(trace::panicked))
        .layer(from_fn_with_state(app.clone(), cors::layer))
}

/// Type 2 (`aicon.md` 5): the guideline's paths and the official sample's, with errors in the sample's form.
fn samples() -> Router<App> {
    Router::new()
        .route("/api/Provider/chatting-type", post(chatting_type::post))
        .route("/chat", post(chatting_type::post))
        .route(
            "/api/Provider/chat-multi-input",
            post(chat_multi_input::post),
        )
        .route("/chat-type-2", post(chat_multi_input::post))
        .layer(CatchPanicLayer::custom(trace::panicked))
        .layer(from_fn(detail::layer))
}

/// What no page has any business with: no origin is ever allowed.
fn servers() -> Router<App> {
    const PATH: &str = "get-usage-for-settlement";
    let mut router = Router::new();
    for prefix in ["/api/Provider/", "/"] {
        for end in ["", "/"] {
            router = router.route(&format!("{prefix}{PATH}{end}"), get(settlement::get));
        }
    }
    router
        .method_not_allowed_fallback(async || HttpError(ServiceError::MethodNotAllowed))
        .layer(CatchPanicLayer::custom(trace::panicked))
}
