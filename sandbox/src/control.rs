//! `/sandbox/*`: for tests and scripts. No part of AICON.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{FormRejection, JsonRejection};
use axum::extract::{Form, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::{FaultChange, Faults};
use crate::state::{CounterValues, Sandbox};

/// `GET /sandbox/faults`
pub(crate) async fn faults(State(sandbox): State<Arc<Sandbox>>) -> Json<Faults> {
    Json(sandbox.faults.lock().clone())
}

/// `POST /sandbox/faults`: changes the fields that are there, answers with all.
pub(crate) async fn change_faults(
    State(sandbox): State<Arc<Sandbox>>,
    change: Result<Json<FaultChange>, JsonRejection>,
) -> Response {
    let Json(change) = match change {
        Ok(change) => change,
        Err(error) => return refuse(&error.body_text()),
    };
    let mut faults = sandbox.faults.lock();
    match faults.apply(&change) {
        Ok(()) => Json(faults.clone()).into_response(),
        Err(error) => refuse(&error.to_string()),
    }
}

/// The console's form: a box that is not ticked does not travel, and means no.
#[derive(Debug, Deserialize)]
pub(crate) struct FaultForm {
    error_rate: f64,
    latency_ms: u64,
    expired_tokens: Option<String>,
    token_endpoint_down: Option<String>,
    userinfo_down: Option<String>,
    record_usage_down: Option<String>,
    refuse_next_login: Option<String>,
    echo_state: Option<String>,
}

/// `POST /sandbox/faults/form`
pub(crate) async fn submit_faults(
    State(sandbox): State<Arc<Sandbox>>,
    form: Result<Form<FaultForm>, FormRejection>,
) -> Response {
    let Form(form) = match form {
        Ok(form) => form,
        Err(error) => return refuse(&error.body_text()),
    };
    let change = FaultChange {
        error_rate: Some(form.error_rate),
        latency_ms: Some(form.latency_ms),
        expired_tokens: Some(form.expired_tokens.is_some()),
        token_endpoint_down: Some(form.token_endpoint_down.is_some()),
        userinfo_down: Some(form.userinfo_down.is_some()),
        record_usage_down: Some(form.record_usage_down.is_some()),
        refuse_next_login: Some(form.refuse_next_login.is_some()),
        echo_state: Some(form.echo_state.is_some()),
    };
    match sandbox.faults.lock().apply(&change) {
        Ok(()) => (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response(),
        Err(error) => refuse(&error.to_string()),
    }
}

/// `GET /sandbox/usages`: the recorded uses in order of arrival.
pub(crate) async fn usages(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(json!(sandbox.usages.lock().all()))
}

/// `GET /sandbox/counters`: calls seen since the start.
pub(crate) async fn counters(State(sandbox): State<Arc<Sandbox>>) -> Json<CounterValues> {
    Json(sandbox.counters.values())
}

fn refuse(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}
