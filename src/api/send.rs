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
    with_bearer(auth, async |bearer| {
        let call = Call {
            url: request.url,
            body: request.body,
            is_head: false,
            content_type: request.body.map(|_| "application/json"),
            bearer,
            signal: request.signal,
        };
        let response = http::fetch(call).await?;
        if response.ok() {
            return Ok(response);
        }
        Err(ApiError::Fault(fault_of(&response).await))
    })
    .await
}

/// Makes a call with the bearer token, and once more with a new one if the first is refused (promise S8).
pub(super) async fn with_bearer<T>(
    auth: &Auth,
    mut attempt: impl AsyncFnMut(Option<&str>) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let bearer = auth.bearer().await.map_err(|_| ApiError::SignedOut)?;
    let outcome = attempt(bearer.as_deref()).await;
    let Some(refused) = bearer.filter(|_| is_unauthorized(&outcome)) else {
        return outcome;
    };
    let renewed = auth.bearer_instead_of(&refused).await;
    let bearer = renewed.map_err(|_| ApiError::SignedOut)?;
    let outcome = attempt(bearer.as_deref()).await;
    if is_unauthorized(&outcome) {
        auth.give_up();
        return Err(ApiError::SignedOut);
    }
    outcome
}

fn is_unauthorized<T>(outcome: &Result<T, ApiError>) -> bool {
    matches!(
        outcome,
        Err(ApiError::Fault(Fault::Told { status: 401, .. }))
    )
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
