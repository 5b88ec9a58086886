//! Record usage (`aicon.md` 6), on the guideline's and on the sample's path.

mod book;
mod check;
mod faults;

use std::future::pending;
use std::sync::Arc;
use std::time::Instant;

use aicon_protocol::aicon::RecordUsage;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{ConnectInfo, MatchedPath, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;

use crate::cut::Cut;
use crate::faults::disturb;
use crate::state::{Sandbox, count, now};
use crate::token::OAuthError;

pub(crate) use book::{Known, Summary, Totals, Usages};
pub(crate) use check::{Checked, check};
pub(crate) use faults::{Fault, FaultSource, RecordFaultChange, RecordFaultError, RecordFaults};

use faults::{Draw, Outcome};

/// What an answer looks like that something broke on its way.
const GARBAGE: &[u8] = b"{\"success\": tr\x00\xff\xfe";

/// What a proxy may say in AICON's place.
const PROXY_PAGE: &str = "<!doctype html><title>Maintenance</title><p>Please come back later.";

/// Shape and secret first, so that each call that counts as a try is one that AICON could have taken.
pub(crate) async fn handle(
    State(sandbox): State<Arc<Sandbox>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    path: MatchedPath,
    body: Result<Json<RecordUsage>, JsonRejection>,
) -> Result<Response, OAuthError> {
    disturb(&sandbox).await?;
    count(&sandbox.counters.usage_requests);
    if sandbox.faults.lock().record_usage_down {
        return Err(unavailable());
    }
    let (usage, checked) = read(&sandbox, body)?;
    let usage = Arc::new(usage);
    sandbox
        .usages
        .lock()
        .note_try(&usage, checked, path.as_str(), now());
    let draw = draw(&sandbox, &usage);
    if let Some(delay) = draw.delay {
        tokio::time::sleep(delay).await;
    }
    if draw.outcome.records() {
        sandbox.usages.lock().record(usage, checked, now());
    }
    sandbox.changed.send_replace(());
    answer(&sandbox, draw.outcome, &cut).await
}

fn read(
    sandbox: &Sandbox,
    body: Result<Json<RecordUsage>, JsonRejection>,
) -> Result<(RecordUsage, Checked), OAuthError> {
    let refuse = |description: String| {
        OAuthError::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    };
    let Json(mut usage) = body.map_err(|error| refuse(error.body_text()))?;
    let secret = usage.client_secret.take().unwrap_or_default();
    if !sandbox.accepts(usage.client_id.as_str(), &secret) {
        let description = "`clientId` or `clientSecret` are wrong";
        return Err(OAuthError::new(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            description,
        ));
    }
    let checked = check(&usage).map_err(|error| refuse(error.to_string()))?;
    Ok((usage, checked))
}

fn draw(sandbox: &Sandbox, usage: &RecordUsage) -> Draw {
    let draw = sandbox
        .record_faults
        .lock()
        .draw(usage.user_id.as_str(), Instant::now());
    let counters = &sandbox.counters.record_faults;
    if draw.delay.is_some() {
        count(&counters.delay);
    }
    match draw.outcome {
        Outcome::Fine => {}
        Outcome::Fault(fault) => count(&counters.drawn[fault as usize]),
        Outcome::Refused(_) => count(&counters.refused),
        Outcome::Outage => count(&counters.outage),
    }
    draw
}

async fn answer(sandbox: &Sandbox, outcome: Outcome, cut: &Cut) -> Result<Response, OAuthError> {
    match outcome {
        Outcome::Fine => Ok(Json(json!({ "success": true })).into_response()),
        Outcome::Refused(status) => Err(OAuthError::new(
            StatusCode::from_u16(status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY),
            "invalid_request",
            "injected fault: this user is refused",
        )),
        Outcome::Fault(Fault::Error) => Err(OAuthError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            "injected fault",
        )),
        Outcome::Fault(Fault::TooManyRequests) => Ok(too_many_requests(sandbox)),
        Outcome::Fault(Fault::Garbage) => {
            let kind = [(header::CONTENT_TYPE, "application/json")];
            Ok((kind, GARBAGE).into_response())
        }
        Outcome::Fault(Fault::GarbageUncommitted) => Ok(Html(PROXY_PAGE).into_response()),
        Outcome::Fault(Fault::Timeout | Fault::CommitTimeout) => {
            sandbox.never_answer().await;
            cut.close();
            Err(unavailable())
        }
        // What is answered here does not get out any more.
        Outcome::Fault(Fault::LostAnswer) => {
            cut.close();
            Err(unavailable())
        }
        Outcome::Fault(Fault::Reset) | Outcome::Outage => {
            cut.reset();
            Err(unavailable())
        }
    }
}

fn too_many_requests(sandbox: &Sandbox) -> Response {
    let retry_after = sandbox.record_faults.lock().settings().retry_after_s;
    let error = OAuthError::new(
        StatusCode::TOO_MANY_REQUESTS,
        "temporarily_unavailable",
        "injected fault",
    );
    ([(header::RETRY_AFTER, retry_after.to_string())], error).into_response()
}

fn unavailable() -> OAuthError {
    OAuthError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "temporarily_unavailable",
        "injected fault",
    )
}

impl Outcome {
    fn records(self) -> bool {
        match self {
            Self::Fine | Self::Fault(Fault::LostAnswer | Fault::CommitTimeout | Fault::Garbage) => {
                true
            }
            Self::Refused(_)
            | Self::Outage
            | Self::Fault(
                Fault::Error
                | Fault::TooManyRequests
                | Fault::Timeout
                | Fault::GarbageUncommitted
                | Fault::Reset,
            ) => false,
        }
    }
}

impl Sandbox {
    /// Ends when the sandbox stops, or never: the caller is dropped when its peer goes away.
    async fn never_answer(&self) {
        let mut stopped = self.stopped.clone();
        if stopped.wait_for(|stopped| *stopped).await.is_err() {
            pending::<()>().await;
        }
    }
}

/// A use of 100 won in October 2025.
#[cfg(test)]
pub(crate) fn sample() -> RecordUsage {
    let json = json!({
        "userId": "demo", "clientId": "YQ==",
        "dataInfo": {
            "usageGUID": "0d9fcb1e-6a2f-4c0b-9a59-6d1f4ef2a001", "amountForSettlement": 100,
            "timestampStartString": "2025/10/23T04:05:06.000Z", "timestampEndString": "2025/10/23T04:05:09.000Z",
            "tokenIn": 1, "tokenOut": 2, "responseCode": 200
        },
        "parameterInfo": { "inputContent": "a", "outputContent": "b" }
    });
    serde_json::from_value(json).expect("it has the contract's shape")
}
