//! An upstream's bytes as provider events: decoded, translated, and ended for good or ill.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use aicon_protocol::event::DONE_MARKER;
use aicon_protocol::sse::Decoder;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _};
use serde_json::Value;

use super::error::{ProviderError, TimeoutKind};
use super::{ProviderEvent, ProviderStream, chat_completions, gemini, messages, responses};
use crate::config::Dialect;
use crate::silence::Silence;

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
        silence: Silence::new(idle),
        ready: VecDeque::new(),
        cut: None,
        finished: false,
        has_text: false,
        over: false,
    };
    reader.boxed()
}

struct Reader {
    chunks: Chunks,
    /// What came of the stream and is not decoded.
    rest: Bytes,
    decoder: Decoder,
    dialect: Dialect,
    silence: Silence,
    ready: VecDeque<ProviderEvent>,
    cut: Option<ProviderError>,
    finished: bool,
    has_text: bool,
    over: bool,
}

impl Stream for Reader {
    type Item = Result<ProviderEvent, ProviderError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let reader = self.get_mut();
        loop {
            if reader.over {
                return Poll::Ready(None);
            }
            if let Some(event) = reader.ready.pop_front() {
                return Poll::Ready(Some(Ok(reader.tell(event))));
            }
            if let Err(error) = ready!(reader.poll_read(cx)) {
                reader.over = true;
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}

impl Reader {
    fn tell(&mut self, event: ProviderEvent) -> ProviderEvent {
        match &event {
            ProviderEvent::Delta(text) => self.has_text |= !text.is_empty(),
            ProviderEvent::Usage { .. } => {}
            ProviderEvent::Finished(cut) => {
                self.finished = true;
                self.cut.clone_from(cut);
            }
            ProviderEvent::End => return self.end(),
            ProviderEvent::Failed(_) => self.over = true,
        }
        event
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
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ProviderError>> {
        if self.rest.is_empty() {
            let Poll::Ready(chunk) = self.chunks.poll_next_unpin(cx) else {
                ready!(self.silence.poll(cx));
                return Poll::Ready(Err(ProviderError::Timeout(TimeoutKind::Idle)));
            };
            self.silence.end();
            match chunk {
                None | Some(Err(())) if self.finished => self.ready.push_back(ProviderEvent::End),
                None | Some(Err(())) => return Poll::Ready(Err(ProviderError::Broken)),
                Some(Ok(bytes)) => self.rest = bytes,
            }
        }
        Poll::Ready(self.decode())
    }

    fn decode(&mut self) -> Result<(), ProviderError> {
        let step = self.rest.split_to(self.rest.len().min(STEP_BYTES));
        let (dialect, ready) = (self.dialect, &mut self.ready);
        let mut is_broken = false;
        self.decoder.feed(&step, |event| {
            // What came before a broken event is the user's all the same.
            if !is_broken && let Err(error) = translate(dialect, event.data, ready) {
                is_broken = true;
                ready.push_back(ProviderEvent::Failed(error));
            }
        });
        if self.decoder.overflowed() && !is_broken {
            return Err(ProviderError::Garbage);
        }
        Ok(())
    }
}

fn translate(
    dialect: Dialect,
    data: &str,
    out: &mut VecDeque<ProviderEvent>,
) -> Result<(), ProviderError> {
    if let Some(text) = plain_delta(dialect, data) {
        out.push_back(ProviderEvent::Delta(text));
        return Ok(());
    }
    if data == DONE_MARKER {
        out.push_back(ProviderEvent::End);
        return Ok(());
    }
    let value: Value = serde_json::from_str(data).map_err(|_| ProviderError::Garbage)?;
    events(dialect, &value, out);
    Ok(())
}

/// The text of an event that says nothing else, as nearly all do: read without a tree of the rest. `None` for any that
/// has to be looked at closely.
fn plain_delta(dialect: Dialect, data: &str) -> Option<String> {
    match dialect {
        Dialect::Responses => responses::plain_delta(data),
        Dialect::ChatCompletions => chat_completions::plain_delta(data),
        Dialect::Messages => messages::plain_delta(data),
        Dialect::Gemini => None,
    }
}

fn events(dialect: Dialect, value: &Value, out: &mut VecDeque<ProviderEvent>) {
    match dialect {
        Dialect::Responses => responses::events(value, out),
        Dialect::ChatCompletions => chat_completions::events(value, out),
        Dialect::Messages => messages::events(value, out),
        Dialect::Gemini => gemini::events(value, out),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn translated(dialect: Dialect, data: &str) -> Vec<ProviderEvent> {
        let mut out = VecDeque::new();
        translate(dialect, data, &mut out).unwrap();
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

    /// Events as services write them, and as they do not.
    fn event() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            Just(json!(1)),
            Just(json!({})),
            Just(json!([])),
            "[a-z가-힣\"\\\\\n]{0,6}".prop_map(Value::from),
        ];
        let part = prop_oneof![
            scalar.clone(),
            scalar.clone().prop_map(|text| json!({ "content": text })),
            scalar.clone().prop_map(|text| json!({ "text": text })),
            (scalar.clone(), scalar.clone())
                .prop_map(|(text, refusal)| json!({ "content": text, "refusal": refusal })),
        ];
        let choice = (part.clone(), scalar.clone())
            .prop_map(|(delta, reason)| json!({ "delta": delta, "finish_reason": reason }));
        let kind = prop_oneof![
            Just(json!("response.output_text.delta")),
            Just(json!("response.refusal.delta")),
            Just(json!("content_block_delta")),
            scalar.clone(),
        ];
        let choices = proptest::collection::vec(choice, 0..3);
        (kind, part, choices, scalar.clone(), scalar).prop_map(
            |(kind, delta, choices, error, usage)| {
                json!({ "type": kind, "delta": delta, "choices": choices, "error": error, "usage": usage })
            },
        )
    }

    proptest! {
        #[test]
        fn a_plain_delta_is_what_a_close_look_would_have_found(event in event()) {
            for dialect in [Dialect::Responses, Dialect::ChatCompletions, Dialect::Messages] {
                if let Some(text) = plain_delta(dialect, &event.to_string()) {
                    let mut looked = VecDeque::new();
                    events(dialect, &event, &mut looked);
                    prop_assert_eq!(looked, [ProviderEvent::Delta(text)]);
                }
            }
        }
    }

    #[test]
    fn the_deltas_of_services_are_plain() {
        for (dialect, data) in [
            (
                Dialect::Responses,
                r#"{"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_1","delta":"안\n","logprobs":[],"obfuscation":"x"}"#,
            ),
            (
                Dialect::ChatCompletions,
                r#"{"id":"c","choices":[{"index":0,"delta":{"content":"안\n"},"logprobs":null,"finish_reason":null}],"usage":null}"#,
            ),
            (
                Dialect::ChatCompletions,
                r#"{"choices":[{"delta":{"role":"assistant","content":"안\n","refusal":null}}]}"#,
            ),
            (
                Dialect::Messages,
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"안\n"}}"#,
            ),
        ] {
            let text = plain_delta(dialect, data);
            assert_eq!(text.as_deref(), Some("안\n"), "{data}");
        }
    }
}
