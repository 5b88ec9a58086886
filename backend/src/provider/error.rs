//! What goes wrong at an upstream, in terms that a caller can act on. Upstream texts are not kept: they may hold secrets.

use std::time::Duration;

use reqwest::StatusCode;

/// Why a provider gave no answer, or not a whole one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// 401 or 403: the key is wrong.
    #[error("the upstream refused the API key (status {status})")]
    Unauthorized {
        /// Its status.
        status: u16,
    },
    /// 429.
    #[error("the upstream limits the rate")]
    RateLimited {
        /// Its `Retry-After`, in seconds.
        retry_after: Option<u64>,
    },
    /// 404: it has no such model.
    #[error("the upstream has no such model")]
    UnknownModel,
    /// Another 4xx.
    #[error("the upstream refused the request (status {status})")]
    Refused {
        /// Its status.
        status: u16,
    },
    /// 5xx, or an error event that says so.
    #[error("the upstream failed (status {status})")]
    Failed {
        /// Its status; 200 for an error in a stream.
        status: u16,
    },
    /// No connection.
    #[error("failed to connect to the upstream")]
    Unreachable,
    /// Too slow.
    #[error("the upstream went over the {0} time limit")]
    Timeout(TimeoutKind),
    /// The stream ended before its end.
    #[error("the upstream's stream broke off")]
    Broken,
    /// The stream was not what the dialect says.
    #[error("failed to read the upstream's stream")]
    Garbage,
    /// The upstream's own filter stopped the answer.
    #[error("the upstream's filter refused the request")]
    Filtered,
}

/// See [`ProviderError::Timeout`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutKind {
    /// `timeouts.connect`.
    Connect,
    /// `timeouts.first_byte`.
    FirstByte,
    /// `timeouts.idle`.
    Idle,
}

impl std::fmt::Display for TimeoutKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connect => "connect",
            Self::FirstByte => "first byte",
            Self::Idle => "idle",
        })
    }
}

impl ProviderError {
    /// By the status of a refused request. `retry_after` is the header's value: seconds or an HTTP date, of which only
    /// seconds are read.
    pub fn from_status(status: StatusCode, retry_after: Option<&str>) -> Self {
        match status.as_u16() {
            401 | 403 => Self::Unauthorized {
                status: status.as_u16(),
            },
            404 => Self::UnknownModel,
            408 => Self::Timeout(TimeoutKind::FirstByte),
            429 => Self::RateLimited {
                retry_after: retry_after.and_then(seconds),
            },
            code @ 500.. => Self::Failed { status: code },
            code => Self::Refused { status: code },
        }
    }

    /// By reqwest's error while the request was sent.
    pub fn from_send(error: &reqwest::Error) -> Self {
        if error.is_connect() && error.is_timeout() {
            return Self::Timeout(TimeoutKind::Connect);
        }
        if error.is_timeout() {
            Self::Timeout(TimeoutKind::FirstByte)
        } else {
            Self::Unreachable
        }
    }
}

fn seconds(text: &str) -> Option<u64> {
    text.trim()
        .parse::<f64>()
        .ok()
        .filter(|value| (0.0..=86_400.0).contains(value))
        .map(|value| Duration::from_secs_f64(value.ceil()).as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_kept_in_whole_seconds() {
        let limited = |value| ProviderError::from_status(StatusCode::TOO_MANY_REQUESTS, value);
        assert_eq!(
            limited(Some("7")),
            ProviderError::RateLimited {
                retry_after: Some(7)
            }
        );
        assert_eq!(
            limited(Some("0.5")),
            ProviderError::RateLimited {
                retry_after: Some(1)
            }
        );
        assert_eq!(
            limited(Some("-1")),
            ProviderError::RateLimited { retry_after: None }
        );
        assert_eq!(
            limited(None),
            ProviderError::RateLimited { retry_after: None }
        );
    }
}
