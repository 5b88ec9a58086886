//! `POST /auth/token`: trades a code or a refresh token at AICON, adding the secret that no bundle should hold.

use std::sync::Arc;
use std::time::Duration;

use aicon_protocol::aicon::{ExchangeRequest, TOKEN_PATH};
use reqwest::Client;
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value};

use super::ServiceError;
use super::clients::{self, Clients};
use crate::config::{Origin, Settings};

/// Fields of AICON's answer that are passed on; its lifetime has three spellings (`aicon.md` 3.3).
const PASSED_ON: [&str; 5] = [
    "access_token",
    "refresh_token",
    "token_type",
    "expires_in",
    "expired_in",
];

/// The login exchange.
#[derive(Debug)]
pub struct Exchange {
    client: Client,
    endpoint: Option<String>,
    clients: Arc<Clients>,
    origins: Vec<Origin>,
    authorization_grant_type: String,
    refresh_grant_type: String,
    timeout: Duration,
}

impl Exchange {
    /// By the configuration.
    pub fn new(settings: &Settings, client: Client, clients: Arc<Clients>) -> Self {
        let aicon = &settings.aicon;
        let base = aicon
            .api_endpoint
            .as_ref()
            .map(|url| url.as_str().trim_end_matches('/').to_owned());
        Self {
            client,
            endpoint: base.map(|base| format!("{base}{TOKEN_PATH}")),
            clients,
            origins: settings.cors.origins.clone(),
            authorization_grant_type: aicon.authorization_grant_type.clone(),
            refresh_grant_type: aicon.refresh_grant_type.clone(),
            timeout: settings.timeouts.aicon,
        }
    }

    /// AICON's token answer. `own` is the server's own origin, where the request comes from a page that it hosts.
    ///
    /// # Errors
    /// Not configured, a client or redirect URI that is not ours, AICON's refusal, or AICON does not answer.
    pub async fn exchange(
        &self,
        request: &ExchangeRequest,
        own: Option<&str>,
    ) -> Result<Map<String, Value>, ServiceError> {
        let endpoint = self
            .endpoint
            .as_deref()
            .filter(|_| self.clients.is_any_usable());
        let endpoint = endpoint.ok_or(ServiceError::ExchangeNotConfigured)?;
        let id = match request {
            ExchangeRequest::AuthorizationCode { client_id, .. }
            | ExchangeRequest::RefreshToken { client_id, .. } => client_id,
        };
        let owner = self.clients.get(id);
        let owner = owner.ok_or(ServiceError::Forbidden("the client is not ours"))?;
        let form = self.form(&owner, request, own)?;
        let sending = self
            .client
            .post(endpoint)
            .form(&form)
            .timeout(self.timeout)
            .send();
        let response = sending
            .await
            .map_err(|_| ServiceError::AiconUnavailable("no answer"))?;
        let status = response.status();
        if status.is_client_error() {
            return Err(ServiceError::InvalidGrant);
        }
        if !status.is_success() {
            return Err(ServiceError::AiconUnavailable("unexpected status"));
        }
        let unreadable = ServiceError::AiconUnavailable("unreadable token answer");
        let Ok(mut answer) = response.json::<Map<String, Value>>().await else {
            return Err(unreadable);
        };
        if !answer.get("access_token").is_some_and(Value::is_string) {
            return Err(unreadable);
        }
        answer.retain(|field, _| PASSED_ON.contains(&field.as_str()));
        Ok(answer)
    }

    fn form<'a>(
        &'a self,
        owner: &'a clients::Client,
        request: &'a ExchangeRequest,
        own: Option<&str>,
    ) -> Result<Vec<(&'static str, &'a str)>, ServiceError> {
        match request {
            ExchangeRequest::AuthorizationCode {
                code,
                redirect_uri,
                code_verifier,
                ..
            } => {
                let mut allowed = self.origins.iter().map(Origin::as_str).chain(own);
                if !allowed.any(|origin| origin == redirect_uri) {
                    return Err(ServiceError::Forbidden(
                        "the redirect URI is no allowed origin",
                    ));
                }
                let mut form = client_fields(owner, &self.authorization_grant_type)?;
                form.extend([("code", code.as_str()), ("redirect_uri", redirect_uri)]);
                form.extend(
                    code_verifier
                        .as_deref()
                        .map(|verifier| ("code_verifier", verifier)),
                );
                Ok(form)
            }
            ExchangeRequest::RefreshToken { refresh_token, .. } => {
                let mut form = client_fields(owner, &self.refresh_grant_type)?;
                form.push(("refresh_token", refresh_token));
                Ok(form)
            }
        }
    }
}

fn client_fields<'a>(
    owner: &'a clients::Client,
    grant_type: &'a str,
) -> Result<Vec<(&'static str, &'a str)>, ServiceError> {
    let Ok(secret) = &owner.secret else {
        return Err(ServiceError::ExchangeNotConfigured);
    };
    Ok(vec![
        ("client_id", owner.id.as_str()),
        ("client_secret", secret.expose_secret()),
        ("grant_type", grant_type),
    ])
}
