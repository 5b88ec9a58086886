//! An upstream's bytes as provider events: decoded, translated, and ended for good or ill.

use std::collections::VecDeque;
use std::time::Duration;

use aicon_protocol::sse::{Decoder, Event};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use serde_json::Value;

use super::error::{ProviderError, TimeoutKind};
use super::{ProviderEvent, ProviderStream, chat_completions, gemini, messages, responses};
use crate::config::Dialect;

/// Bytes decoded at once: a fast upstream's chunk would be hundreds of events that wait for a slow client.
const STEP_BYTES: usize = 4096;

/// A body on its way; an error is its connection's end.
pub(super) type Chunks = BoxStream<'static, Result<Bytes, ()>>;

/// Reads the body to the answer's end, which always comes: [`ProviderEvent::End`], [`ProviderEvent::Failed`] or an error.
pub(super) fn stream(dialect: Dialect, idle: Duration, chunks: Chunks) -> ProviderStream {
    let reader = Reader {
        chunks,
        rest: Bytes::new(),
        decoder: Decoder::new(),
        dialect,
        idle,
        ready: VecDeque::new(),
        cut: None,
        finished: false,
        has_text: false,
        over: false,
    };
    stream::unfold(reader, |mut reader| async {
        reader.next().await.map(|event| (event, reader))
    })
    .boxed()
}

struct Reader {
    chunks: Chunks,
    /// What came of the stream and is not decoded.
    rest: Bytes,
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

    /// Fills `ready` from what came, or from the next chunk.
    async fn read(&mut self) -> Result<(), ProviderError> {
        if self.rest.is_empty() {
            let chunk = tokio::time::timeout(self.idle, self.chunks.next())
                .await
                .map_err(|_| ProviderError::Timeout(TimeoutKind::Idle))?;
            match chunk {
                None | Some(Err(())) if self.finished => self.ready.push_back(ProviderEvent::End),
                None | Some(Err(())) => return Err(ProviderError::Broken),
                Some(Ok(bytes)) => self.rest = bytes,
            }
        }
        let step = self.rest.len().min(STEP_BYTES);
        self.decoder.push(&self.rest.split_to(step));
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
