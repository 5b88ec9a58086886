//! `/sandbox/*`: for tests and scripts. No part of AICON.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{FormRejection, JsonRejection, QueryRejection};
use axum::extract::{Form, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::{self, FaultChange, FaultView};
use crate::state::{CounterValues, Sandbox};
use crate::usage::{Known, RecordFaultChange, Summary};

/// Uses written under one lock.
const CHUNK: u64 = 500;

/// `GET /sandbox/faults`
pub(crate) async fn faults(State(sandbox): State<Arc<Sandbox>>) -> Json<FaultView> {
    Json(faults::view(&sandbox))
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
    match faults::change(&sandbox, &change) {
        Ok(()) => Json(faults::view(&sandbox)).into_response(),
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
        record_usage: None,
    };
    match faults::change(&sandbox, &change) {
        Ok(()) => (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response(),
        Err(error) => refuse(&error.to_string()),
    }
}

/// `POST /sandbox/faults/record/form`: fields named as the flags; an empty one changes nothing, but users to refuse.
pub(crate) async fn submit_record_faults(
    State(sandbox): State<Arc<Sandbox>>,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response {
    let Form(fields) = match form {
        Ok(form) => form,
        Err(error) => return refuse(&error.body_text()),
    };
    let seed = sandbox.record_faults.lock().settings().seed;
    let change = match RecordFaultChange::from_form(&fields, seed) {
        Ok(change) => change,
        Err(error) => return refuse(&error.to_string()),
    };
    let change = FaultChange {
        record_usage: Some(change),
        ..FaultChange::default()
    };
    match faults::change(&sandbox, &change) {
        Ok(()) => (
            StatusCode::SEE_OTHER,
            [(header::LOCATION, "/#record-faults")],
        )
            .into_response(),
        Err(error) => refuse(&error.to_string()),
    }
}

/// Which recorded uses are asked for. Ordinals count from 1 in the order of recording and never change.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UsageQuery {
    /// This many at most; all when not given.
    limit: Option<u64>,
    /// Only those with a higher ordinal.
    after: Option<u64>,
    /// Only those with a lower ordinal.
    before: Option<u64>,
    #[serde(default)]
    order: Order,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Order {
    #[default]
    Oldest,
    Newest,
}

/// `GET /sandbox/usages`: recorded uses, the oldest first unless `order=newest`.
pub(crate) async fn usages(
    State(sandbox): State<Arc<Sandbox>>,
    query: Result<Query<UsageQuery>, QueryRejection>,
) -> Response {
    let Query(query) = match query {
        Ok(query) => query,
        Err(error) => return refuse(&error.body_text()),
    };
    let json = query.collect(&sandbox);
    ([(header::CONTENT_TYPE, "application/json")], json).into_response()
}

impl UsageQuery {
    fn collect(&self, sandbox: &Sandbox) -> Vec<u8> {
        let mut first = self.after.map_or(1, |after| after.saturating_add(1));
        let mut last = sandbox.usages.lock().recorded_count();
        last = self
            .before
            .map_or(last, |before| last.min(before.saturating_sub(1)));
        if let Some(limit) = self.limit {
            match self.order {
                Order::Oldest => last = last.min(first.saturating_add(limit).saturating_sub(1)),
                Order::Newest => first = first.max(last.saturating_sub(limit).saturating_add(1)),
            }
        }
        let mut json = vec![b'['];
        for (first, last) in chunks(first, last, self.order) {
            let usages = sandbox.usages.lock();
            let rows = usages.recorded(first, last);
            match self.order {
                Order::Oldest => write_rows(&mut json, rows),
                Order::Newest => write_rows(&mut json, rows.rev()),
            }
        }
        json.push(b']');
        json
    }
}

/// Parts of a span, so that no lock is held for long.
fn chunks(first: u64, last: u64, order: Order) -> impl Iterator<Item = (u64, u64)> {
    let count = (last + 1).saturating_sub(first).div_ceil(CHUNK);
    (0..count).map(move |n| match order {
        Order::Oldest => (first + n * CHUNK, last.min(first + (n + 1) * CHUNK - 1)),
        Order::Newest => {
            let last = last - n * CHUNK;
            (first.max((last + 1).saturating_sub(CHUNK)), last)
        }
    })
}

fn write_rows<'a>(json: &mut Vec<u8>, rows: impl Iterator<Item = &'a Known>) {
    for known in rows {
        if json.len() > 1 {
            json.push(b',');
        }
        serde_json::to_writer(&mut *json, &known.view()).expect("a use can be written to memory");
    }
}

/// `GET /sandbox/usages/{guid}`: one use, recorded or only tried.
pub(crate) async fn usage(
    State(sandbox): State<Arc<Sandbox>>,
    Path(guid): Path<String>,
) -> Response {
    let usages = sandbox.usages.lock();
    let known = uuid::Uuid::try_parse(&guid)
        .ok()
        .and_then(|guid| usages.get(guid));
    match known {
        Some(known) => Json(known.view()).into_response(),
        None => {
            let error = json!({ "error": "no call was about this GUID" });
            (StatusCode::NOT_FOUND, Json(error)).into_response()
        }
    }
}

/// `GET /sandbox/summary`
pub(crate) async fn summary(State(sandbox): State<Arc<Sandbox>>) -> Json<Summary> {
    Json(sandbox.usages.lock().summary())
}

/// `GET /sandbox/conflicts`: the first thousand; `/sandbox/summary` counts all.
pub(crate) async fn conflicts(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(json!(sandbox.usages.lock().conflicts()))
}

/// `GET /sandbox/counters`: calls seen since the start.
pub(crate) async fn counters(State(sandbox): State<Arc<Sandbox>>) -> Json<CounterValues> {
    Json(sandbox.counters.values())
}

fn refuse(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}
