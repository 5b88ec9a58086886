//! Faults, by flag at the start and by `/sandbox/faults` at run time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::cli::Options;
use crate::state::{Sandbox, random_bytes};
use crate::token::OAuthError;
use crate::usage::{RecordFaultChange, RecordFaultError, RecordFaults};

/// What goes wrong, or differs from one AICON to another, at the moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Faults {
    /// Share of API calls that fail with 500, 0 to 1.
    pub(crate) error_rate: f64,
    /// Milliseconds that every API call takes longer.
    pub(crate) latency_ms: u64,
    /// Access tokens are issued expired.
    pub(crate) expired_tokens: bool,
    /// The token endpoint answers 503.
    pub(crate) token_endpoint_down: bool,
    /// The user info answers 503.
    pub(crate) userinfo_down: bool,
    /// Record usage answers 503.
    pub(crate) record_usage_down: bool,
    /// The next choice on the login page is answered as if refused.
    pub(crate) refuse_next_login: bool,
    /// The redirect carries the state it was asked with.
    pub(crate) echo_state: bool,
}

/// The fields to change; the others stay.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultChange {
    pub(crate) error_rate: Option<f64>,
    pub(crate) latency_ms: Option<u64>,
    pub(crate) expired_tokens: Option<bool>,
    pub(crate) token_endpoint_down: Option<bool>,
    pub(crate) userinfo_down: Option<bool>,
    pub(crate) record_usage_down: Option<bool>,
    pub(crate) refuse_next_login: Option<bool>,
    pub(crate) echo_state: Option<bool>,
    pub(crate) record_usage: Option<RecordFaultChange>,
}

/// `/sandbox/faults` as it is read.
#[derive(Debug, Serialize)]
pub(crate) struct FaultView {
    #[serde(flatten)]
    faults: Faults,
    record_usage: RecordFaultView,
}

#[derive(Debug, Serialize)]
struct RecordFaultView {
    #[serde(flatten)]
    settings: RecordFaults,
    /// Seconds for which an outage goes on.
    outage_s: f64,
}

/// A change that makes no sense.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FaultError {
    #[error("`error_rate` must be from 0 to 1, not {0}")]
    ErrorRate(f64),
    #[error("record usage: {0}")]
    RecordUsage(#[from] RecordFaultError),
}

/// Changes what is named, or nothing.
///
/// # Errors
///
/// When a part of the change makes no sense.
pub(crate) fn change(sandbox: &Sandbox, change: &FaultChange) -> Result<(), FaultError> {
    let mut faults = sandbox.faults.lock();
    if let Some(rate) = change.error_rate.filter(|rate| !(0.0..=1.0).contains(rate)) {
        return Err(FaultError::ErrorRate(rate));
    }
    if let Some(change) = &change.record_usage {
        sandbox.record_faults.lock().apply(change, Instant::now())?;
    }
    faults.apply(change);
    Ok(())
}

/// All faults as set.
pub(crate) fn view(sandbox: &Sandbox) -> FaultView {
    let faults = sandbox.faults.lock().clone();
    let source = sandbox.record_faults.lock();
    FaultView {
        record_usage: RecordFaultView {
            settings: source.settings().clone(),
            outage_s: source.outage_s(Instant::now()),
        },
        faults,
    }
}

impl Faults {
    pub(crate) fn from_options(options: &Options) -> Self {
        Self {
            error_rate: options.error_rate,
            latency_ms: options.latency_ms,
            expired_tokens: options.expired_tokens,
            token_endpoint_down: false,
            userinfo_down: false,
            record_usage_down: false,
            refuse_next_login: false,
            echo_state: options.echo_state,
        }
    }

    fn apply(&mut self, change: &FaultChange) {
        set(&mut self.error_rate, change.error_rate);
        set(&mut self.latency_ms, change.latency_ms);
        set(&mut self.expired_tokens, change.expired_tokens);
        set(&mut self.token_endpoint_down, change.token_endpoint_down);
        set(&mut self.userinfo_down, change.userinfo_down);
        set(&mut self.record_usage_down, change.record_usage_down);
        set(&mut self.refuse_next_login, change.refuse_next_login);
        set(&mut self.echo_state, change.echo_state);
    }
}

fn set<T: Copy>(field: &mut T, change: Option<T>) {
    if let Some(value) = change {
        *field = value;
    }
}

/// Delays and fails API calls as set.
pub(crate) async fn inject(
    State(sandbox): State<Arc<Sandbox>>,
    request: Request,
    next: Next,
) -> Response {
    match disturb(&sandbox).await {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

/// What [`inject`] does before the call, for a handler that cannot afford a layer.
///
/// # Errors
///
/// When the call is to fail.
pub(crate) async fn disturb(sandbox: &Sandbox) -> Result<(), OAuthError> {
    let (latency_ms, error_rate) = {
        let faults = sandbox.faults.lock();
        (faults.latency_ms, faults.error_rate)
    };
    if latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(latency_ms)).await;
    }
    if error_rate > 0.0 && random_share() < error_rate {
        return Err(OAuthError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            "injected fault",
        ));
    }
    Ok(())
}

/// Evenly spread over 0 (included) to 1 (excluded).
fn random_share() -> f64 {
    let [a, b, c, d, ..] = random_bytes();
    f64::from(u32::from_le_bytes([a, b, c, d])) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_below_one_and_not_always_the_same() {
        let shares: Vec<f64> = (0..100).map(|_| random_share()).collect();
        assert!(shares.iter().all(|share| (0.0..1.0).contains(share)));
        assert!(shares.windows(2).any(|pair| pair[0] != pair[1]));
    }
}
