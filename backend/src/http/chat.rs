//! `POST /ai/chat` (`ai-api.md` 2).

use aicon_protocol::ai::ChatRequest;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};

use super::body;
use super::caller::Caller;
use super::error::HttpError;
use super::frames::{Frames, Head};
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
    let body = Body::from_stream(Frames::new(head, events, app.settings.timeouts.keep_alive));
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
