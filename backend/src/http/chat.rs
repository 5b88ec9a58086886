//! `POST /ai/chat` (`ai-api.md` 2).

use std::convert::Infallible;
use std::time::Duration;

use aicon_protocol::ai::ChatRequest;
use aicon_protocol::event::{CompletedResponse, CreatedResponse, StreamEvent};
use aicon_protocol::id::ResponseId;
use aicon_protocol::sse;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt as _};

use super::body;
use super::caller::Caller;
use super::error::HttpError;
use crate::app::App;
use crate::metrics::Limit;
use crate::service::chat::{self, Answer, AnswerEvent, Reply};
use crate::service::idempotency::{self, StoredAnswer};

/// Answers with an event stream once the model has accepted the message.
///
/// # Errors
/// See [`chat::open`].
pub async fn post(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    request_body: Body,
) -> Result<Response, HttpError> {
    let request: ChatRequest = body::json(&app, &headers, request_body).await?;
    let key = headers.get("idempotency-key").map(HeaderValue::as_bytes);
    let idempotency = idempotency::of(key, &request)?;
    let slot = app.slots.take(&caller.user);
    let slot = slot.inspect_err(|_| app.metrics.refusal(Limit::Streams))?;
    let (head, events) = match chat::open(&app, &caller, slot, request, idempotency).await? {
        Reply::Answering(answer) => live(answer),
        Reply::Stored(answer) => stored(answer),
    };
    let body = Body::from_stream(frames(head, events, app.settings.timeouts.keep_alive));
    // `X-Accel-Buffering`: nginx would hold the deltas back.
    let headers = [
        (header::CONTENT_TYPE.as_str(), "text/event-stream"),
        ("x-accel-buffering", "no"),
    ];
    Ok((headers, body).into_response())
}

fn live(answer: Box<Answer>) -> (Head, BoxStream<'static, AnswerEvent>) {
    let head = Head {
        id: answer.id().clone(),
        model: answer.model().to_owned(),
    };
    // The answer's future stays inside this stream while the keep-alive timer wins: it is never dropped half way.
    let events = stream::unfold(answer, |mut answer| async move {
        answer.next().await.map(|event| (event, answer))
    });
    (head, events.boxed())
}

fn stored(answer: StoredAnswer) -> (Head, BoxStream<'static, AnswerEvent>) {
    let StoredAnswer { id, model, events } = answer;
    (Head { id, model }, stream::iter(events).boxed())
}

/// The stream's bytes, one frame for each event.
fn frames(
    head: Head,
    events: BoxStream<'static, AnswerEvent>,
    keep_alive: Duration,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    let created = frame(&StreamEvent::Created {
        response: CreatedResponse { id: &head.id },
    });
    let writer = Writer {
        head,
        events,
        sequence_number: 0,
        keep_alive,
    };
    let rest = stream::unfold(writer, |mut writer| async move {
        writer.next().await.map(|frame| (frame, writer))
    });
    stream::once(async move { created }).chain(rest).map(Ok)
}

struct Head {
    id: ResponseId,
    model: String,
}

struct Writer {
    head: Head,
    events: BoxStream<'static, AnswerEvent>,
    sequence_number: u64,
    keep_alive: Duration,
}

impl Writer {
    async fn next(&mut self) -> Option<Bytes> {
        match tokio::time::timeout(self.keep_alive, self.events.next()).await {
            Ok(event) => Some(self.write(&event?)),
            Err(_) => {
                let mut comment = String::new();
                sse::encode_comment("keep-alive", &mut comment);
                Some(comment.into())
            }
        }
    }

    fn write(&mut self, event: &AnswerEvent) -> Bytes {
        self.sequence_number += 1;
        let sequence_number = self.sequence_number;
        match event {
            AnswerEvent::Delta(delta) => frame(&StreamEvent::Delta {
                delta,
                sequence_number,
            }),
            AnswerEvent::Completed { content, usage } => {
                let Head { id, model } = &self.head;
                let response = CompletedResponse {
                    id,
                    model,
                    content,
                    usage: *usage,
                };
                frame(&StreamEvent::Completed {
                    sequence_number,
                    response,
                })
            }
            AnswerEvent::Failed(error) => frame(&StreamEvent::Error { error }),
        }
    }
}

fn frame(event: &StreamEvent<'_>) -> Bytes {
    let json = serde_json::to_string(event).expect("strings and numbers are JSON");
    let mut text = String::with_capacity(json.len() + 8);
    sse::encode_data(&json, &mut text);
    text.into()
}
