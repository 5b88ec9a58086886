//! Calls an upstream service, whatever its dialect.

use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::{Client, RequestBuilder, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use super::error::{ProviderError, TimeoutKind};
use super::{ModelRequest, ProviderStream, chat_completions, gemini, messages, reader, responses};
use crate::config::{Dialect, Upstream};

/// Bytes of a refusal's body that are read.
const REFUSAL_BYTES: usize = 64 * 1024;

/// Time for a refusal's body.
const REFUSAL_TIME: Duration = Duration::from_secs(5);

/// Time limits of one call.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From the request to the response head.
    pub first_byte: Duration,
    /// Between two chunks.
    pub idle: Duration,
}

/// Sends the question and waits for the response head: what is refused is an error here, not in the stream.
///
/// # Errors
/// No connection, a time limit, or a status that is not 2xx.
pub async fn open(
    client: &Client,
    upstream: &Upstream,
    patience: Patience,
    request: &ModelRequest,
) -> Result<ProviderStream, ProviderError> {
    let sending = build(client, upstream, request).send();
    let response = tokio::time::timeout(patience.first_byte, sending)
        .await
        .map_err(|_| ProviderError::Timeout(TimeoutKind::FirstByte))?
        .map_err(|error| ProviderError::from_send(&error))?;
    let status = response.status();
    if !status.is_success() {
        return Err(refusal(response).await);
    }
    let chunks = response.bytes_stream().map(|chunk| chunk.map_err(drop));
    Ok(reader::stream(
        upstream.dialect,
        patience.idle,
        chunks.boxed(),
    ))
}

/// Why a request was refused: by its status, and where that says little by the error object's words.
async fn refusal(response: Response) -> ProviderError {
    let retry_after = response
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok());
    let by_status = ProviderError::from_status(response.status(), retry_after);
    if !matches!(by_status, ProviderError::Refused { .. }) {
        return by_status;
    }
    let body = tokio::time::timeout(REFUSAL_TIME, head(response)).await;
    let body: Value = serde_json::from_slice(&body.unwrap_or_default()).unwrap_or_default();
    // Gemini answers a list of one to streaming requests of older clients.
    let error = body.get(0).unwrap_or(&body);
    ProviderError::by_words(&error["error"]).unwrap_or(by_status)
}

async fn head(response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(Ok(chunk)) = chunks.next().await {
        body.extend_from_slice(&chunk);
        if body.len() > REFUSAL_BYTES {
            break;
        }
    }
    body
}

/// `base` with these segments more. It is not parsed again for each question, and what stands in a segment cannot leave it.
pub(super) fn endpoint(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    // One without segments has no host either, which sending finds out.
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

/// Adds the key as a bearer token, where there is one.
pub(super) fn bearer(builder: RequestBuilder, key: Option<&SecretString>) -> RequestBuilder {
    match key {
        Some(key) => builder.bearer_auth(key.expose_secret()),
        None => builder,
    }
}

fn build(client: &Client, upstream: &Upstream, request: &ModelRequest) -> RequestBuilder {
    let builder = match upstream.dialect {
        Dialect::Responses => responses::request(client, upstream, request),
        Dialect::ChatCompletions => chat_completions::request(client, upstream, request),
        Dialect::Messages => messages::request(client, upstream, request),
        Dialect::Gemini => gemini::request(client, upstream, request),
    };
    builder.header("accept", "text/event-stream")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_goes_below_the_base_and_a_segment_stays_one() {
        for (base, expected) in [
            ("http://h", "http://h/models/"),
            ("http://h/", "http://h/models/"),
            ("http://h/v1", "http://h/v1/models/"),
            ("http://h/v1/", "http://h/v1/models/"),
        ] {
            let endpoint = |model| endpoint(&Url::parse(base).unwrap(), &["models", model]);
            for (model, segment) in [
                ("a:go", "a:go"),
                ("../a b:go", "..%2Fa%20b:go"),
                ("a?b=c#d", "a%3Fb=c%23d"),
                ("%2e%2e%2f", "%252e%252e%252f"),
            ] {
                assert_eq!(endpoint(model).as_str(), format!("{expected}{segment}"));
            }
        }
    }
}
