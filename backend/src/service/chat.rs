//! A message to a model, and its answer as it comes.

use aicon_protocol::ai::{ChatRequest, ErrorBody, Usage};
use aicon_protocol::id::ResponseId;
use futures_util::StreamExt as _;
use tokio::sync::watch;

use super::clients::Client;
use super::identity::Caller;
use super::ticket::Ticket;
use super::{ServiceError, history};
use crate::app::App;
use crate::id;
use crate::limits::StreamSlot;
use crate::provider::{
    ModelRequest, Provider, ProviderError, ProviderEvent, ProviderStream, Resolved, Role, Turn,
    UnknownModel,
};
use crate::store::{NewUse, UseKind};
use crate::usage::Ending;

/// An answer on its way. Dropping it stops the upstream and stores what there is.
pub struct Answer {
    id: ResponseId,
    model: String,
    ticket: Ticket,
    stream: ProviderStream,
    cut: watch::Receiver<bool>,
    over: bool,
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

/// Asks the model. When this returns, the upstream has accepted the question.
///
/// # Errors
/// Anything that is wrong before the first word: the request, the model, the store, the upstream's refusal.
pub async fn open(
    app: &App,
    caller: &Caller,
    slot: StreamSlot,
    request: ChatRequest,
) -> Result<Answer, ServiceError> {
    let message = request.message.filter(|message| !message.trim().is_empty());
    let message = message.ok_or(ServiceError::MissingParam("message"))?;
    let user = &caller.user;
    let client = match &caller.client {
        Some(id) => Some(
            app.clients
                .get(id)
                .ok_or_else(|| ServiceError::UnknownClient(id.clone()))?,
        ),
        None => None,
    };
    let resolved = resolve(app, client.as_deref(), request.model.as_deref())?;
    let files: Vec<_> = request
        .file_id
        .into_iter()
        .chain(request.file_ids)
        .collect();
    let limit = app.settings.limits.images_per_message;
    if files.len() > limit {
        return Err(ServiceError::TooManyImages { limit });
    }
    let images = history::images(app, user, &files).await?;
    let mut turns = match &request.previous_response_id {
        Some(previous) => history::turns(app, user, previous).await?,
        None => Vec::new(),
    };
    turns.push(Turn {
        role: Role::User,
        text: message.clone(),
        images,
    });
    let new = NewUse {
        id: id::response_id(),
        guid: id::usage_guid(),
        owner: user.clone(),
        client: caller.client.clone(),
        kind: UseKind::Chat,
        model: resolved.model.clone(),
        provider: resolved.provider.name().to_owned(),
        input: message,
        files,
        previous: request.previous_response_id,
        idempotency: None,
        started_at: app.clock.now(),
    };
    let id = new.id.clone();
    let model_request = ModelRequest {
        model: resolved.model,
        turns,
    };
    let ticket = Ticket::open(app, slot, new, client, &model_request).await?;
    ask(app, &resolved.provider, ticket, id, model_request).await
}

/// The model that is named, or the client's default, if the client may use it.
fn resolve(
    app: &App,
    client: Option<&Client>,
    model: Option<&str>,
) -> Result<Resolved, UnknownModel> {
    let named = model.map(str::trim).filter(|model| !model.is_empty());
    let resolved = app.registry.resolve(named)?;
    let Some(allowed) = client.and_then(|client| client.terms.models.as_ref()) else {
        return Ok(resolved);
    };
    if allowed.contains(&resolved.model) {
        return Ok(resolved);
    }
    match (named, allowed.first()) {
        (None, Some(first)) => app.registry.resolve(Some(first)),
        _ => Err(UnknownModel {
            model: resolved.model,
            supported: allowed.clone(),
        }),
    }
}

async fn ask(
    app: &App,
    provider: &Provider,
    mut ticket: Ticket,
    id: ResponseId,
    request: ModelRequest,
) -> Result<Answer, ServiceError> {
    match app.registry.open(provider, &request).await {
        Ok(stream) => Ok(Answer {
            id,
            model: request.model,
            ticket,
            stream,
            cut: app.cut.clone(),
            over: false,
        }),
        Err(error) => {
            tracing::warn!(response.id = %id, provider = provider.name(), %error, "upstream refused");
            let status = error.answered();
            ticket
                .close(Ending::Refused { status }, Some(&error.to_string()))
                .await?;
            Err(match error {
                ProviderError::UnknownModel => {
                    let mut supported = app.registry.supported();
                    supported.retain(|model| *model != request.model);
                    let model = request.model;
                    UnknownModel { model, supported }.into()
                }
                other => other.into(),
            })
        }
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
            let event = tokio::select! {
                biased;
                () = wait_for_cut(&mut self.cut) => return Some(self.fail(&ServiceError::Stopping).await),
                event = self.stream.next() => event,
            };
            match event {
                Some(Ok(ProviderEvent::Delta(delta))) => {
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
        let ending = match error {
            // What there is of it is good: it can be looked up and continued.
            ServiceError::Provider(ProviderError::CutShort) => Ending::LengthLimit,
            ServiceError::Provider(ProviderError::Timeout(_)) => Ending::BrokenOff { status: 504 },
            ServiceError::Stopping => Ending::BrokenOff { status: 503 },
            _ => Ending::BrokenOff { status: 502 },
        };
        if let Err(error) = self.ticket.close(ending, Some(&error.to_string())).await {
            tracing::error!(response.id = %self.id, %error, "failed to store an answer");
        }
        AnswerEvent::Failed(error.body())
    }
}

async fn wait_for_cut(cut: &mut watch::Receiver<bool>) {
    if cut.wait_for(|cut| *cut).await.is_err() {
        // The sender went first: nobody will cut.
        std::future::pending().await
    }
}
