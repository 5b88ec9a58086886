//! The one way out: adds the bearer token, renews it once on a 401, turns error answers into faults.

use web_sys::{AbortSignal, Response};

use super::{ApiError, Fault};
use crate::auth::Auth;
use crate::browser::http::{self, Call, Unreachable};

/// A call to the provider's API.
pub(super) struct Request<'a> {
    pub(super) url: &'a str,
    /// JSON; `POST` when there, `GET` when not.
    pub(super) body: Option<&'a str>,
    pub(super) signal: Option<&'a AbortSignal>,
}

pub(super) async fn send(auth: &Auth, request: Request<'_>) -> Result<Response, ApiError> {
    let mut bearer = auth.bearer().await.map_err(|_| ApiError::SignedOut)?;
    let mut is_retry = false;
    loop {
        let call = Call {
            url: request.url,
            body: request.body,
            content_type: request.body.map(|_| "application/json"),
            bearer: bearer.as_deref(),
            signal: request.signal,
        };
        let response = http::fetch(call).await?;
        if response.ok() {
            return Ok(response);
        }
        match bearer.as_deref().filter(|_| response.status() == 401) {
            Some(_) if is_retry => {
                auth.give_up();
                return Err(ApiError::SignedOut);
            }
            Some(refused) => {
                bearer = auth
                    .bearer_instead_of(refused)
                    .await
                    .map_err(|_| ApiError::SignedOut)?;
                is_retry = true;
            }
            None => return Err(ApiError::Fault(fault_of(&response).await)),
        }
    }
}

async fn fault_of(response: &Response) -> Fault {
    let retry_after = response
        .headers()
        .get("Retry-After")
        .ok()
        .flatten()
        .and_then(|text| text.trim().parse().ok());
    let text = http::text(response).await.unwrap_or_default();
    Fault::of_answer(response.status(), &text, retry_after)
}

impl From<Unreachable> for ApiError {
    fn from(unreachable: Unreachable) -> Self {
        match unreachable {
            Unreachable::Network => Self::Fault(Fault::Network),
            Unreachable::Aborted => Self::Aborted,
        }
    }
}
