//! A message as it may be put to a model: checked, with its pictures and the turns before it.

use std::sync::Arc;

use aicon_protocol::ai::ChatRequest;
use aicon_protocol::id::{ClientId, FileId, ResponseId};

use super::clients::Client;
use super::identity::Caller;
use super::{ServiceError, allowance, history};
use crate::app::App;
use crate::provider::{ModelRequest, Provider, Resolved, Role, Turn, UnknownModel};

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
    let unknown = |id: &ClientId| ServiceError::UnknownClient(id.clone());
    let client = match &caller.client {
        Some(id) => Some(app.clients.get(id).ok_or_else(|| unknown(id))?),
        None => None,
    };
    let Resolved { provider, model } = resolve(app, client.as_deref(), request.model.as_deref())?;
    let files: Vec<_> = request
        .file_id
        .into_iter()
        .chain(request.file_ids)
        .collect();
    let limit = app.settings.limits.images_per_message;
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
        client,
        provider,
        files,
        message,
        previous,
        request: ModelRequest { model, turns },
    })
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
