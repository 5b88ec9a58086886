//! An LLM service that speaks OpenAI's Chat Completions, and whose answers the test writes piece by piece: what
//! happens in the middle of a stream is then in the test's hands and not in a delay's.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::UnboundedReceiverStream;

use crate::error::{Result, Timeout};
use crate::wait::until;

/// A running service. It answers one question at a time, the latest.
pub struct Upstream {
    /// For `OPENAI_BASE_URL`.
    pub base_url: String,
    answer: Arc<Mutex<Option<UnboundedSender<String>>>>,
}

impl Upstream {
    /// Starts a service on a free port; it lives as long as the test's runtime.
    ///
    /// # Errors
    ///
    /// When the machine has no port left.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base_url = format!("http://{}/v1", listener.local_addr()?);
        let answer = Arc::default();
        let router = Router::new()
            .route("/v1/chat/completions", post(complete))
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&answer));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { base_url, answer })
    }

    /// Waits until a question has come whose answer is not finished.
    ///
    /// # Errors
    ///
    /// When none comes.
    pub async fn wait_for_question(&self) -> Result<()> {
        until("a question to the upstream", async || {
            let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(answer
                .as_ref()
                .is_some_and(|answer| !answer.is_closed())
                .then_some(()))
        })
        .await
    }

    /// Writes a piece of the answer.
    ///
    /// # Errors
    ///
    /// When nobody listens any more.
    pub fn write(&self, text: &str) -> Result<()> {
        self.push(event(
            &json!([{ "index": 0, "delta": { "content": text }, "finish_reason": null }]),
            None,
        ))
    }

    /// Ends the answer as a service does.
    ///
    /// # Errors
    ///
    /// When nobody listens any more.
    pub fn finish(&self) -> Result<()> {
        self.push(event(
            &json!([{ "index": 0, "delta": {}, "finish_reason": "stop" }]),
            None,
        ))?;
        let usage = json!({ "prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8 });
        self.push(event(&json!([]), Some(usage)))?;
        self.push("data: [DONE]\n\n".to_owned())?;
        self.cut();
        Ok(())
    }

    /// Ends the connection as it is.
    pub fn cut(&self) {
        self.answer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }

    /// Whether whoever asked has gone away.
    pub fn is_abandoned(&self) -> bool {
        let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        answer.as_ref().is_none_or(UnboundedSender::is_closed)
    }

    fn push(&self, event: String) -> Result<()> {
        let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = answer
            .as_ref()
            .is_some_and(|answer| answer.send(event).is_ok());
        let gone = || Timeout {
            what: "a reader".to_owned(),
            last_seen: "the answer is not read".to_owned(),
        };
        Ok(sent.then_some(()).ok_or_else(gone)?)
    }
}

/// Reads the question to its end: a connection that is closed before that is reset, and what it still carried is lost.
async fn complete(
    State(answer): State<Arc<Mutex<Option<UnboundedSender<String>>>>>,
    _question: Bytes,
) -> Response {
    let (sender, receiver) = unbounded_channel();
    *answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
    let events = UnboundedReceiverStream::new(receiver).map(Ok::<_, std::convert::Infallible>);
    (
        [(header::CONTENT_TYPE, "text/event-stream")],
        Body::from_stream(events),
    )
        .into_response()
}

fn event(choices: &Value, usage: Option<Value>) -> String {
    let mut chunk = json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": "scripted", "choices": choices,
    });
    if let Some(usage) = usage {
        chunk["usage"] = usage;
    }
    format!("data: {chunk}\n\n")
}
