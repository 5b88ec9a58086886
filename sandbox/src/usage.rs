//! Record usage (`aicon.md` 6), on the guideline's and on the sample's path.

use std::collections::HashMap;
use std::sync::Arc;

use aicon_protocol::aicon::RecordUsage;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{MatchedPath, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Serialize;
use serde_json::json;

use crate::state::{Sandbox, count, now};
use crate::token::OAuthError;

/// How the contract writes a time.
const TIME_FORMAT: &str = "%Y/%m/%dT%H:%M:%S.000Z";

/// A use as it arrived, without the client secret.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RecordedUsage {
    pub(crate) usage: RecordUsage,
    /// On which path it came first.
    pub(crate) path: String,
    /// When it came first.
    pub(crate) received_at: Timestamp,
    /// How often it came again.
    pub(crate) repeats: u64,
    /// How many of the repeats differed from the first; a provider that does that has a fault.
    pub(crate) conflicts: u64,
}

/// Uses by their GUID, in order of arrival.
#[derive(Default)]
pub(crate) struct Usages {
    recorded: Vec<RecordedUsage>,
    index: HashMap<String, usize>,
}

/// What is wrong with a use.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UsageError {
    #[error("`userId` is blank")]
    BlankUser,
    #[error("`dataInfo.usageGUID` is not a UUID of version 4: `{0}`")]
    Guid(String),
    #[error("`dataInfo.{field}` is not a time of the form `{TIME_FORMAT}`: `{value}`")]
    Time { field: &'static str, value: String },
    #[error("the use ends before it starts")]
    EndsBeforeStart,
    #[error("`dataInfo.responseCode` is not an HTTP status: {0}")]
    ResponseCode(u16),
}

impl Usages {
    pub(crate) fn all(&self) -> &[RecordedUsage] {
        &self.recorded
    }

    /// Takes a use in, or counts it when its GUID is known.
    pub(crate) fn record(&mut self, usage: RecordUsage, path: &str, received_at: Timestamp) {
        let guid = usage.data_info.usage_guid.to_ascii_lowercase();
        let Some(&known) = self.index.get(&guid) else {
            self.index.insert(guid, self.recorded.len());
            self.recorded.push(RecordedUsage {
                usage,
                path: path.to_owned(),
                received_at,
                repeats: 0,
                conflicts: 0,
            });
            return;
        };
        let known = &mut self.recorded[known];
        known.repeats += 1;
        known.conflicts += u64::from(known.usage != usage);
    }
}

pub(crate) async fn handle(
    State(sandbox): State<Arc<Sandbox>>,
    path: MatchedPath,
    body: Result<Json<RecordUsage>, JsonRejection>,
) -> Result<Response, OAuthError> {
    count(&sandbox.counters.usage_requests);
    if sandbox.faults.lock().record_usage_down {
        return Err(OAuthError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "temporarily_unavailable",
            "injected fault",
        ));
    }
    let refuse = |description: String| {
        OAuthError::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    };
    let Json(mut usage) = body.map_err(|error| refuse(error.body_text()))?;
    let secret = usage.client_secret.take().unwrap_or_default();
    if !sandbox.model.accepts(usage.client_id.as_str(), &secret) {
        let description = "`clientId` or `clientSecret` are wrong";
        return Err(OAuthError::new(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            description,
        ));
    }
    check(&usage).map_err(|error| refuse(error.to_string()))?;
    sandbox.usages.lock().record(usage, path.as_str(), now());
    Ok(Json(json!({ "success": true })).into_response())
}

fn check(usage: &RecordUsage) -> Result<(), UsageError> {
    let info = &usage.data_info;
    if usage.user_id.as_str().trim().is_empty() {
        return Err(UsageError::BlankUser);
    }
    let is_v4 =
        uuid::Uuid::try_parse(&info.usage_guid).is_ok_and(|guid| guid.get_version_num() == 4);
    if !is_v4 {
        return Err(UsageError::Guid(info.usage_guid.clone()));
    }
    let start = time("timestampStartString", &info.timestamp_start_string)?;
    let end = time("timestampEndString", &info.timestamp_end_string)?;
    if end < start {
        return Err(UsageError::EndsBeforeStart);
    }
    if !(100..=599).contains(&info.response_code) {
        return Err(UsageError::ResponseCode(info.response_code));
    }
    Ok(())
}

fn time(field: &'static str, value: &str) -> Result<DateTime, UsageError> {
    DateTime::strptime(TIME_FORMAT, value).map_err(|_| UsageError::Time {
        field,
        value: value.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage() -> RecordUsage {
        serde_json::from_value(json!({
            "userId": "demo", "clientId": "YQ==",
            "dataInfo": {
                "usageGUID": "0d9fcb1e-6a2f-4c0b-9a59-6d1f4ef2a001", "amountForSettlement": 100,
                "timestampStartString": "2025/10/23T04:05:06.000Z", "timestampEndString": "2025/10/23T04:05:09.000Z",
                "tokenIn": 1, "tokenOut": 2, "responseCode": 200
            }
        }))
        .unwrap()
    }

    #[test]
    fn a_use_of_the_contract_passes() {
        assert_eq!(check(&usage()), Ok(()));
    }

    #[test]
    fn a_time_in_another_form_is_refused() {
        for wrong in [
            "2025-10-23T04:05:06.000Z",
            "2025/10/23 04:05:06",
            "2025/13/23T04:05:06.000Z",
            "",
        ] {
            let mut usage = usage();
            usage.data_info.timestamp_start_string = wrong.to_owned();
            assert!(
                matches!(check(&usage), Err(UsageError::Time { .. })),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_use_that_ends_before_it_starts_is_refused() {
        let mut usage = usage();
        usage.data_info.timestamp_end_string = "2025/10/23T04:05:05.000Z".to_owned();
        assert_eq!(check(&usage), Err(UsageError::EndsBeforeStart));
    }

    #[test]
    fn a_guid_of_another_version_is_refused() {
        let mut usage = usage();
        usage.data_info.usage_guid = "0d9fcb1e-6a2f-1c0b-9a59-6d1f4ef2a001".to_owned();
        assert!(matches!(check(&usage), Err(UsageError::Guid(_))));
    }

    #[test]
    fn a_repeat_is_counted_and_a_different_one_is_a_conflict() {
        let mut usages = Usages::default();
        for _ in 0..2 {
            usages.record(usage(), "/p", Timestamp::UNIX_EPOCH);
        }
        let mut other = usage();
        other.data_info.amount_for_settlement = 150;
        usages.record(other, "/p", Timestamp::UNIX_EPOCH);
        assert_eq!(usages.all().len(), 1);
        assert_eq!((usages.all()[0].repeats, usages.all()[0].conflicts), (2, 1));
    }
}
