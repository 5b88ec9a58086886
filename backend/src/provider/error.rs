//! What goes wrong at an upstream, in terms that a caller can act on. Upstream texts are not kept: they may hold secrets.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;

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
    /// The conversation or its pictures are more than the model takes.
    #[error("the upstream's model cannot take so long a conversation")]
    TooLarge,
    /// 503 or 529: too much to do.
    #[error("the upstream is overloaded")]
    Overloaded {
        /// Its `Retry-After`, in seconds.
        retry_after: Option<u64>,
    },
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
    /// The upstream's own filter stopped the question or the answer.
    #[error("the upstream's filter stopped the answer")]
    Filtered,
    /// The answer reached the model's length limit: the text so far is good, and there is more to say.
    #[error("the answer reached the length limit")]
    CutShort,
    /// An answer without a word.
    #[error("the upstream's answer is empty")]
    Empty,
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
    /// In a word, for figures.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unauthorized { .. } => "unauthorized",
            Self::RateLimited { .. } => "rate_limited",
            Self::UnknownModel => "unknown_model",
            Self::TooLarge => "too_large",
            Self::Overloaded { .. } => "overloaded",
            Self::Refused { .. } => "refused",
            Self::Failed { .. } => "failed",
            Self::Unreachable => "unreachable",
            Self::Timeout(_) => "timeout",
            Self::Broken => "broken",
            Self::Garbage => "garbage",
            Self::Filtered => "filtered",
            Self::CutShort => "cut_short",
            Self::Empty => "empty",
        }
    }

    /// The HTTP status with which a client is answered when it happens before the first word (`ai-api.md`, "Status codes").
    pub fn answered(&self) -> u16 {
        match self {
            // The key is the server's, so the fault is too.
            Self::Unauthorized { .. } => 500,
            Self::RateLimited { .. } => 429,
            Self::UnknownModel => 400,
            Self::Timeout(_) => 504,
            Self::Refused { .. }
            | Self::Failed { .. }
            | Self::Unreachable
            | Self::Broken
            | Self::Garbage
            | Self::TooLarge
            | Self::Overloaded { .. }
            | Self::CutShort
            | Self::Empty
            | Self::Filtered => 502,
        }
    }

    /// By the status of a refused request. `retry_after` is the header's value: seconds or an HTTP date, of which only
    /// seconds are read.
    pub fn from_status(status: StatusCode, retry_after: Option<&str>) -> Self {
        match status.as_u16() {
            401 | 403 => Self::Unauthorized {
                status: status.as_u16(),
            },
            404 => Self::UnknownModel,
            408 => Self::Timeout(TimeoutKind::FirstByte),
            413 => Self::TooLarge,
            429 => Self::RateLimited {
                retry_after: retry_after.and_then(seconds),
            },
            503 | 529 => Self::Overloaded {
                retry_after: retry_after.and_then(seconds),
            },
            code @ 500.. => Self::Failed { status: code },
            code => Self::Refused { status: code },
        }
    }

    /// By an error object of any dialect, for which the stream's own status is too late. Only its fixed words count
    /// (`code`, `type`, `status`, the details' `reason`), never its text.
    pub fn from_object(error: &Value) -> Self {
        Self::by_words(error)
            .or_else(|| by_number(&error["code"]))
            .unwrap_or(Self::Failed { status: 200 })
    }

    /// What a refusal means where its status alone says little.
    pub fn by_words(error: &Value) -> Option<Self> {
        let reasons = error["details"].as_array().into_iter().flatten();
        let words = reasons.map(|detail| &detail["reason"]).chain([
            &error["code"],
            &error["type"],
            &error["status"],
        ]);
        words.filter_map(Value::as_str).find_map(by_word)
    }

    /// Whether the upstream's token counts are whole although the answer is not.
    pub fn has_whole_usage(&self) -> bool {
        matches!(self, Self::CutShort | Self::Filtered | Self::Empty)
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

/// By the words of OpenAI's, Anthropic's and Google's error objects.
fn by_word(word: &str) -> Option<ProviderError> {
    Some(match word {
        "rate_limit_exceeded"
        | "rate_limit_error"
        | "insufficient_quota"
        | "RESOURCE_EXHAUSTED" => ProviderError::RateLimited { retry_after: None },
        "overloaded_error" | "UNAVAILABLE" | "slow_down" => {
            ProviderError::Overloaded { retry_after: None }
        }
        "authentication_error"
        | "permission_error"
        | "invalid_api_key"
        | "API_KEY_INVALID"
        | "UNAUTHENTICATED"
        | "PERMISSION_DENIED" => ProviderError::Unauthorized { status: 401 },
        "not_found_error" | "model_not_found" | "NOT_FOUND" => ProviderError::UnknownModel,
        "context_length_exceeded" | "exceed_context_size_error" | "request_too_large" => {
            ProviderError::TooLarge
        }
        "content_filter"
        | "content_policy_violation"
        | "image_content_policy_violation"
        | "invalid_prompt" => ProviderError::Filtered,
        "timeout_error" | "DEADLINE_EXCEEDED" => ProviderError::Timeout(TimeoutKind::FirstByte),
        _ => return None,
    })
}

/// Compatible servers put the status where OpenAI has a word, as a number or as digits.
fn by_number(code: &Value) -> Option<ProviderError> {
    let number = code
        .as_u64()
        .or_else(|| code.as_str()?.parse().ok())
        .and_then(|code| u16::try_from(code).ok())?;
    let status = StatusCode::from_u16(number).ok()?;
    (status.is_client_error() || status.is_server_error())
        .then(|| ProviderError::from_status(status, None))
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
