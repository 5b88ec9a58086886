//! Calls to the provider, as AICON makes them (`aicon.md` 6): check alive, get usage for settlement.

use std::time::{Duration, Instant};

use aicon_protocol::aicon::SettlementPage;
use jiff::Timestamp;
use jiff::civil::Date;
use reqwest::{Client, Response, redirect};
use serde::Serialize;
use url::Url;

/// Below the provider's address.
const IS_ALIVE_PATH: &str = "api/Provider/is-alive";
const SETTLEMENT_PATH: &str = "api/Provider/get-usage-for-settlement";

/// The header of the settlement's access key.
const KEY_HEADER: &str = "x-api-key";

/// How long a user would wait for "Run Model".
const IS_ALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a page of the settlement may take.
const PAGE_TIMEOUT: Duration = Duration::from_secs(60);

/// The most bytes read of an answer to is-alive, and of one page.
const MAX_STATUS: usize = 64 << 10;
const MAX_PAGE: usize = 512 << 20;

/// The most characters of a foreign answer that a reason repeats.
const EXCERPT: usize = 300;

/// Where the provider is, and the key with which it lets AICON read the settlement.
#[derive(Clone)]
pub(crate) struct Provider {
    url: Url,
    settlement_key: Option<String>,
}

/// An address that cannot be a provider's.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not the address of a provider: http:// or https:// is expected")]
pub struct ProviderUrlError(String);

/// Why a page of the settlement was not had. The text carries no key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    #[error("failed to get page {page} from `{url}`: {reason}")]
    Call {
        page: u64,
        url: String,
        reason: String,
    },
    #[error("the provider answered page {page} with {status}: {excerpt}")]
    Status {
        page: u64,
        status: u16,
        excerpt: String,
    },
    #[error("page {page} is no settlement page: {reason}")]
    Shape { page: u64, reason: String },
}

/// What "Run model" saw.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RunModel {
    pub(crate) at: Timestamp,
    pub(crate) url: String,
    /// Whether AICON would let the user go on.
    pub(crate) alive: bool,
    /// The HTTP status, if there was an answer.
    pub(crate) status: Option<u16>,
    /// Why it is not alive.
    pub(crate) reason: Option<String>,
    /// Milliseconds until the answer or the failure.
    pub(crate) took_ms: f64,
}

impl Provider {
    /// # Errors
    ///
    /// When the address is no HTTP URL.
    pub(crate) fn new(url: &str, settlement_key: Option<String>) -> Result<Self, ProviderUrlError> {
        let wrong = || ProviderUrlError(url.to_owned());
        // A base without a slash at its end would lose its last segment when joined.
        let slashed = format!("{}/", url.trim_end_matches('/'));
        let parsed = Url::parse(&slashed).map_err(|_| wrong())?;
        let is_http = matches!(parsed.scheme(), "http" | "https");
        if !is_http || parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(wrong());
        }
        Ok(Self {
            url: parsed,
            settlement_key: settlement_key.filter(|key| !key.is_empty()),
        })
    }

    /// As it was given.
    pub(crate) fn url(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    pub(crate) fn has_settlement_key(&self) -> bool {
        self.settlement_key.is_some()
    }

    /// Asks whether the model is alive.
    pub(crate) async fn run_model(&self, client: &Client, at: Timestamp) -> RunModel {
        let url = format!("{}{IS_ALIVE_PATH}", self.url);
        let started = Instant::now();
        let answer = ask_alive(client, &url).await;
        let took_ms = started.elapsed().as_secs_f64() * 1000.0;
        let (status, reason) = match answer {
            Ok((status, body)) => (Some(status), why_not_alive(status, &body)),
            Err(error) => (None, Some(error)),
        };
        RunModel {
            at,
            url,
            alive: reason.is_none(),
            status,
            reason,
            took_ms,
        }
    }

    /// One page of the settlement of the days, both included.
    pub(crate) async fn settlement_page(
        &self,
        client: &Client,
        (first, last): (Date, Date),
        page: u64,
        page_size: u64,
    ) -> Result<SettlementPage, PageError> {
        let url = format!("{}{SETTLEMENT_PATH}", self.url);
        let failed = |reason: String| PageError::Call {
            page,
            url: url.clone(),
            reason,
        };
        let mut request = client.get(&url).timeout(PAGE_TIMEOUT).query(&[
            ("pageSize", page_size.to_string()),
            ("pageNumber", page.to_string()),
            (
                "settlementStartDate",
                first.strftime("%Y/%m/%d").to_string(),
            ),
            ("settlementEndDate", last.strftime("%Y/%m/%d").to_string()),
        ]);
        if let Some(key) = &self.settlement_key {
            request = request.header(KEY_HEADER, key);
        }
        let response = request
            .send()
            .await
            .map_err(|error| failed(cause(&error)))?;
        let status = response.status().as_u16();
        let body = read(response, MAX_PAGE).await.map_err(failed)?;
        if status != 200 {
            return Err(PageError::Status {
                page,
                status,
                excerpt: excerpt(&body),
            });
        }
        serde_json::from_slice(&body).map_err(|error| PageError::Shape {
            page,
            reason: error.to_string(),
        })
    }
}

/// A client that follows no redirects: a registered URL has to answer itself.
pub(crate) fn client() -> Client {
    Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .build()
        .expect("the settings are constant and good")
}

async fn ask_alive(client: &Client, url: &str) -> Result<(u16, Vec<u8>), String> {
    let request = client.get(url).timeout(IS_ALIVE_TIMEOUT);
    let response = request.send().await.map_err(|error| cause(&error))?;
    let status = response.status().as_u16();
    Ok((status, read(response, MAX_STATUS).await?))
}

fn why_not_alive(status: u16, body: &[u8]) -> Option<String> {
    let is_ok = serde_json::from_slice::<serde_json::Value>(body)
        .is_ok_and(|answer| answer["status"] == "ok");
    match (status, is_ok) {
        (200, true) => None,
        (200, false) => Some(format!(
            "answered 200, but not {{\"status\":\"ok\"}}: {}",
            excerpt(body)
        )),
        _ => Some(format!("answered {status}: {}", excerpt(body))),
    }
}

/// The whole body, if it is not longer than `limit` bytes.
pub(crate) async fn read(mut response: Response, limit: usize) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| cause(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(format!("the answer is longer than {limit} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let mut excerpt: String = text.trim().chars().take(EXCERPT).collect();
    if excerpt.len() < text.trim().len() {
        excerpt.push('…');
    }
    if excerpt.is_empty() {
        excerpt.push_str("an empty body");
    }
    excerpt
}

/// The innermost reason: the outer ones only say that a request was sent.
pub(crate) fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_path_and_loses_its_slashes() {
        let provider = Provider::new("https://api.example/v1//", None).unwrap();
        assert_eq!(provider.url(), "https://api.example/v1");
        for wrong in [
            "",
            "api.example",
            "ftp://api.example",
            "http://a/?b=c",
            "http://a/#b",
        ] {
            assert!(Provider::new(wrong, None).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_200_that_says_ok_is_alive() {
        assert_eq!(why_not_alive(200, br#"{"status":"ok"}"#), None);
        for (status, body) in [
            (200, &b"{}"[..]),
            (200, b"ok"),
            (200, br#"{"status":"starting"}"#),
            (503, br#"{"status":"ok"}"#),
            (302, b""),
        ] {
            let reason = why_not_alive(status, body).unwrap();
            assert!(reason.contains(&status.to_string()), "{reason}");
        }
    }

    #[test]
    fn a_long_answer_is_cut_between_characters() {
        let excerpt = excerpt("가".repeat(1000).as_bytes());
        assert_eq!(excerpt.chars().count(), EXCERPT + 1);
    }
}
