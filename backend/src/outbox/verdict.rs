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

/// By status and media type. AICON's texts are not kept: they may hold what we sent.
///
/// A web page with a 2xx status is no answer of AICON's API but of something in between, such as a proxy's maintenance page:
/// the report has not arrived, and once more does no harm if it has.
pub(super) fn judge(
    status: StatusCode,
    media_type: Option<&str>,
    retry_after_header: Option<&str>,
    now: i64,
) -> Verdict {
    match status.as_u16() {
        200..=299 if media_type.is_some_and(is_page) => Verdict::Again {
            error: format!("status {} with a web page", status.as_u16()),
            retry_after: None,
        },
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

fn is_page(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or(media_type).trim();
    essence.eq_ignore_ascii_case("text/html")
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
            let verdict = judge(StatusCode::from_u16(code).unwrap(), None, Some("7"), 0);
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

    #[test]
    fn a_web_page_is_no_answer_of_the_api() {
        for (media_type, is_delivered) in [
            (Some("text/html; charset=utf-8"), false),
            (Some("Text/HTML"), false),
            (Some("application/json"), true),
            (Some("text/plain"), true),
            (None, true),
        ] {
            let verdict = judge(StatusCode::OK, media_type, None, 0);
            assert_eq!(
                verdict == Verdict::Delivered,
                is_delivered,
                "{media_type:?}"
            );
        }
    }
}
