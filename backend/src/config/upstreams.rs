//! The upstream services as they will be called.

use secrecy::SecretString;
use url::Url;

use super::check::CheckError;
use super::settings::{Dialect, ProviderSettings, Settings};

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
}

pub(super) struct Known {
    kind: UpstreamKind,
    dialect: Dialect,
    base_url: &'static str,
    models: &'static [&'static str],
    /// Sets its API key.
    pub(super) variable: &'static str,
}

fn upstream(name: &str, settings: &ProviderSettings) -> Result<Option<Upstream>, CheckError> {
    let known = known(name);
    let own_base = settings
        .base_url
        .as_ref()
        .is_some_and(|url| !is_home(url, known.as_ref()));
    if known.is_some() && settings.api_key.is_none() && !own_base {
        return Ok(None);
    }
    let kind = known
        .as_ref()
        .map_or(UpstreamKind::Named, |known| known.kind);
    let mut models = settings.models.clone();
    if let (true, false, Some(known)) = (models.is_empty(), own_base, &known) {
        models = known.models.iter().map(|&model| model.to_owned()).collect();
    }
    let default_model = settings.default_model.clone();
    let is_own_openai = kind == UpstreamKind::OpenAi && own_base;
    Ok(Some(Upstream {
        name: name.to_owned(),
        kind,
        dialect: dialect(name, settings, known.as_ref(), is_own_openai)?,
        base_url: base_url(name, settings, known.as_ref())?,
        api_key: settings.api_key.clone(),
        default_model: default_model.or_else(|| models.first().cloned()),
        models,
        any_model: settings.any_model.unwrap_or(is_own_openai),
    }))
}

fn dialect(
    name: &str,
    settings: &ProviderSettings,
    known: Option<&Known>,
    is_own_openai: bool,
) -> Result<Dialect, CheckError> {
    let expected = "`responses`, `chat-completions`, `messages` or `gemini`";
    match (settings.dialect, known) {
        (Some(dialect), _) => Ok(dialect),
        // Compatible servers speak Chat Completions, and few of them the Responses API.
        (None, Some(_)) if is_own_openai => Ok(Dialect::ChatCompletions),
        (None, Some(known)) => Ok(known.dialect),
        (None, None) => Err(missing(name, "dialect", expected)),
    }
}

fn base_url(
    name: &str,
    settings: &ProviderSettings,
    known: Option<&Known>,
) -> Result<Url, CheckError> {
    let expected = "a URL such as `http://127.0.0.1:11434/v1`";
    match (&settings.base_url, known) {
        (Some(url), _) => Ok(url.clone()),
        (None, Some(known)) => {
            Ok(Url::parse(known.base_url).expect("the known base URLs are URLs"))
        }
        (None, None) => Err(missing(name, "base_url", expected)),
    }
}

fn missing(name: &str, key: &str, expected: &'static str) -> CheckError {
    CheckError::Missing {
        key: format!("providers.{name}.{key}"),
        variable: "no variable",
        needed_by: format!("providers.{name}"),
        expected,
    }
}

/// Whether the URL is the known service's own, written out.
fn is_home(url: &Url, known: Option<&Known>) -> bool {
    let home = known.and_then(|known| Url::parse(known.base_url).ok());
    home.is_some_and(|home| home.host() == url.host())
}

/// The services that need no description.
pub(super) fn known(name: &str) -> Option<Known> {
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
