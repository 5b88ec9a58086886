//! Fetching: `configs.json` from our own origin, and what it leaves open from the server's `GET {apiEndPoint}/ui`, whose JSON
//! has the same keys.

use aicon_protocol::json::ReadJson;
use thiserror::Error;
use web_sys::AbortSignal;

use super::{CONFIG_PATH, Config, ConfigError, Question, raw, read};
use crate::browser::http::{self, Call};
use crate::browser::location::encode;
use crate::browser::storage;
use crate::json::Json;

/// The last good answer of `/ui`, after its URL: a page that is loaded while the server is away still has its form.
const KEPT: &str = "aicon.ui";
/// A server that is away must not keep the page from opening for longer.
const PATIENCE_MS: u32 = 8_000;

/// Why the app cannot start, and whose fault that is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("failed to load `{place}`: {error}")]
pub struct LoadError {
    /// [`CONFIG_PATH`], or the URL of the server's `/ui`.
    pub place: String,
    /// What is wrong there.
    pub error: ConfigError,
}

impl LoadError {
    /// Whether it is the server that is at fault, and not the file.
    pub fn is_of_server(&self) -> bool {
        self.place != CONFIG_PATH
    }
}

/// Fetches, reads and checks the file, and asks the server for what it leaves open.
///
/// # Errors
/// See [`ConfigError`].
pub async fn load() -> Result<Config, LoadError> {
    let at = |place: &str| {
        let place = place.to_owned();
        |error| LoadError { place, error }
    };
    let file = fetch(CONFIG_PATH, None).await.map_err(at(CONFIG_PATH))?;
    let (config, question) = read(&file, None).map_err(at(CONFIG_PATH))?;
    let Some(question) = question else {
        return Ok(config);
    };
    let url = url(&config, &question);
    let told = ask(&url, question.is_certain).await.map_err(at(&url))?;
    let Some(text) = told else {
        return Ok(config);
    };
    let ui = object(&text, question.is_certain).map_err(at(&url))?;
    let (config, _) = read(&file, ui).map_err(at(&url))?;
    storage::local().set(KEPT, &[&url, "\n", &text].concat());
    Ok(config)
}

fn url(config: &Config, question: &Question) -> String {
    let mut url = [&config.api_end_point, "/ui"].concat();
    let mut mark = "?";
    for (name, value) in [
        ("client_id=", &question.client_id),
        ("model=", &config.model),
    ] {
        if let Some(value) = value {
            url.extend([mark, name, &encode(value)]);
            mark = "&";
        }
    }
    url
}

/// What the server tells, or told last if it does not answer now. `None`: it does not know what it is asked.
async fn ask(url: &str, is_certain: bool) -> Result<Option<String>, ConfigError> {
    let signal = AbortSignal::timeout_with_u32(PATIENCE_MS);
    let error = match fetch(url, Some(&signal)).await {
        Ok(text) => return Ok(Some(text)),
        // A server of before `/ui`, or one after AICON's official sample.
        Err(ConfigError::Status(404 | 405 | 501)) => return Ok(None),
        Err(error) => error,
    };
    let kept = storage::local().get(KEPT).and_then(|kept| {
        let text = kept.strip_prefix(url)?.strip_prefix('\n')?;
        Some(text.to_owned())
    });
    match kept {
        None if is_certain => Err(error),
        kept => Ok(kept),
    }
}

/// The answer, if it speaks of what was asked. A server that answers everything with something may be asked by a file that says
/// nothing of it; one that the file vouches for may not answer so.
fn object(text: &str, is_certain: bool) -> Result<Option<Json>, ConfigError> {
    match raw::root(text) {
        Ok(json) if is_certain || json.member("uiType").is_some() => Ok(Some(json)),
        Err(error) if is_certain => Err(error),
        _ => Ok(None),
    }
}

async fn fetch(url: &str, signal: Option<&AbortSignal>) -> Result<String, ConfigError> {
    let unreachable = |_| ConfigError::Unreachable;
    let call = Call {
        url,
        signal,
        ..Call::default()
    };
    let response = http::fetch(call).await.map_err(unreachable)?;
    if !response.ok() {
        return Err(ConfigError::Status(response.status()));
    }
    http::text(&response).await.map_err(unreachable)
}
