//! Request IDs, one log line for each request, headers that every answer has, and panics as answers.

use std::any::Any;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument as _;

use super::error::{ErrorText, HttpError};
use crate::app::App;
use crate::id;
use crate::service::ServiceError;

const REQUEST_ID: &str = "x-request-id";

/// Characters that a request's own ID may have.
const LONGEST_ID: usize = 64;

/// Wraps everything else.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = given_id(&request).unwrap_or_else(id::request_id);
    // The route, not the path: what a client writes into a path stays out of the log.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(none)", MatchedPath::as_str)
        .to_owned();
    let method = request.method().clone();
    let span = tracing::info_span!("request", request.id = %id, %method, route);
    let mut response = next.run(request).instrument(span.clone()).await;
    let headers = response.headers_mut();
    // But for files of the app, which say it themselves.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    let status = response.status().as_u16();
    app.metrics.request(method.as_str(), &route, status);
    let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| match response.extensions().get::<ErrorText>() {
        Some(ErrorText(error)) if status >= 500 => {
            tracing::error!(status, elapsed_ms, error, "request failed")
        }
        Some(ErrorText(error)) => tracing::info!(status, elapsed_ms, error, "request refused"),
        None => tracing::info!(status, elapsed_ms, "request answered"),
    });
    response
}

/// A panic is an answer like any other, and the server lives.
pub fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    HttpError(ServiceError::Internal).into_response()
}

fn given_id(request: &Request) -> Option<String> {
    let given = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let plain = given
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    (plain && !given.is_empty() && given.len() <= LONGEST_ID).then(|| given.to_owned())
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::routing::get;
    use tower::ServiceExt as _;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_opaque_500_in_the_envelope() {
        async fn broken() -> &'static str {
            panic!("canary")
        }
        let router = Router::new()
            .route("/", get(broken))
            .layer(CatchPanicLayer::custom(panicked));
        let response = router.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(response.status(), 500);
        let body = to_bytes(response.into_body(), 1000).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(
            text.contains("INTERNAL_ERROR") && !text.contains("canary"),
            "{text}"
        );
    }
}
