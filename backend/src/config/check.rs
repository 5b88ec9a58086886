//! Rules between keys.

use std::path::PathBuf;

use url::Url;

use super::settings::{AuthMode, Settings};
use super::upstreams::{Upstream, known};
use super::{clients, settlement};

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
    /// Settings of a client that contradict each other.
    #[error("key `{key}` of client `{id}`: {problem}")]
    Client {
        /// The key.
        key: &'static str,
        /// Whose.
        id: String,
        /// What is wrong, and what was expected.
        problem: &'static str,
    },
    /// Two keys for one thing.
    #[error("keys `{first}` and `{second}` are both set: expected one of them")]
    Both {
        /// One.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// A path that does not begin as paths do.
    #[error("key `{key}`: found `{found}`, expected a path such as `/Provider/record-usage`")]
    Path {
        /// The key.
        key: &'static str,
        /// What was found.
        found: String,
    },
    /// A folder that is not there.
    #[error("key `{key}` ({variable}): found no folder `{}`", path.display())]
    NoFolder {
        /// The key.
        key: &'static str,
        /// The environment variable that sets it.
        variable: &'static str,
        /// What was found.
        path: PathBuf,
    },
    /// An address that cannot stand before a path.
    #[error(
        "key `public_url` (AICON_PUBLIC_URL): found `{0}`, expected an address such as `https://ai.example.com`"
    )]
    PublicUrl(Url),
    /// A number that would make the server useless.
    #[error("key `{key}` is 0: expected at least 1")]
    Zero {
        /// The key.
        key: &'static str,
    },
}

pub(super) fn check(settings: &Settings) -> Result<(), CheckError> {
    check_auth(settings)?;
    let upstreams = settings.upstreams()?;
    check_provider("ai.provider", &settings.ai.provider, settings, &upstreams)?;
    for (model, name) in &settings.models {
        check_provider(&format!("models.{model}"), name, settings, &upstreams)?;
    }
    check_default_model(settings, &upstreams)?;
    clients::check(&settings.aicon)?;
    settlement::check(&settings.settlement)?;
    check_places(settings)?;
    check_zeros(settings)
}

fn check_places(settings: &Settings) -> Result<(), CheckError> {
    if let Some(path) = settings.definitions.clone().filter(|path| !path.is_dir()) {
        return Err(CheckError::NoFolder {
            key: "definitions",
            variable: "AICON_MODELS, --models",
            path,
        });
    }
    match &settings.public_url {
        Some(url) if !matches!(url.scheme(), "http" | "https") || url.query().is_some() => {
            Err(CheckError::PublicUrl(url.clone()))
        }
        _ => Ok(()),
    }
}

/// A provider that is named must be one that can answer.
fn check_provider(
    key: &str,
    name: &str,
    settings: &Settings,
    upstreams: &[Upstream],
) -> Result<(), CheckError> {
    if name == "demo" || upstreams.iter().any(|upstream| upstream.name == name) {
        return Ok(());
    }
    if let Some(known) = known(name) {
        return Err(CheckError::Missing {
            key: format!("providers.{name}.api_key"),
            variable: known.variable,
            needed_by: format!("{key} = {name}"),
            expected: "the service's API key",
        });
    }
    let named = settings.providers.keys().map(String::as_str);
    let expected: Vec<_> = ["demo", "openai", "claude", "gemini"]
        .into_iter()
        .chain(named.filter(|name| known(name).is_none()))
        .map(|name| format!("`{name}`"))
        .collect();
    Err(CheckError::UnknownProvider {
        key: key.to_owned(),
        name: name.to_owned(),
        expected: expected.join(", "),
    })
}

fn check_default_model(settings: &Settings, upstreams: &[Upstream]) -> Result<(), CheckError> {
    let provider = &settings.ai.provider;
    let modelless = upstreams
        .iter()
        .any(|upstream| upstream.name == *provider && upstream.default_model.is_none());
    if settings.ai.model.is_some() || !modelless {
        return Ok(());
    }
    Err(CheckError::Missing {
        key: "ai.model".to_owned(),
        variable: "AICON_DEFAULT_MODEL",
        needed_by: format!("ai.provider = {provider}"),
        expected: "a model of that provider",
    })
}

fn check_zeros(settings: &Settings) -> Result<(), CheckError> {
    let (limits, timeouts) = (&settings.limits, &settings.timeouts);
    let usage = &settings.aicon.usage;
    let keys = [
        (
            "aicon.usage.concurrency_per_client",
            usage.concurrency_per_client == 0,
        ),
        (
            "aicon.usage.failures_to_pause",
            usage.failures_to_pause == 0,
        ),
        ("aicon.usage.timeout", usage.timeout.is_zero()),
        ("aicon.usage.first_backoff", usage.first_backoff.is_zero()),
        ("limits.body_bytes", limits.body_bytes == 0),
        ("limits.upload_bytes", limits.upload_bytes == 0),
        ("limits.image_pixels", limits.image_pixels == 0),
        ("limits.document_chars", limits.document_chars == 0),
        ("limits.document_pages", limits.document_pages == 0),
        ("results.life", settings.results.life.is_zero()),
        ("timeouts.keep_alive", timeouts.keep_alive.is_zero()),
        ("timeouts.write", timeouts.write.is_zero()),
    ];
    match keys.into_iter().find(|(_, zero)| *zero) {
        Some((key, _)) => Err(CheckError::Zero { key }),
        None => Ok(()),
    }
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
        AuthMode::Aicon => Ok(()),
    }
}
