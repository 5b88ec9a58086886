//! The least that can stand between a client and an upstream: bytes as they come, nothing understood, nothing kept.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri, header};
use axum::serve::ListenerExt as _;
use reqwest::Client;
use tokio::net::TcpListener;

use crate::error::Result;

#[derive(Clone)]
struct Upstream {
    origin: String,
    client: Client,
}

/// Serves until the process is killed.
pub(super) async fn serve(listener: TcpListener, origin: String) -> Result<()> {
    let client = Client::builder().tcp_nodelay(true).no_proxy().build()?;
    let router = Router::new()
        .fallback(forward)
        .with_state(Upstream { origin, client });
    let listener = listener.tap_io(|stream| {
        // Without it the figures are worse, which is seen.
        _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, router).await?)
}

async fn forward(
    State(upstream): State<Upstream>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response<Body>, StatusCode> {
    let mut request = upstream
        .client
        .request(method, format!("{}{uri}", upstream.origin))
        .body(body);
    if let Some(kind) = headers.get(header::CONTENT_TYPE) {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    let answer = request.send().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    let mut response = Response::builder().status(answer.status());
    if let Some(kind) = answer.headers().get(header::CONTENT_TYPE) {
        response = response.header(header::CONTENT_TYPE, kind);
    }
    response
        .body(Body::from_stream(answer.bytes_stream()))
        .map_err(|_| StatusCode::BAD_GATEWAY)
}
