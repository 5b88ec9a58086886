//! A message as it may be put to a model: checked, with its pictures and the turns before it.

use std::sync::Arc;

use aicon_protocol::ai::ChatRequest;
use aicon_protocol::id::{FileId, ResponseId};

use super::clients::Client;
use super::field::FieldError;
use super::identity::Caller;
use super::target::Target;
use super::{ServiceError, allowance, history};
use crate::app::App;
use crate::models::{Definition, Kind};
use crate::provider::{ModelRequest, Provider, Role, Turn, Wanted};

/// A question that may be asked.
pub(super) struct Question {
    pub(super) client: Option<Arc<Client>>,
    pub(super) provider: Provider,
    pub(super) files: Vec<FileId>,
    pub(super) message: String,
    pub(super) previous: Option<ResponseId>,
    pub(super) request: ModelRequest,
}

/// Checks what is asked and loads what it refers to.
///
/// # Errors
/// The request, the model, the user's limits, or the store.
pub(super) async fn prepare(
    app: &App,
    caller: &Caller,
    request: ChatRequest,
) -> Result<Question, ServiceError> {
    let message = request.message.filter(|message| !message.trim().is_empty());
    let message = message.ok_or(ServiceError::MissingParam("message"))?;
    let user = &caller.user;
    let target = Target::of_chat(app, caller, request.model.as_deref())?;
    let files: Vec<_> = request
        .file_id
        .into_iter()
        .chain(request.file_ids)
        .collect();
    let own = target.definition.as_deref().map(limits);
    if let Some((_, max_text_length)) = own {
        FieldError::too_long("message", &message, max_text_length)?;
    }
    let limit = app.settings.limits.images_per_message;
    let limit = own.map_or(limit, |(max_files, _)| limit.min(max_files));
    if files.len() > limit {
        return Err(ServiceError::TooManyImages { limit });
    }
    allowance::check(app, user).await?;
    let images = history::images(app, user, &files).await?;
    let previous = request.previous_response_id;
    let mut turns = match &previous {
        Some(previous) => history::turns(app, user, previous).await?,
        None => Vec::new(),
    };
    turns.push(Turn {
        role: Role::User,
        text: message.clone(),
        images,
    });
    Ok(Question {
        request: ModelRequest {
            model: target.model.clone(),
            system: target.system()?,
            wanted: Wanted::Conversation,
            turns,
        },
        client: target.client,
        provider: target.provider,
        files,
        message,
        previous,
    })
}

/// Files and characters that a message to the definition may have.
fn limits(definition: &Definition) -> (usize, usize) {
    match &definition.kind {
        Kind::Chat {
            files,
            max_text_length,
            ..
        } => (files.max_files, *max_text_length),
        // Only conversations are talked to.
        Kind::MultiInput { .. } => (0, usize::MAX),
    }
}
