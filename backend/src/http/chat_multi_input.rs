//! `POST /api/Provider/chat-multi-input` and `/chat-type-2` (`aicon.md` 5).

use aicon_protocol::aicon::OutputRow;
use axum::Json;
use axum::extract::{RawQuery, Request, State};
use axum::http::HeaderValue;

use super::base::base;
use super::caller::Caller;
use super::chatting_type::{idempotency_key, take_slot};
use super::error::HttpError;
use super::{multipart, query_value};
use crate::app::App;
use crate::service::form::{self, FormRequest};

/// Answers a form: an object for each output row.
///
/// # Errors
/// See [`form::run`].
pub async fn post(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Json<Vec<OutputRow>>, HttpError> {
    let model = query_value(query.as_deref(), "model");
    let (key, base) = (idempotency_key(request.headers()), base(&app, &request));
    let bounds = form::bounds(&app, &caller)?;
    let slot = take_slot(&app, &caller)?;
    let fields = multipart::fields(&app, bounds, request).await?;
    let request = FormRequest {
        model: model.as_deref(),
        idempotency_key: key.as_ref().map(HeaderValue::as_bytes),
        fields,
    };
    let mut outputs = form::run(&app, &caller, slot, request).await?;
    for output in outputs
        .iter_mut()
        .filter(|output| form::is_own_path(output))
    {
        output.value.insert_str(0, &base);
    }
    Ok(Json(outputs))
}
