//! Rules between keys, and the providers as they will be called.

use secrecy::SecretString;
use url::Url;

use super::settings::{AuthMode, Dialect, ProviderSettings, Settings};

/// Keys that do not fit together. Every text names the key, its variable where there is one, and what is expected.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// A key that another one makes necessary.
    #[error("key `{key}` ({variable}) is not set, and `{needed_by}` needs it: expected {expected}")]
    Missing {
        /// The key.
        key: String,
        /// The environment variable that sets it.
        variable: &'static str,
        /// What needs it.
        needed_by: String,
        /// What to write.
        expected: &'static str,
    },
    /// A provider that nothing describes.
    #[error("key `{key}` names provider `{name}`: expected one of {expected}")]
    UnknownProvider {
        /// The key.
        key: String,
        /// What was found.
        name: String,
        /// The names there are.
        expected: String,
    },
    /// A number that would make the server useless.
    #[error("key `{key}` is 0: expected at least 1")]
    Zero {
        /// The key.
        key: &'static str,
    },
}

/// An upstream service that can be called.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Name on the wire.
    pub name: String,
    /// Which of the known services it is.
    pub kind: UpstreamKind,
    /// Wire format.
    pub dialect: Dialect,
    /// Base URL, no closing slash.
    pub base_url: Url,
    /// API key.
    pub api_key: Option<SecretString>,
    /// Models it is known to have.
    pub models: Vec<String>,
    /// Model when none is named.
    pub default_model: Option<String>,
    /// Whether it takes every model that no other provider claims.
    pub any_model: bool,
}

/// Services whose models are known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpstreamKind {
    /// `gpt-*`, `o1` and its kin, `chatgpt-*`.
    OpenAi,
    /// `claude-*`.
    Claude,
    /// `gemini-*`.
    Gemini,
    /// Models by configuration only.
    Named,
}

struct Known {
    kind: UpstreamKind,
    dialect: Dialect,
    base_url: &'static str,
    models: &'static [&'static str],
    variable: &'static str,
}

impl Settings {
    /// The upstreams that have what they need. A known service without a key is not among them.
    ///
    /// # Errors
    /// A provider entry that lacks its dialect or base URL.
    pub fn upstreams(&self) -> Result<Vec<Upstream>, CheckError> {
        let found: Result<Vec<_>, _> = self
            .providers
            .iter()
            .map(|(name, provider)| upstream(name, provider))
            .collect();
        Ok(found?.into_iter().flatten().collect())
    }

    /// All clients whose secret the server holds: ID and secret.
    pub fn clients(&self) -> Vec<(String, SecretString)> {
        let first = self
            .aicon
            .client_id
            .clone()
            .zip(self.aicon.client_secret.clone());
        let more = self
            .aicon
            .clients
            .iter()
            .map(|client| (client.id.clone(), client.secret.clone()));
        first.into_iter().chain(more).collect()
    }
}

pub(super) fn check(settings: &Settings) -> Result<(), CheckError> {
    check_auth(settings)?;
    let upstreams = settings.upstreams()?;
    let exists =
        |name: &str| name == "demo" || upstreams.iter().any(|upstream| upstream.name == name);
    for (key, name) in std::iter::once(("ai.provider".to_owned(), &settings.ai.provider)).chain(
        settings
            .models
            .iter()
            .map(|(model, name)| (format!("models.{model}"), name)),
    ) {
        if exists(name) {
            continue;
        }
        if let Some(known) = known(name) {
            return Err(CheckError::Missing {
                key: format!("providers.{name}.api_key"),
                variable: known.variable,
                needed_by: format!("{key} = {name}"),
                expected: "the service's API key",
            });
        }
        let names = std::iter::once("demo").chain(["openai", "claude", "gemini"]);
        let named = settings
            .providers
            .keys()
            .map(String::as_str)
            .filter(|name| known_names(name));
        let expected = names
            .chain(named)
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ");
        return Err(CheckError::UnknownProvider {
            key,
            name: name.clone(),
            expected,
        });
    }
    let default = upstreams
        .iter()
        .find(|upstream| upstream.name == settings.ai.provider);
    if settings.ai.model.is_none()
        && default.is_some_and(|upstream| upstream.default_model.is_none())
    {
        return Err(CheckError::Missing {
            key: "ai.model".to_owned(),
            variable: "AICON_DEFAULT_MODEL",
            needed_by: format!("ai.provider = {}", settings.ai.provider),
            expected: "a model of that provider",
        });
    }
    let limits = &settings.limits;
    for (key, zero) in [
        ("limits.body_bytes", limits.body_bytes == 0),
        ("limits.upload_bytes", limits.upload_bytes == 0),
        ("limits.image_pixels", limits.image_pixels == 0),
        (
            "timeouts.keep_alive",
            settings.timeouts.keep_alive.is_zero(),
        ),
    ] {
        if zero {
            return Err(CheckError::Zero { key });
        }
    }
    Ok(())
}

fn check_auth(settings: &Settings) -> Result<(), CheckError> {
    let missing = |key: &str, variable, expected| CheckError::Missing {
        key: key.to_owned(),
        variable,
        needed_by: format!(
            "auth.mode = {}",
            if settings.auth.mode == AuthMode::Aicon {
                "aicon"
            } else {
                "api-key"
            }
        ),
        expected,
    };
    match settings.auth.mode {
        AuthMode::None => Ok(()),
        AuthMode::ApiKey if settings.auth.api_key.is_none() => Err(missing(
            "auth.api_key",
            "AICON_API_KEY",
            "the key that clients send",
        )),
        AuthMode::ApiKey => Ok(()),
        AuthMode::Aicon if settings.aicon.api_endpoint.is_none() => Err(missing(
            "aicon.api_endpoint",
            "AICON_API_ENDPOINT",
            "a URL such as `https://api.aicon.or.kr/api`",
        )),
        AuthMode::Aicon
            if settings.aicon.client_id.is_none() && settings.aicon.clients.is_empty() =>
        {
            Err(missing(
                "aicon.client_id",
                "AICON_CLIENT_ID",
                "the client ID that AICON gave for the model",
            ))
        }
        AuthMode::Aicon => Ok(()),
    }
}

fn upstream(name: &str, settings: &ProviderSettings) -> Result<Option<Upstream>, CheckError> {
    let known = known(name);
    let own_base = settings.base_url.is_some();
    if known.is_some() && settings.api_key.is_none() && !own_base {
        return Ok(None);
    }
    let missing = |key: &str, expected| CheckError::Missing {
        key: format!("providers.{name}.{key}"),
        variable: "no variable",
        needed_by: format!("providers.{name}"),
        expected,
    };
    let kind = known
        .as_ref()
        .map_or(UpstreamKind::Named, |known| known.kind);
    let dialect = match (settings.dialect, &known) {
        (Some(dialect), _) => dialect,
        // Compatible servers speak Chat Completions, and few of them the Responses API.
        (None, Some(known)) if known.kind == UpstreamKind::OpenAi && own_base => {
            Dialect::ChatCompletions
        }
        (None, Some(known)) => known.dialect,
        (None, None) => {
            return Err(missing(
                "dialect",
                "`responses`, `chat-completions`, `messages` or `gemini`",
            ));
        }
    };
    let base_url = match (&settings.base_url, &known) {
        (Some(url), _) => url.clone(),
        (None, Some(known)) => Url::parse(known.base_url).expect("the known base URLs are URLs"),
        (None, None) => {
            return Err(missing(
                "base_url",
                "a URL such as `http://127.0.0.1:11434/v1`",
            ));
        }
    };
    let mut models = settings.models.clone();
    if let (true, false, Some(known)) = (models.is_empty(), own_base, &known) {
        models = known.models.iter().map(|&model| model.to_owned()).collect();
    }
    Ok(Some(Upstream {
        name: name.to_owned(),
        kind,
        dialect,
        base_url,
        api_key: settings.api_key.clone(),
        default_model: settings
            .default_model
            .clone()
            .or_else(|| models.first().cloned()),
        models,
        any_model: settings
            .any_model
            .unwrap_or(kind == UpstreamKind::OpenAi && own_base),
    }))
}

fn known_names(name: &str) -> bool {
    known(name).is_none()
}

fn known(name: &str) -> Option<Known> {
    let (kind, dialect, base_url, models, variable): (_, _, _, &'static [&'static str], _) =
        match name {
            "openai" => (
                UpstreamKind::OpenAi,
                Dialect::Responses,
                "https://api.openai.com/v1",
                &[
                    "gpt-5-mini",
                    "gpt-5",
                    "gpt-5-nano",
                    "gpt-5.1",
                    "gpt-4o",
                    "gpt-4o-mini",
                ],
                "OPENAI_API_KEY",
            ),
            "claude" => (
                UpstreamKind::Claude,
                Dialect::Messages,
                "https://api.anthropic.com",
                &["claude-haiku-4-5", "claude-3-5-sonnet"],
                "ANTHROPIC_API_KEY",
            ),
            "gemini" => (
                UpstreamKind::Gemini,
                Dialect::Gemini,
                "https://generativelanguage.googleapis.com/v1beta",
                &[
                    "gemini-2.5-flash",
                    "gemini-2.5-flash-lite",
                    "gemini-3-pro-preview",
                ],
                "GEMINI_API_KEY",
            ),
            _ => return None,
        };
    Some(Known {
        kind,
        dialect,
        base_url,
        models,
        variable,
    })
}
