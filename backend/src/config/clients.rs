//! The clients that the configuration names.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::check::CheckError;
use super::settings::{AiconSettings, hidden};
use crate::usage::{ContentLimit, PriceRule};

/// See [`AiconSettings::clients`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSettings {
    /// Client ID.
    pub id: String,
    /// Client secret.
    #[serde(default, serialize_with = "hidden")]
    pub secret: Option<SecretString>,
    /// A file with the client secret, read again every few seconds.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// The environment variable with the client secret.
    #[serde(default)]
    pub secret_env: Option<String>,
    /// What a use costs.
    #[serde(default)]
    pub price: PriceRule,
    /// How much of prompt and answer AICON is sent: `whole`, `off` or a number of characters of each.
    #[serde(default)]
    pub content: ContentLimit,
    /// Which of the server's models callers through the client may use; absent: all.
    #[serde(default)]
    pub models: Option<Vec<String>>,
}

/// Where a client secret is.
#[derive(Clone, Debug)]
pub enum SecretSource {
    /// Here.
    Given(SecretString),
    /// In a file; line ends around it do not count.
    File(PathBuf),
    /// In an environment variable.
    Environment(String),
    /// Nobody said.
    Nowhere,
}

impl ClientSettings {
    /// Where the secret is.
    pub fn source(&self) -> SecretSource {
        if let Some(secret) = &self.secret {
            SecretSource::Given(secret.clone())
        } else if let Some(path) = &self.secret_file {
            SecretSource::File(path.clone())
        } else if let Some(name) = &self.secret_env {
            SecretSource::Environment(name.clone())
        } else {
            SecretSource::Nowhere
        }
    }
}

impl AiconSettings {
    /// Where uses are reported to; absent without AICON's endpoint.
    pub fn record_usage_url(&self) -> Option<String> {
        let base = self.api_endpoint.as_ref()?.as_str();
        let base = base.trim_end_matches('/');
        Some(format!("{base}{}", self.record_usage_path))
    }

    /// All clients of the configuration, the one of `client_id` first.
    pub fn all_clients(&self) -> Vec<ClientSettings> {
        let first = self.client_id.clone().map(|id| ClientSettings {
            id,
            secret: self.client_secret.clone(),
            secret_file: self.client_secret_file.clone(),
            secret_env: None,
            price: self.price.clone(),
            content: self.content,
            models: self.models.clone(),
        });
        first
            .into_iter()
            .chain(self.clients.iter().cloned())
            .collect()
    }
}

pub(super) fn check(aicon: &AiconSettings) -> Result<(), CheckError> {
    if !aicon.record_usage_path.starts_with('/') {
        return Err(CheckError::Path {
            key: "aicon.record_usage_path",
            found: aicon.record_usage_path.clone(),
        });
    }
    let clients = aicon.all_clients();
    for (place, client) in clients.iter().enumerate() {
        if let Some((key, problem)) = problem(client, &clients[..place]) {
            let id = client.id.clone();
            return Err(CheckError::Client { key, id, problem });
        }
    }
    Ok(())
}

fn problem(
    client: &ClientSettings,
    before: &[ClientSettings],
) -> Option<(&'static str, &'static str)> {
    let secrets = [
        client.secret.is_some(),
        client.secret_file.is_some(),
        client.secret_env.is_some(),
    ];
    if secrets.into_iter().filter(|&is_set| is_set).count() > 1 {
        Some((
            "secret",
            "expected one of the secret itself, its file and its environment variable",
        ))
    } else if client.id.trim().is_empty() {
        Some(("id", "found nothing, expected AICON's client ID"))
    } else if client.models.as_ref().is_some_and(Vec::is_empty) {
        Some((
            "models",
            "found none, expected at least one, or no such key",
        ))
    } else if before.iter().any(|other| other.id == client.id) {
        Some(("id", "expected each client once"))
    } else {
        None
    }
}
