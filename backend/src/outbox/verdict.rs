//! What an answer to a report means.

use std::time::Duration;

use reqwest::StatusCode;

use super::backoff::retry_after;

/// What becomes of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// AICON has it.
    Delivered,
    /// Once more, later.
    Again {
        /// Why, in a few words.
        error: String,
        /// What AICON asked for.
        retry_after: Option<Duration>,
    },
    /// No try will ever do: somebody must look at it.
    Park {
        /// Why: `status ` and its number first, which `client rotate` looks for.
        reason: String,
    },
    /// It was not sent.
    Unsent,
}

impl Verdict {
    /// In a word, for figures.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Again { .. } => "failed",
            Self::Park { .. } => "parked",
            Self::Unsent => "unsent",
        }
    }
}

/// By status. AICON's texts are not kept: they may hold what we sent.
pub(super) fn judge(status: StatusCode, retry_after_header: Option<&str>, now: i64) -> Verdict {
    match status.as_u16() {
        200..=299 => Verdict::Delivered,
        408 | 425 | 429 | 500.. => Verdict::Again {
            error: named(status),
            retry_after: retry_after_header.and_then(|header| retry_after(header, now)),
        },
        _ => Verdict::Park {
            reason: named(status),
        },
    }
}

/// By what went wrong before there was a status.
pub(super) fn judge_failure(error: &reqwest::Error) -> Verdict {
    let error = if error.is_timeout() {
        "no answer within the time limit"
    } else if error.is_connect() {
        "failed to connect"
    } else {
        "the connection broke off"
    };
    Verdict::Again {
        error: error.to_owned(),
        retry_after: None,
    }
}

fn named(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or("unknown");
    format!("status {} ({reason})", status.as_u16())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_delivered_sent_again_or_parked() {
        for code in 100..=999 {
            let verdict = judge(StatusCode::from_u16(code).unwrap(), Some("7"), 0);
            let expected = match code {
                200..=299 => "delivered",
                408 | 425 | 429 | 500..=999 => "again",
                _ => "parked",
            };
            let found = match verdict {
                Verdict::Delivered => "delivered",
                Verdict::Again { retry_after, .. } => {
                    assert_eq!(retry_after, Some(Duration::from_secs(7)));
                    "again"
                }
                Verdict::Park { reason } => {
                    assert!(reason.starts_with(&format!("status {code} ")));
                    "parked"
                }
                Verdict::Unsent => "unsent",
            };
            assert_eq!(found, expected, "{code}");
        }
    }
}
