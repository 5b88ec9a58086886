//! An answer's events as the bytes of `/ai/chat` (`ai-api.md` 2).

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use aicon_protocol::event::{CompletedResponse, CreatedResponse, StreamEvent};
use aicon_protocol::id::ResponseId;
use aicon_protocol::sse;
use axum::body::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _};

use crate::service::chat::AnswerEvent;
use crate::silence::Silence;
use crate::turn::Turn;

/// Bytes after which no further event is put into the same buffer, of which the connection writes up to 16 at once: a slow client's
/// share of the memory.
const WRITE_BYTES: usize = 512;

/// A stream whose writes follow each other faster waits for a turn of everybody else's before each: the client library hands over
/// one chunk at a time, and what it has by then costs no write of its own. So long at most does a delta wait.
const AHEAD: Duration = Duration::from_millis(1);

/// Room for a usual event.
const EVENT_BYTES: usize = 192;

/// What an answer's first and last event name.
pub(super) struct Head {
    pub(super) id: ResponseId,
    pub(super) model: String,
}

/// One event stream. Events that are ready together leave together, and none waits for another.
pub(super) struct Frames {
    head: Head,
    events: BoxStream<'static, AnswerEvent>,
    sequence_number: u64,
    silence: Silence,
    out: Vec<u8>,
    written: Option<Instant>,
    /// See [`AHEAD`].
    ahead: Duration,
    turn: Turn,
    /// Length of `out` when the turn began.
    gathered: usize,
    is_over: bool,
}

impl Frames {
    /// `keep_alive`: silence after which a comment is sent.
    pub(super) fn new(
        head: Head,
        events: BoxStream<'static, AnswerEvent>,
        keep_alive: Duration,
    ) -> Self {
        let mut out = Vec::new();
        let response = CreatedResponse { id: &head.id };
        encode(&StreamEvent::Created { response }, &mut out);
        Self {
            head,
            events,
            sequence_number: 0,
            silence: Silence::new(keep_alive),
            out,
            written: None,
            ahead: AHEAD,
            turn: Turn::new(),
            gathered: 0,
            is_over: false,
        }
    }

    fn write(&mut self, event: &AnswerEvent) {
        self.sequence_number += 1;
        let sequence_number = self.sequence_number;
        let event = match event {
            AnswerEvent::Delta(delta) => StreamEvent::Delta {
                delta,
                sequence_number,
            },
            AnswerEvent::Completed { content, usage } => {
                let Head { id, model } = &self.head;
                let response = CompletedResponse {
                    id,
                    model,
                    content,
                    usage: *usage,
                };
                StreamEvent::Completed {
                    sequence_number,
                    response,
                }
            }
            AnswerEvent::Failed(error) => StreamEvent::Error { error },
        };
        encode(&event, &mut self.out);
    }

    /// Ready when what is there is to be written, although more may come.
    fn poll_gather(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let is_ahead = self.written.is_some_and(|at| at.elapsed() < self.ahead);
            if !is_ahead {
                return Poll::Ready(());
            }
            if !self.turn.is_awaited() {
                self.gathered = self.out.len();
            }
            ready!(self.turn.poll(cx));
            if self.out.len() == self.gathered {
                return Poll::Ready(());
            }
        }
    }

    fn keep_alive(&mut self) {
        let mut comment = String::new();
        sse::encode_comment("keep-alive", &mut comment);
        self.out.extend_from_slice(comment.as_bytes());
    }
}

impl Stream for Frames {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let frames = self.get_mut();
        while !frames.is_over && frames.out.len() < WRITE_BYTES {
            match frames.events.poll_next_unpin(cx) {
                Poll::Ready(Some(event)) => frames.write(&event),
                Poll::Ready(None) => frames.is_over = true,
                Poll::Pending if !frames.out.is_empty() => {
                    ready!(frames.poll_gather(cx));
                    break;
                }
                Poll::Pending => {
                    ready!(frames.silence.poll(cx));
                    frames.keep_alive();
                }
            }
            frames.silence.end();
        }
        frames.written = Some(Instant::now());
        frames.turn.end();
        let out = std::mem::take(&mut frames.out);
        Poll::Ready((!out.is_empty()).then(|| Ok(out.into())))
    }
}

/// One event. JSON has no line ends of its own, so that one `data` line holds it.
fn encode(event: &StreamEvent<'_>, out: &mut Vec<u8>) {
    out.reserve(EVENT_BYTES);
    out.extend_from_slice(b"data: ");
    serde_json::to_writer(&mut *out, event)
        .expect("strings and numbers are JSON, a vector takes them");
    out.extend_from_slice(b"\n\n");
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use tokio::sync::mpsc;

    use super::*;

    const KEEP_ALIVE: Duration = Duration::from_secs(15);

    fn frames(events: BoxStream<'static, AnswerEvent>, keep_alive: Duration) -> Frames {
        let head = Head {
            id: ResponseId::new("resp_1"),
            model: "m".to_owned(),
        };
        Frames::new(head, events, keep_alive)
    }

    fn delta(text: &str) -> AnswerEvent {
        AnswerEvent::Delta(text.to_owned())
    }

    fn text(bytes: Option<Result<Bytes, Infallible>>) -> String {
        let Ok(bytes) = bytes.expect("the stream has ended");
        String::from_utf8(bytes.into()).unwrap()
    }

    #[tokio::test]
    async fn deltas_that_are_ready_together_leave_in_one_write() {
        let ready = ["a", "b\n", "c"].map(delta);
        let mut frames = frames(stream::iter(ready).boxed(), KEEP_ALIVE);
        assert_eq!(
            text(frames.next().await),
            "data: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\"}}\n\n\
             data: {\"type\":\"response.output_text.delta\",\"delta\":\"a\",\"sequence_number\":1}\n\n\
             data: {\"type\":\"response.output_text.delta\",\"delta\":\"b\\n\",\"sequence_number\":2}\n\n\
             data: {\"type\":\"response.output_text.delta\",\"delta\":\"c\",\"sequence_number\":3}\n\n"
        );
        assert!(frames.next().await.is_none());
    }

    #[tokio::test]
    async fn a_delta_does_not_wait_for_the_next_one() {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let events = stream::poll_fn(move |cx| receiver.poll_recv(cx));
        let mut frames = frames(events.boxed(), KEEP_ALIVE);
        assert!(text(frames.next().await).contains("response.created"));
        for number in ["1", "2", "3"] {
            sender.send(delta(number)).unwrap();
            let written = text(frames.next().await);
            assert!(
                written.contains(&format!("\"delta\":\"{number}\"")),
                "{written}"
            );
        }
    }

    /// Hands over one delta at a time from a task of its own, as the client library does.
    fn one_at_a_time() -> BoxStream<'static, AnswerEvent> {
        let (sender, mut receiver) = mpsc::channel(1);
        tokio::spawn(async move { while sender.send(delta("가")).await.is_ok() {} });
        stream::poll_fn(move |cx| receiver.poll_recv(cx)).boxed()
    }

    #[tokio::test]
    async fn what_a_fast_upstream_hands_over_one_at_a_time_leaves_together() {
        let mut frames = frames(one_at_a_time(), KEEP_ALIVE);
        // How fast it is is not known yet.
        _ = text(frames.next().await);
        frames.ahead = KEEP_ALIVE;
        let written = text(frames.next().await).len();
        assert!(
            (WRITE_BYTES..WRITE_BYTES + 512).contains(&written),
            "{written}"
        );
    }

    #[tokio::test]
    async fn a_slow_upstream_is_not_asked_again_before_a_write() {
        let mut frames = frames(one_at_a_time(), KEEP_ALIVE);
        frames.ahead = Duration::ZERO;
        assert!(text(frames.next().await).contains("response.created"));
        for _ in 0..3 {
            assert_eq!(text(frames.next().await).matches("output_text").count(), 1);
        }
    }

    #[tokio::test]
    async fn a_write_takes_no_more_events_than_it_has_room_for() {
        let endless = stream::repeat_with(|| delta(&"가".repeat(100)));
        let mut frames = frames(endless.boxed(), KEEP_ALIVE);
        for _ in 0..10 {
            let written = text(frames.next().await).len();
            assert!(
                (WRITE_BYTES..WRITE_BYTES + 512).contains(&written),
                "{written}"
            );
        }
    }

    #[tokio::test]
    async fn silence_is_filled_with_comments() {
        let mut frames = frames(stream::pending().boxed(), Duration::from_millis(1));
        assert!(text(frames.next().await).contains("response.created"));
        for _ in 0..3 {
            assert_eq!(text(frames.next().await), ": keep-alive\n\n");
        }
    }
}
