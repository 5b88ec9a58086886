//! The clients: which models of AICON's the server answers for, with their secrets and prices. Those of the
//! configuration and those that `aicon-backend client` keeps in the database.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aicon_protocol::id::ClientId;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::secret::{SecretError, StoredSecret, read};
use crate::config::{AuthMode, Settings};
use crate::store::{ClientRow, Store, StoreError};
use crate::usage::{ContentLimit, PriceRule};

/// How soon a change made on the command line, or in a secret's file, reaches a running server.
pub const REFRESH: Duration = Duration::from_secs(5);

/// A client, ready for use.
#[derive(Debug)]
pub struct Client {
    /// AICON's ID of the model.
    pub id: ClientId,
    /// Its secret, or why there is none to be had.
    pub secret: Result<SecretString, SecretError>,
    /// What it may do and what it costs.
    pub terms: Terms,
}

/// What a client may do and what it costs, as its row keeps it (JSON).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What a use costs.
    #[serde(default)]
    pub price: PriceRule,
    /// How much of prompt and answer AICON is sent.
    #[serde(default)]
    pub content: ContentLimit,
    /// The models that its callers may use; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<Vec<String>>,
}

/// All clients, refreshed every few seconds.
#[derive(Debug)]
pub struct Clients {
    settings: Arc<Settings>,
    store: Store,
    known: RwLock<Arc<Known>>,
}

#[derive(Debug, Default)]
struct Known {
    clients: BTreeMap<ClientId, Arc<Client>>,
    problems: BTreeSet<String>,
}

impl Client {
    /// Whether its callers may use the model.
    pub fn allows(&self, model: &str) -> bool {
        let models = self.terms.models.as_ref();
        models.is_none_or(|models| models.iter().any(|allowed| allowed == model))
    }
}

impl Clients {
    /// Reads them for the first time.
    ///
    /// # Errors
    /// The database does not answer. A client without a usable secret is no error: it is told in the log.
    pub async fn open(settings: Arc<Settings>, store: Store) -> Result<Self, StoreError> {
        let clients = Self {
            settings,
            store,
            known: RwLock::default(),
        };
        clients.refresh().await?;
        clients.warn_of_nobody();
        Ok(clients)
    }

    /// The client, if the server answers for it.
    pub fn get(&self, id: &ClientId) -> Option<Arc<Client>> {
        self.known().clients.get(id).cloned()
    }

    /// Whose uses those are of callers that say nothing of a client: the one of `aicon.client_id`, or the only one.
    pub fn only(&self) -> Option<Arc<Client>> {
        let known = self.known();
        if let Some(id) = &self.settings.aicon.client_id {
            return known.clients.get(&ClientId::new(id)).cloned();
        }
        let mut clients = known.clients.values();
        let first = clients.next().cloned();
        first.filter(|_| clients.next().is_none())
    }

    /// Whether any client has a secret, which the login exchange needs.
    pub fn is_any_usable(&self) -> bool {
        let known = self.known();
        known.clients.values().any(|client| client.secret.is_ok())
    }

    /// Reads them again.
    ///
    /// # Errors
    /// The database does not answer; what was known stays.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let rows = self.store.client_rows().await?;
        let mut found = Known::default();
        for client in self.settings.aicon.all_clients() {
            let terms = Terms {
                price: client.price.clone(),
                content: client.content,
                models: client.models.clone(),
            };
            let secret = read(client.source()).await;
            found.add(ClientId::new(client.id), secret, terms);
        }
        for row in rows {
            self.add_row(&mut found, row).await;
        }
        if self.settings.aicon.api_endpoint.is_none() && !found.clients.is_empty() {
            found.problems.insert(
                "uses are kept, none is reported to AICON: key `aicon.api_endpoint` (AICON_API_ENDPOINT) is not set"
                    .to_owned(),
            );
        }
        let found = Arc::new(found);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *known, found.clone());
        drop(known);
        for problem in found.problems.difference(&before.problems) {
            tracing::warn!("{problem}");
        }
        if !before.problems.is_empty() && found.problems.is_empty() {
            tracing::info!("all clients have what they need");
        }
        Ok(())
    }

    /// Reads them again every [`REFRESH`], for ever.
    pub async fn refresh_forever(&self) {
        let mut is_failing = false;
        loop {
            tokio::time::sleep(REFRESH).await;
            match self.refresh().await {
                Ok(()) => is_failing = false,
                Err(error) if !is_failing => {
                    is_failing = true;
                    tracing::error!(%error, "failed to refresh the clients, those known stay");
                }
                Err(_) => {}
            }
        }
    }

    async fn add_row(&self, found: &mut Known, row: ClientRow) {
        let id = row.id;
        if found.clients.contains_key(&id) {
            found.problems.insert(format!(
                "client `{id}` is both in the configuration and in the database: the configuration counts"
            ));
            return;
        }
        match serde_json::from_str::<Terms>(&row.settings) {
            Ok(terms) => {
                let secret = StoredSecret::parse(&row.secret);
                let secret = secret.open(&self.settings, &id).await;
                found.add(id, secret, terms);
            }
            Err(error) => {
                found.problems.insert(format!(
                    "client `{id}` is not served: failed to read its settings: {error}"
                ));
            }
        }
    }

    fn warn_of_nobody(&self) {
        let is_anybody = match self.settings.auth.mode {
            AuthMode::Aicon => !self.known().clients.is_empty(),
            AuthMode::None | AuthMode::ApiKey => self.only().is_some(),
        };
        if is_anybody {
            return;
        }
        match self.settings.auth.mode {
            AuthMode::Aicon => tracing::warn!(
                "no client is known: every call is refused until there is one (key `aicon.client_id`, or `aicon-backend client add`)"
            ),
            AuthMode::None | AuthMode::ApiKey => tracing::warn!(
                "no client is known: uses are stored but not reported to AICON (key `aicon.client_id`, or `aicon-backend client add`)"
            ),
        }
    }

    fn known(&self) -> Arc<Known> {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Known {
    fn add(&mut self, id: ClientId, secret: Result<SecretString, SecretError>, terms: Terms) {
        if let Err(error) = &secret {
            self.problems.insert(format!(
                "client `{id}` has no usable secret, its uses wait to be reported: {error}"
            ));
        }
        let client = Client {
            id: id.clone(),
            secret,
            terms,
        };
        self.clients.insert(id, Arc::new(client));
    }
}
