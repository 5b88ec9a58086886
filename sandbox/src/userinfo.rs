//! `GET /api/auth/sso/userinfo` (`aicon.md` 4).

use std::sync::Arc;

use aicon_protocol::aicon::UserInfo;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::jwt::TokenUse;
use crate::state::{Sandbox, count, now};
use crate::token::OAuthError;

pub(crate) async fn handle(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
) -> Result<Response, OAuthError> {
    count(&sandbox.counters.userinfo_requests);
    if sandbox.faults.lock().userinfo_down {
        return Err(OAuthError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "temporarily_unavailable",
            "injected fault",
        ));
    }
    let claims = bearer(&headers)
        .and_then(|token| sandbox.signer.verify(token, TokenUse::Access, now()))
        .ok_or_else(|| {
            OAuthError::new(
                StatusCode::UNAUTHORIZED,
                "invalid_token",
                "no access token, or one that is not good any more",
            )
        })?;
    let body = Json(UserInfo {
        user_id: claims.user_id,
        client_id: claims.client_id,
    });
    Ok(([(header::CACHE_CONTROL, "no-store")], body).into_response())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}
