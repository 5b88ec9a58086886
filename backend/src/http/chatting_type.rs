//! `POST /api/Provider/chatting-type` and `/chat` (`aicon.md` 5).

use aicon_documents::{SafeName, attachment};
use axum::Json;
use axum::extract::{RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::caller::Caller;
use super::error::HttpError;
use super::{multipart, query_value};
use crate::app::App;
use crate::limits::StreamSlot;
use crate::metrics::Limit;
use crate::service::chatting::{self, Said};
use crate::service::form::FormRequest;

/// Answers a message: JSON, or a ZIP where files came with it.
///
/// # Errors
/// See [`chatting::run`].
pub async fn post(
    State(app): State<App>,
    caller: Caller,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, HttpError> {
    let model = query_value(query.as_deref(), "model");
    let key = idempotency_key(request.headers());
    let slot = take_slot(&app, &caller)?;
    let fields = multipart::fields(&app, chatting::bounds(&app, &caller), request).await?;
    let request = FormRequest {
        model: model.as_deref(),
        idempotency_key: key.as_ref().map(HeaderValue::as_bytes),
        fields,
    };
    Ok(match chatting::run(&app, &caller, slot, request).await? {
        Said::Message(message) => Json(json!({ "message": message })).into_response(),
        Said::Archive {
            name,
            media_type,
            bytes,
        } => {
            let headers = [
                (header::CONTENT_TYPE, media_type.to_owned()),
                (
                    header::CONTENT_DISPOSITION,
                    attachment(&SafeName::new(&name)),
                ),
            ];
            (headers, bytes).into_response()
        }
    })
}

/// The caller's word for a request that it may repeat.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get("idempotency-key").cloned()
}

/// A place among the user's streams, taken before the body is read: it bounds what a user can put on the disk.
pub(super) fn take_slot(app: &App, caller: &Caller) -> Result<StreamSlot, HttpError> {
    let slot = app.slots.take(&caller.user);
    Ok(slot.inspect_err(|_| app.metrics.refusal(Limit::Streams))?)
}
