//! Request bodies with limits in bytes and in time.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use futures_util::{Stream, StreamExt as _, stream};
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::service::ServiceError;

/// The body as JSON of a type.
///
/// # Errors
/// Not `application/json`, too large, too slow, cut short, or not what was expected.
pub async fn json<T: DeserializeOwned>(
    app: &App,
    headers: &HeaderMap,
    body: Body,
) -> Result<T, ServiceError> {
    if !is_json(headers) {
        return Err(ServiceError::UnsupportedMediaType("application/json"));
    }
    let limit = app.settings.limits.body_bytes;
    refuse_announced(headers, limit)?;
    let mut bytes = Vec::new();
    let mut chunks = std::pin::pin!(patient(app, body));
    while let Some(chunk) = chunks.next().await.transpose()? {
        if bytes.len() + chunk.len() > limit {
            return Err(ServiceError::PayloadTooLarge { limit });
        }
        bytes.extend_from_slice(&chunk);
    }
    // serde reads a struct from an array too; the contract knows objects only.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(ServiceError::InvalidJson);
    }
    serde_json::from_slice(&bytes).map_err(|_| ServiceError::InvalidJson)
}

/// Refuses a body whose own header says that it is too large, before a byte of it is read.
///
/// # Errors
/// [`ServiceError::PayloadTooLarge`].
pub fn refuse_announced(headers: &HeaderMap, limit: usize) -> Result<(), ServiceError> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match announced {
        Some(bytes) if bytes > limit as u64 => Err(ServiceError::PayloadTooLarge { limit }),
        _ => Ok(()),
    }
}

/// The body's chunks, of which each must come within `timeouts.body_idle`.
pub fn patient(
    app: &App,
    body: Body,
) -> impl Stream<Item = Result<Bytes, ServiceError>> + Send + use<> {
    let idle = app.settings.timeouts.body_idle;
    stream::unfold(body.into_data_stream(), move |mut chunks| async move {
        let item = match tokio::time::timeout(idle, chunks.next()).await {
            Ok(chunk) => chunk?.map_err(|_| ServiceError::BrokenBody),
            Err(_) => Err(ServiceError::SlowBody),
        };
        Some((item, chunks))
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case("application/json")
}
