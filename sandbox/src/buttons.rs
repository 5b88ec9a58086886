//! "Run model" and "Settle month", as JSON for tests and as forms for the console.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{FormRejection, JsonRejection};
use axum::extract::{Form, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::provider::{Provider, RunModel};
use crate::settle::{self, SettleError, SettleRequest, Settlement};
use crate::state::{Sandbox, now};

/// Where the provider is from now on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderChange {
    url: String,
    /// None when not given.
    settlement_key: Option<String>,
}

/// The console's form for a settlement.
#[derive(Debug, Deserialize)]
pub(crate) struct SettleForm {
    month: String,
    page_size: u64,
    #[serde(default)]
    utc_offset_hours: i8,
}

/// `GET /sandbox/provider`: never the key.
pub(crate) async fn provider(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    let provider = sandbox.provider.lock();
    Json(json!({ "url": provider.url(), "has_settlement_key": provider.has_settlement_key() }))
}

/// `POST /sandbox/provider`: JSON only, so that no page of another origin can send the sandbox somewhere.
pub(crate) async fn set_provider(
    State(sandbox): State<Arc<Sandbox>>,
    change: Result<Json<ProviderChange>, JsonRejection>,
) -> Response {
    let Json(change) = match change {
        Ok(change) => change,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, error.body_text()),
    };
    match Provider::new(&change.url, change.settlement_key) {
        Ok(new) => *sandbox.provider.lock() = new,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, error.to_string()),
    }
    provider(State(sandbox)).await.into_response()
}

/// `POST /sandbox/run-model`: 200 whether alive or not.
pub(crate) async fn run_model(State(sandbox): State<Arc<Sandbox>>) -> Json<RunModel> {
    Json(run(&sandbox).await)
}

/// `POST /sandbox/run-model/form`
pub(crate) async fn submit_run_model(State(sandbox): State<Arc<Sandbox>>) -> Response {
    run(&sandbox).await;
    back_to("/#run-model")
}

/// `POST /sandbox/settle`: 200 whether balanced or not; 400 for a request, 502 for a provider that is no good.
pub(crate) async fn settle(
    State(sandbox): State<Arc<Sandbox>>,
    request: Result<Json<SettleRequest>, JsonRejection>,
) -> Response {
    let Json(request) = match request {
        Ok(request) => request,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, error.body_text()),
    };
    match settle_and_keep(&sandbox, &request).await {
        Ok(settlement) => Json(settlement).into_response(),
        Err(error @ SettleError::Request(_)) => refuse(StatusCode::BAD_REQUEST, error.to_string()),
        Err(error @ SettleError::Provider(_)) => refuse(StatusCode::BAD_GATEWAY, error.to_string()),
    }
}

/// `POST /sandbox/settle/form`
pub(crate) async fn submit_settle(
    State(sandbox): State<Arc<Sandbox>>,
    form: Result<Form<SettleForm>, FormRejection>,
) -> Response {
    let Form(form) = match form {
        Ok(form) => form,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, error.body_text()),
    };
    let request = SettleRequest {
        month: Some(form.month),
        page_size: Some(form.page_size),
        utc_offset_hours: form.utc_offset_hours,
        ..SettleRequest::default()
    };
    // The console shows a failure as it shows a result.
    _ = settle_and_keep(&sandbox, &request).await;
    back_to("/#settle")
}

/// Asks is-alive, and keeps what came for the console.
pub(crate) async fn run(sandbox: &Sandbox) -> RunModel {
    let provider = sandbox.provider.lock().clone();
    let result = provider.run_model(&sandbox.http, now()).await;
    sandbox.last.lock().run_model = Some(result.clone());
    result
}

async fn settle_and_keep(
    sandbox: &Sandbox,
    request: &SettleRequest,
) -> Result<Settlement, SettleError> {
    let result = settle::settle(sandbox, request).await;
    let kept = match &result {
        Ok(settlement) => Ok(settlement.clone()),
        Err(error) => Err(error.to_string()),
    };
    sandbox.last.lock().settlement = Some(kept);
    result
}

fn back_to(place: &'static str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}

fn refuse(status: StatusCode, error: String) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}
