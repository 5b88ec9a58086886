//! Who calls.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aicon_protocol::aicon::{Claims, USERINFO_PATH, UserInfo};
use aicon_protocol::id::{ClientId, UserId};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use moka::Expiry;
use moka::future::Cache;
use reqwest::Client;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::ServiceError;
use super::clients::Clients;
use crate::clock::Clock;
use crate::config::{AuthMode, Settings};

/// Tokens whose owner is remembered at the same time.
const CACHED_TOKENS: u64 = 10_000;

/// What a request brought along.
#[derive(Clone, Copy, Debug, Default)]
pub struct Credentials<'a> {
    /// Of `Authorization: Bearer`.
    pub bearer: Option<&'a str>,
    /// Of `X-Api-Key`.
    pub api_key: Option<&'a str>,
}

/// An identified caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Whose answers and files these are.
    pub user: UserId,
    /// The client to which AICON counts the caller's uses; absent where the server answers for none.
    pub client: Option<ClientId>,
}

/// Checks credentials by the configured mode.
#[derive(Debug)]
pub struct Authenticator {
    mode: Mode,
    clients: Arc<Clients>,
}

#[derive(Debug)]
enum Mode {
    None,
    ApiKey(SecretString),
    Aicon(Box<AiconMode>),
}

#[derive(Debug)]
struct AiconMode {
    client: Client,
    userinfo: String,
    timeout: Duration,
    cache_for: Duration,
    clock: Clock,
    known: Cache<[u8; 32], Known>,
}

#[derive(Clone, Debug)]
struct Known {
    info: UserInfo,
    lifetime: Duration,
}

#[derive(Clone, Debug)]
enum Refusal {
    Unauthorized,
    Unavailable(&'static str),
}

impl Authenticator {
    /// By the configuration, which has been checked for what its mode needs.
    pub fn new(settings: &Settings, client: Client, clients: Arc<Clients>, clock: Clock) -> Self {
        let mode = match (
            settings.auth.mode,
            &settings.auth.api_key,
            &settings.aicon.api_endpoint,
        ) {
            (AuthMode::ApiKey, Some(key), _) => Mode::ApiKey(key.clone()),
            (AuthMode::Aicon, _, Some(endpoint)) => Mode::Aicon(Box::new(AiconMode {
                client,
                userinfo: format!("{}{USERINFO_PATH}", endpoint.as_str().trim_end_matches('/')),
                timeout: settings.timeouts.aicon,
                cache_for: settings.auth.cache,
                clock,
                known: Cache::builder()
                    .max_capacity(CACHED_TOKENS)
                    .expire_after(ByLifetime)
                    .build(),
            })),
            _ => Mode::None,
        };
        Self { mode, clients }
    }

    /// The caller behind the credentials.
    ///
    /// # Errors
    /// None or wrong ones, a token of a client that the server does not answer for, or AICON does not answer.
    pub async fn identify(&self, credentials: Credentials<'_>) -> Result<Caller, ServiceError> {
        match &self.mode {
            Mode::None => Ok(self.local("local")),
            Mode::ApiKey(expected) => {
                let given = credentials
                    .api_key
                    .or(credentials.bearer)
                    .unwrap_or_default();
                if same_secret(given, expected.expose_secret()) {
                    Ok(self.local("api-key"))
                } else {
                    Err(ServiceError::Unauthorized)
                }
            }
            Mode::Aicon(aicon) => {
                let token = credentials.bearer.ok_or(ServiceError::Unauthorized)?;
                let UserInfo { user_id, client_id } = aicon.identify(token).await?;
                // Asked anew each time: a client may come or go while its callers' tokens are remembered.
                let client = self.clients.get(&client_id);
                let client = client.ok_or(ServiceError::UnknownClient(client_id))?;
                Ok(Caller {
                    user: user_id,
                    client: Some(client.id.clone()),
                })
            }
        }
    }

    fn local(&self, user: &str) -> Caller {
        Caller {
            user: UserId::new(user),
            client: self.clients.only().map(|client| client.id.clone()),
        }
    }
}

impl AiconMode {
    async fn identify(&self, token: &str) -> Result<UserInfo, ServiceError> {
        let known = self
            .known
            .try_get_with(digest(token), self.ask(token))
            .await;
        known
            .map(|known| known.info)
            .map_err(|refusal: Arc<Refusal>| match *refusal {
                Refusal::Unauthorized => ServiceError::Unauthorized,
                Refusal::Unavailable(why) => ServiceError::AiconUnavailable(why),
            })
    }

    async fn ask(&self, token: &str) -> Result<Known, Refusal> {
        let sending = self
            .client
            .get(&self.userinfo)
            .bearer_auth(token)
            .timeout(self.timeout)
            .send();
        let response = sending
            .await
            .map_err(|_| Refusal::Unavailable("no answer"))?;
        match response.status().as_u16() {
            200 => {}
            // 400 is AICON's word for a token that it cannot process (`aicon.md` 4).
            400 | 401 | 403 => return Err(Refusal::Unauthorized),
            _ => return Err(Refusal::Unavailable("unexpected status")),
        }
        let info: UserInfo = response
            .json()
            .await
            .map_err(|_| Refusal::Unavailable("unreadable user info"))?;
        Ok(Known {
            info,
            lifetime: lifetime(token, self.clock.now(), self.cache_for),
        })
    }
}

/// Entries live as long as they say.
#[derive(Debug)]
struct ByLifetime;

impl Expiry<[u8; 32], Known> for ByLifetime {
    fn expire_after_create(&self, _: &[u8; 32], known: &Known, _: Instant) -> Option<Duration> {
        Some(known.lifetime)
    }
}

/// How long AICON's word about a token holds: to the token's end, `longest` at most, not at all if its end is not known.
fn lifetime(token: &str, now_ms: i64, longest: Duration) -> Duration {
    let payload = token
        .split('.')
        .nth(1)
        .and_then(|part| URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok());
    let claims = payload.and_then(|json| serde_json::from_slice::<Claims>(&json).ok());
    let Some(exp) = claims.and_then(|claims| claims.exp) else {
        return Duration::ZERO;
    };
    let left = exp - now_ms as f64 / 1000.0;
    if left.is_finite() && left > 0.0 {
        longest.min(Duration::from_secs_f64(left.min(86_400.0)))
    } else {
        Duration::ZERO
    }
}

/// Whether both are the same, in a time that tells nothing about either.
pub(super) fn same_secret(given: &str, expected: &str) -> bool {
    // Digests have one length, so that the comparison tells nothing about the secret's.
    digest(given).ct_eq(&digest(expected)).into()
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_remembered_to_its_end_and_never_longer_than_allowed() {
        let token = |payload: &str| format!("h.{}.s", URL_SAFE_NO_PAD.encode(payload));
        let five = Duration::from_secs(300);
        assert_eq!(
            lifetime(&token(r#"{"exp":1100}"#), 1_000_000, five),
            Duration::from_secs(100)
        );
        assert_eq!(lifetime(&token(r#"{"exp":99999}"#), 1_000_000, five), five);
        assert_eq!(
            lifetime(&token(r#"{"exp":900}"#), 1_000_000, five),
            Duration::ZERO
        );
        assert_eq!(lifetime(&token("{}"), 1_000_000, five), Duration::ZERO);
        assert_eq!(lifetime("not a token", 1_000_000, five), Duration::ZERO);
    }
}
