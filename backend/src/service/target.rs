//! Whom a request is put to: a definition, its LLM and who answers for that, as far as the caller's client may use them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ServiceError;
use super::clients::Client;
use super::identity::Caller;
use crate::app::App;
use crate::models::{Definition, Sort};
use crate::provider::{Provider, Resolved, UnknownModel};

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) client: Option<Arc<Client>>,
    pub(super) definition: Option<Arc<Definition>>,
    pub(super) provider: Provider,
    pub(super) model: String,
}

impl Target {
    /// Of a message: the conversation's definition that `name` names or that the client gets, else the LLM of that name.
    ///
    /// # Errors
    /// The client is not known (any more), or may not use that model.
    pub(super) fn of_chat(
        app: &App,
        caller: &Caller,
        name: Option<&str>,
    ) -> Result<Self, ServiceError> {
        let client = client(app, caller)?;
        let name = given(name);
        match app
            .catalog
            .pick(Some(Sort::Chat), caller.client.as_ref(), name)
        {
            Some(definition) => Self::of_definition(app, client, definition),
            None => {
                let resolved = resolve(app, client.as_deref(), name);
                let Resolved { provider, model } = resolved.map_err(|mut unknown| {
                    let usable = app.catalog.usable(Some(Sort::Chat), caller.client.as_ref());
                    let names = usable.into_iter().map(|definition| definition.name.clone());
                    unknown.supported.splice(0..0, names);
                    unknown
                })?;
                Ok(Self {
                    client,
                    definition: None,
                    provider,
                    model,
                })
            }
        }
    }

    /// Of a form. A server without any has none to answer.
    ///
    /// # Errors
    /// No such definition, or see [`Target::of_chat`].
    pub(super) fn of_form(
        app: &App,
        caller: &Caller,
        name: Option<&str>,
    ) -> Result<Self, ServiceError> {
        let client = client(app, caller)?;
        let (sort, id, name) = (Some(Sort::MultiInput), caller.client.as_ref(), given(name));
        match (app.catalog.pick(sort, id, name), name) {
            (Some(definition), _) => Self::of_definition(app, client, definition),
            (None, None) => Err(ServiceError::NoDefinition),
            (None, Some(name)) => {
                let usable = app.catalog.usable(sort, id).into_iter();
                Err(UnknownModel {
                    model: name.to_owned(),
                    supported: usable.map(|definition| definition.name.clone()).collect(),
                }
                .into())
            }
        }
    }

    /// What the LLM is told before everything else. A conversation's has no inputs to fill in.
    pub(super) fn system(&self) -> Result<Option<String>, ServiceError> {
        let system = self
            .definition
            .as_ref()
            .and_then(|definition| definition.system.as_ref());
        let filled = system.map(|system| system.fill(&BTreeMap::new()));
        Ok(filled.transpose()?)
    }

    fn of_definition(
        app: &App,
        client: Option<Arc<Client>>,
        definition: Arc<Definition>,
    ) -> Result<Self, ServiceError> {
        let named =
            |client: &Arc<Client>| definition.clients.iter().any(|id| id == client.id.as_str());
        let is_its = client
            .as_ref()
            .is_some_and(|client| named(client) || client.allows(&definition.name));
        let Resolved { provider, model } = match (&definition.llm, is_its) {
            (llm, true) => app.registry.resolve(llm.as_deref())?,
            (llm, false) => resolve(app, client.as_deref(), llm.as_deref())?,
        };
        Ok(Self {
            client,
            definition: Some(definition),
            provider,
            model,
        })
    }
}

fn client(app: &App, caller: &Caller) -> Result<Option<Arc<Client>>, ServiceError> {
    let known = |id| {
        let client = app.clients.get(id);
        client.ok_or_else(|| ServiceError::UnknownClient(id.clone()))
    };
    caller.client.as_ref().map(known).transpose()
}

/// A name that is not blank.
fn given(name: Option<&str>) -> Option<&str> {
    name.map(str::trim).filter(|name| !name.is_empty())
}

/// The model that is named, or the client's default, if the client may use it.
fn resolve(
    app: &App,
    client: Option<&Client>,
    model: Option<&str>,
) -> Result<Resolved, UnknownModel> {
    let named = model;
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
