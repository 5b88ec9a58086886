//! A message to a model, and its answer as it comes.

use std::sync::Arc;
use std::time::Instant;

use aicon_protocol::ai::{ChatRequest, ErrorBody, Usage};
use aicon_protocol::id::ResponseId;
use futures_util::StreamExt as _;
use tokio::sync::watch;

use super::asking::{ending_of, refused, wait_for_cut};
use super::idempotency::StoredAnswer;
use super::identity::Caller;
use super::question::prepare;
use super::ticket::{Opening, Ticket, new_use};
use super::{ServiceError, idempotency};
use crate::app::App;
use crate::limits::StreamSlot;
use crate::metrics::Metrics;
use crate::provider::{ModelRequest, Provider, ProviderError, ProviderEvent, ProviderStream};
use crate::store::{Idempotency, NewUse, UseKind};
use crate::usage::Ending;

/// An answer on its way. Dropping it stops the upstream and stores what there is.
pub struct Answer {
    id: ResponseId,
    model: String,
    ticket: Ticket,
    stream: ProviderStream,
    cut: watch::Receiver<bool>,
    over: bool,
    provider: String,
    metrics: Arc<Metrics>,
}

/// What happens to an answer; the last one is [`AnswerEvent::Completed`] or [`AnswerEvent::Failed`].
#[derive(Clone, Debug, PartialEq)]
pub enum AnswerEvent {
    /// Text to append.
    Delta(String),
    /// Stored, whole.
    Completed {
        /// All deltas.
        content: String,
        /// What it cost.
        usage: Usage,
    },
    /// Broken off; what there was is stored.
    Failed(ErrorBody),
}

/// What becomes of a question.
pub enum Reply {
    /// The model answers it.
    Answering(Box<Answer>),
    /// An earlier try was answered.
    Stored(StoredAnswer),
}

/// Asks the model, unless an earlier try with the same idempotency key did. When this returns an answer on its way, the
/// upstream has accepted the question.
///
/// # Errors
/// Anything that is wrong before the first word: the request, the model, the user's limits, the store, the upstream's
/// refusal; an earlier try that asked something else or is being answered.
pub async fn open(
    app: &App,
    caller: &Caller,
    slot: StreamSlot,
    request: ChatRequest,
    idempotency: Option<Idempotency>,
) -> Result<Reply, ServiceError> {
    let question = match prepare(app, caller, request).await {
        Ok(question) => question,
        Err(refusal) if idempotency::may_have_come_since(&refusal) => {
            let earlier = idempotency::replay_instead(app, caller, idempotency.as_ref(), refusal);
            return earlier.await.map(Reply::Stored);
        }
        Err(refusal) => return Err(refusal),
    };
    let new = NewUse {
        files: question.files,
        previous: question.previous,
        ..new_use(
            app,
            caller,
            UseKind::Chat,
            &question.request.model,
            &question.provider,
            question.message,
            idempotency.clone(),
        )
    };
    let id = new.id.clone();
    let prompt = question.request.texts();
    match Ticket::open(app, slot, new, question.client, prompt).await? {
        Opening::Taken(earlier) => {
            idempotency::replay(*earlier, idempotency.as_ref()).map(Reply::Stored)
        }
        Opening::Ticket(ticket) => ask(app, &question.provider, *ticket, id, question.request)
            .await
            .map(|answer| Reply::Answering(Box::new(answer))),
    }
}

async fn ask(
    app: &App,
    provider: &Provider,
    mut ticket: Ticket,
    id: ResponseId,
    request: ModelRequest,
) -> Result<Answer, ServiceError> {
    let asked = Instant::now();
    let begin_flush = async {
        // By then the question is on its way, and the disk is waited for beside it.
        tokio::task::yield_now().await;
        ticket.begin_flush();
    };
    let opening = app.registry.open(provider, &request);
    let (opened, ()) = tokio::join!(opening, begin_flush);
    match opened {
        Ok(stream) => {
            app.metrics.first_byte(provider.name(), asked.elapsed());
            Ok(Answer {
                id,
                model: request.model,
                ticket,
                stream,
                cut: app.cut.clone(),
                over: false,
                provider: provider.name().to_owned(),
                metrics: app.metrics.clone(),
            })
        }
        Err(error) => Err(refused(app, provider, &mut ticket, request.model, error).await),
    }
}

impl Answer {
    /// The answer's ID.
    pub fn id(&self) -> &ResponseId {
        &self.id
    }

    /// The model that answers.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// What happens next; `None` after the last event.
    pub async fn next(&mut self) -> Option<AnswerEvent> {
        while !self.over {
            if *self.cut.borrow() {
                return Some(self.fail(&ServiceError::Stopping).await);
            }
            // To wait for the cut costs something, which what is there already need not pay.
            let event = tokio::select! {
                biased;
                event = self.stream.next() => event,
                () = wait_for_cut(&mut self.cut) => return Some(self.fail(&ServiceError::Stopping).await),
            };
            match event {
                Some(Ok(ProviderEvent::Delta(delta))) => {
                    if let Err(error) = self.ticket.flushed().await {
                        return Some(self.fail(&error.into()).await);
                    }
                    self.ticket.push(&delta);
                    return Some(AnswerEvent::Delta(delta));
                }
                Some(Ok(ProviderEvent::Usage { input, output })) => {
                    self.ticket.report(input, output)
                }
                Some(Ok(ProviderEvent::Finished(_))) => {}
                Some(Ok(ProviderEvent::End)) => return Some(self.complete().await),
                Some(Ok(ProviderEvent::Failed(error)) | Err(error)) => {
                    if error.has_whole_usage() {
                        self.ticket.usage_is_whole();
                    }
                    return Some(self.fail(&error.into()).await);
                }
                None => return Some(self.fail(&ProviderError::Broken.into()).await),
            }
        }
        None
    }

    /// The row first, the event second: an answer that the client holds as completed is stored.
    async fn complete(&mut self) -> AnswerEvent {
        self.over = true;
        match self.ticket.close(Ending::Completed, None).await {
            Ok(true) => AnswerEvent::Completed {
                content: self.ticket.content().to_owned(),
                usage: self.ticket.usage(),
            },
            Ok(false) => {
                tracing::error!(response.id = %self.id, "an answer was ended by another server");
                AnswerEvent::Failed(ServiceError::Lapsed.body())
            }
            Err(error) => {
                tracing::error!(response.id = %self.id, %error, "failed to store an answer");
                AnswerEvent::Failed(ServiceError::Store(error).body())
            }
        }
    }

    async fn fail(&mut self, error: &ServiceError) -> AnswerEvent {
        self.over = true;
        tracing::warn!(response.id = %self.id, %error, "answer broke off");
        if let ServiceError::Provider(error) = error {
            self.metrics.upstream_error(&self.provider, error.kind());
        }
        let ending = match error {
            // What there is of it is good: it can be looked up and continued.
            ServiceError::Provider(ProviderError::CutShort) => Ending::LengthLimit,
            other => ending_of(other),
        };
        if let Err(error) = self.ticket.close(ending, Some(&error.to_string())).await {
            tracing::error!(response.id = %self.id, %error, "failed to store an answer");
        }
        AnswerEvent::Failed(error.body())
    }
}
