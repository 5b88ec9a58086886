//! Cross-origin requests: an exact allow-list, and a refusal of what changes something from anywhere else.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::HttpError;
use crate::app::App;
use crate::service::ServiceError;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, OPTIONS");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, idempotency-key, x-api-key, x-request-id",
);
const EXPOSED: HeaderValue =
    HeaderValue::from_static("x-request-id, retry-after, content-disposition");
const MAX_AGE: HeaderValue = HeaderValue::from_static("3600");

/// Answers preflights, refuses foreign origins, marks answers to allowed ones.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(origin) = request.headers().get(header::ORIGIN).cloned() else {
        return vary(next.run(request).await);
    };
    let allowed = app
        .settings
        .cors
        .origins
        .iter()
        .any(|known| known.as_str().as_bytes() == origin.as_bytes());
    let preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key("access-control-request-method");
    if preflight {
        return if allowed {
            answer_preflight(origin)
        } else {
            refuse()
        };
    }
    let changes = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if changes && !allowed && own_origin(request.headers()).is_none() {
        return refuse();
    }
    let mut response = vary(next.run(request).await);
    if allowed {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    response
}

fn answer_preflight(origin: HeaderValue) -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, origin),
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
    ];
    vary((StatusCode::NO_CONTENT, headers).into_response())
}

fn refuse() -> Response {
    vary(HttpError(ServiceError::Forbidden("the origin is not allowed")).into_response())
}

/// The origin of the request's page, if it is the server's own: one that it serves itself.
pub(super) fn own_origin(headers: &HeaderMap) -> Option<&str> {
    let origin = headers.get(header::ORIGIN)?.to_str().ok()?;
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let authority = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"))?;
    (authority == host).then_some(origin)
}

fn vary(mut response: Response) -> Response {
    response
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("origin"));
    response
}
