//! `POST /api/auth/sso/token` (`aicon.md` 3.3 and 3.6).

use std::sync::Arc;
use std::time::Duration;

use aicon_protocol::id::UserId;
use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cli::LifetimeStyle;
use crate::jwt::{TokenClaims, TokenUse};
use crate::state::{Sandbox, count, now, random_token};

/// How long before its issue an access token ended under the fault `expired_tokens`.
const EXPIRED_SINCE: i64 = 60;

/// The form's fields; which are needed depends on the grant type.
#[derive(Deserialize)]
pub(crate) struct TokenForm {
    client_id: Option<String>,
    client_secret: Option<String>,
    grant_type: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    refresh_token: Option<String>,
}

/// An error answer in the shape of RFC 6749, 5.2.
#[derive(Debug)]
pub(crate) struct OAuthError {
    status: StatusCode,
    error: &'static str,
    description: String,
}

impl OAuthError {
    pub(crate) fn new(status: StatusCode, error: &'static str, description: impl ToString) -> Self {
        Self {
            status,
            error,
            description: description.to_string(),
        }
    }

    fn invalid_request(description: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    fn invalid_grant(description: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_grant", description)
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": self.error, "error_description": self.description }));
        (self.status, [(header::CACHE_CONTROL, "no-store")], body).into_response()
    }
}

pub(crate) async fn handle(
    State(sandbox): State<Arc<Sandbox>>,
    form: Result<Form<TokenForm>, FormRejection>,
) -> Result<Response, OAuthError> {
    count(&sandbox.counters.token_requests);
    if sandbox.faults.lock().token_endpoint_down {
        return Err(OAuthError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "temporarily_unavailable",
            "injected fault",
        ));
    }
    let Form(form) = form.map_err(|error| OAuthError::invalid_request(error.body_text()))?;
    let client_id = required(form.client_id.as_deref(), "client_id")?;
    let client_secret = required(form.client_secret.as_deref(), "client_secret")?;
    if !sandbox.model.accepts(client_id, client_secret) {
        let description = "client ID or client secret are wrong";
        return Err(OAuthError::new(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            description,
        ));
    }
    let user = match required(form.grant_type.as_deref(), "grant_type")? {
        "authorization_code" => redeem_code(&sandbox, &form)?,
        "refresh_token" => redeem_refresh_token(&sandbox, &form)?,
        other => {
            let description = format!("`{other}` is not a known grant type");
            return Err(OAuthError::new(
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                description,
            ));
        }
    };
    let body = Json(issue(&sandbox, &user)?);
    Ok(([(header::CACHE_CONTROL, "no-store")], body).into_response())
}

fn required<'a>(value: Option<&'a str>, name: &str) -> Result<&'a str, OAuthError> {
    value
        .filter(|value| !value.is_empty())
        .ok_or_else(|| OAuthError::invalid_request(format!("the field `{name}` is missing")))
}

fn redeem_code(sandbox: &Sandbox, form: &TokenForm) -> Result<UserId, OAuthError> {
    let code = required(form.code.as_deref(), "code")?;
    let redirect_uri = required(form.redirect_uri.as_deref(), "redirect_uri")?;
    let verifier = form.code_verifier.as_deref();
    sandbox
        .grants
        .lock()
        .redeem_code(code, redirect_uri, verifier, now())
        .map_err(OAuthError::invalid_grant)
}

fn redeem_refresh_token(sandbox: &Sandbox, form: &TokenForm) -> Result<UserId, OAuthError> {
    count(&sandbox.counters.refreshes);
    let token = required(form.refresh_token.as_deref(), "refresh_token")?;
    let claims = sandbox
        .signer
        .verify(token, TokenUse::Refresh, now())
        .ok_or_else(|| {
            OAuthError::invalid_grant("the refresh token is not one of ours or has expired")
        })?;
    sandbox
        .grants
        .lock()
        .redeem_refresh_token(&claims.jti)
        .map_err(OAuthError::invalid_grant)
}

/// New tokens of both kinds, as AICON answers them.
fn issue(sandbox: &Sandbox, user: &UserId) -> Result<Value, OAuthError> {
    let access = claims(sandbox, user, TokenUse::Access, sandbox.access_ttl);
    let refresh = claims(sandbox, user, TokenUse::Refresh, sandbox.refresh_ttl);
    let mut body = json!({
        "access_token": sign(sandbox, &access)?,
        "refresh_token": sign(sandbox, &refresh)?,
        "token_type": "Bearer",
    });
    let seconds = sandbox.access_ttl.as_secs();
    match sandbox.lifetime_style {
        LifetimeStyle::Seconds => body["expires_in"] = json!(seconds),
        LifetimeStyle::ExpiredIn => body["expired_in"] = json!(seconds),
        LifetimeStyle::DateTime => {
            body["expires_in"] = json!(
                jiff::Timestamp::from_second(access.exp)
                    .map_or_else(|_| String::new(), |at| at.to_string())
            );
        }
    }
    sandbox
        .grants
        .lock()
        .add_refresh_token(refresh.jti, user.clone());
    Ok(body)
}

/// An access token for whom AICON itself runs the model.
pub(crate) fn access_token(sandbox: &Sandbox, user: &UserId) -> Result<String, OAuthError> {
    let access = claims(sandbox, user, TokenUse::Access, sandbox.access_ttl);
    sign(sandbox, &access)
}

fn sign(sandbox: &Sandbox, claims: &TokenClaims) -> Result<String, OAuthError> {
    sandbox.signer.sign(claims).map_err(|error| {
        let description = format!("failed to sign a token: {error}");
        OAuthError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            description,
        )
    })
}

fn claims(sandbox: &Sandbox, user: &UserId, token_use: TokenUse, ttl: Duration) -> TokenClaims {
    let iat = now().as_second();
    let is_expired = token_use == TokenUse::Access && sandbox.faults.lock().expired_tokens;
    let life = if is_expired {
        -EXPIRED_SINCE
    } else {
        i64::try_from(ttl.as_secs()).unwrap_or(i64::from(u32::MAX))
    };
    TokenClaims {
        user_id: user.clone(),
        client_id: sandbox.model.client_id.clone(),
        token_use,
        jti: random_token(),
        iat,
        exp: iat + life,
    }
}
