//! Calls an upstream service and reads its stream, whatever its dialect.

use std::collections::VecDeque;
use std::time::Duration;

use aicon_protocol::sse::{Decoder, Event};
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use reqwest::{Client, RequestBuilder, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::error::{ProviderError, TimeoutKind};
use super::{
    ModelRequest, ProviderEvent, ProviderStream, chat_completions, gemini, messages, responses,
};
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
    let reader = Reader {
        chunks: response
            .bytes_stream()
            .map(|chunk| chunk.map_err(drop))
            .boxed(),
        decoder: Decoder::new(),
        dialect: upstream.dialect,
        idle: patience.idle,
        ready: VecDeque::new(),
        cut: None,
        finished: false,
        has_text: false,
        over: false,
    };
    Ok(stream::unfold(reader, |mut reader| async {
        reader.next().await.map(|event| (event, reader))
    })
    .boxed())
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

/// `base` and `path` with one slash between them.
pub(super) fn url(upstream: &Upstream, path: &str) -> String {
    format!(
        "{}/{path}",
        upstream.base_url.as_str().trim_end_matches('/')
    )
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

fn translate(
    dialect: Dialect,
    event: &Event,
    out: &mut VecDeque<ProviderEvent>,
) -> Result<(), ProviderError> {
    if event.data == aicon_protocol::event::DONE_MARKER {
        out.push_back(ProviderEvent::End);
        return Ok(());
    }
    let value: Value = serde_json::from_str(&event.data).map_err(|_| ProviderError::Garbage)?;
    match dialect {
        Dialect::Responses => responses::events(&value, out),
        Dialect::ChatCompletions => chat_completions::events(&value, out),
        Dialect::Messages => messages::events(&value, out),
        Dialect::Gemini => gemini::events(&value, out),
    }
    Ok(())
}

struct Reader {
    chunks: BoxStream<'static, Result<bytes::Bytes, ()>>,
    decoder: Decoder,
    dialect: Dialect,
    idle: Duration,
    ready: VecDeque<ProviderEvent>,
    cut: Option<ProviderError>,
    finished: bool,
    has_text: bool,
    over: bool,
}

impl Reader {
    async fn next(&mut self) -> Option<Result<ProviderEvent, ProviderError>> {
        loop {
            if self.over {
                return None;
            }
            if let Some(event) = self.ready.pop_front() {
                match &event {
                    ProviderEvent::Delta(text) => self.has_text |= !text.is_empty(),
                    ProviderEvent::Usage { .. } => {}
                    ProviderEvent::Finished(cut) => {
                        self.finished = true;
                        self.cut.clone_from(cut);
                    }
                    ProviderEvent::End => return Some(Ok(self.end())),
                    ProviderEvent::Failed(_) => self.over = true,
                }
                return Some(Ok(event));
            }
            if let Err(error) = self.read().await {
                self.over = true;
                return Some(Err(error));
            }
        }
    }

    /// A good end, unless the answer is not whole or says nothing.
    fn end(&mut self) -> ProviderEvent {
        self.over = true;
        match self.cut.take() {
            Some(error) => ProviderEvent::Failed(error),
            None if self.has_text => ProviderEvent::End,
            None => ProviderEvent::Failed(ProviderError::Empty),
        }
    }

    /// Fills `ready` from the next chunk.
    async fn read(&mut self) -> Result<(), ProviderError> {
        let chunk = tokio::time::timeout(self.idle, self.chunks.next())
            .await
            .map_err(|_| ProviderError::Timeout(TimeoutKind::Idle))?;
        match chunk {
            None | Some(Err(())) if self.finished => self.ready.push_back(ProviderEvent::End),
            None | Some(Err(())) => return Err(ProviderError::Broken),
            Some(Ok(bytes)) => self.decoder.push(&bytes),
        }
        while let Some(event) = self.decoder.next_event() {
            // What came before a broken event is the user's all the same.
            if let Err(error) = translate(self.dialect, &event, &mut self.ready) {
                self.ready.push_back(ProviderEvent::Failed(error));
                return Ok(());
            }
        }
        if self.decoder.overflowed() {
            Err(ProviderError::Garbage)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(dialect: Dialect, data: &str) -> Vec<ProviderEvent> {
        let event = Event {
            name: "message".to_owned(),
            data: data.to_owned(),
            last_event_id: String::new(),
        };
        let mut out = VecDeque::new();
        translate(dialect, &event, &mut out).unwrap();
        out.into()
    }

    #[test]
    fn error_events_of_every_dialect_are_failures_without_the_upstream_s_words() {
        let failed = ProviderError::Failed { status: 200 };
        let limited = ProviderError::RateLimited { retry_after: None };
        let overloaded = ProviderError::Overloaded { retry_after: None };
        for (dialect, data, expected) in [
            (
                Dialect::Responses,
                r#"{"type":"error","code":"server_error","message":"sk-1"}"#,
                &failed,
            ),
            (
                Dialect::Responses,
                r#"{"type":"response.failed","response":{"error":{"code":"rate_limit_exceeded","message":"x"}}}"#,
                &limited,
            ),
            (
                Dialect::ChatCompletions,
                r#"{"error":{"message":"out of memory","code":500}}"#,
                &ProviderError::Failed { status: 500 },
            ),
            (
                Dialect::Messages,
                r#"{"type":"error","error":{"type":"overloaded_error","message":"x"}}"#,
                &overloaded,
            ),
            (
                Dialect::Messages,
                r#"{"type":"error","error":{"type":"rate_limit_error","message":"x"}}"#,
                &limited,
            ),
            (
                Dialect::Gemini,
                r#"{"error":{"code":503,"message":"x","status":"UNAVAILABLE"}}"#,
                &overloaded,
            ),
            (
                Dialect::Gemini,
                r#"{"error":{"code":429,"message":"x","status":"RESOURCE_EXHAUSTED"}}"#,
                &limited,
            ),
            (
                Dialect::ChatCompletions,
                r#"{"error":{"message":"x","type":"None","param":"None","code":"429"}}"#,
                &limited,
            ),
            (
                Dialect::Responses,
                r#"{"type":"error","error":{"type":"invalid_request_error","code":"context_length_exceeded","message":"x"}}"#,
                &ProviderError::TooLarge,
            ),
            (
                Dialect::Gemini,
                r#"{"promptFeedback":{"blockReason":"SAFETY"}}"#,
                &ProviderError::Filtered,
            ),
        ] {
            assert_eq!(
                translated(dialect, data),
                [ProviderEvent::Failed(expected.clone())],
                "{data}"
            );
        }
    }

    #[test]
    fn events_that_are_not_text_are_passed_over() {
        for (dialect, data) in [
            (
                Dialect::Responses,
                r#"{"type":"response.reasoning_summary_text.delta","delta":"hm"}"#,
            ),
            (
                Dialect::ChatCompletions,
                r#"{"choices":[{"delta":{"reasoning_content":"hm"}}]}"#,
            ),
            (
                Dialect::Messages,
                r#"{"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"hm"}}"#,
            ),
            (Dialect::Messages, r#"{"type":"something_new"}"#),
            (
                Dialect::Gemini,
                r#"{"candidates":[{"content":{"parts":[{"text":"hm","thought":true}]}}]}"#,
            ),
            (Dialect::Gemini, "[]"),
        ] {
            assert_eq!(translated(dialect, data), [], "{data}");
        }
    }
}
