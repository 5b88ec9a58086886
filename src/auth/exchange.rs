//! The token endpoint, by one of two ways: AICON's own when the bundle holds the client secret, or the back end's
//! `POST /auth/token`, which holds it instead (`aicon.md` 3.3 and 3.6).

use aicon_protocol::ai::{ErrorBody, ErrorCode};
use aicon_protocol::aicon::{EXCHANGE_PATH, ExchangeRequest, TOKEN_PATH, TokenResponse};
use aicon_protocol::id::ClientId;

use super::Reason;
use crate::browser::http::{self, Call};
use crate::browser::location::encode;
use crate::config::{Config, LoginConfig};
use crate::json::{Json, Object};

/// What is traded for tokens.
pub(super) enum Grant {
    Code {
        code: String,
        verifier: String,
        redirect_uri: String,
    },
    Refresh {
        token: String,
    },
}

pub(super) async fn exchange(
    config: &Config,
    login: &LoginConfig,
    grant: Grant,
) -> Result<TokenResponse, Reason> {
    let rejected = match &grant {
        Grant::Code { .. } => Reason::CodeRejected,
        Grant::Refresh { .. } => Reason::Expired,
    };
    let (url, content_type, body) = match &login.client_secret {
        Some(secret) => (
            [login.aicon_api.as_str(), TOKEN_PATH].concat(),
            "application/x-www-form-urlencoded",
            form(login, secret, grant),
        ),
        None => (
            [config.api_end_point.as_str(), EXCHANGE_PATH].concat(),
            "application/json",
            json(login, grant),
        ),
    };
    let call = Call {
        url: &url,
        content_type: Some(content_type),
        body: Some(&body),
        ..Call::default()
    };
    let response = http::fetch(call).await.map_err(|_| Reason::Unavailable)?;
    let status = response.status();
    let text = http::text(&response)
        .await
        .map_err(|_| Reason::Unavailable)?;
    let json = Json::parse(&text).ok();
    if response.ok() {
        return json
            .as_ref()
            .and_then(TokenResponse::read)
            .ok_or(Reason::Unavailable);
    }
    let code = json
        .as_ref()
        .and_then(ErrorBody::read)
        .map(|body| body.code);
    Err(match (status, code) {
        (_, Some(ErrorCode::InvalidGrant)) => rejected,
        (403 | 404, _) => Reason::Misconfigured,
        (408 | 429 | 500.., _) => Reason::Unavailable,
        (401, _) if login.client_secret.is_none() => Reason::Misconfigured,
        _ => rejected,
    })
}

fn json(login: &LoginConfig, grant: Grant) -> String {
    let client_id = ClientId::new(login.client_id.as_str());
    let request = match grant {
        Grant::Code {
            code,
            verifier,
            redirect_uri,
        } => ExchangeRequest::AuthorizationCode {
            client_id,
            code,
            redirect_uri,
            code_verifier: Some(verifier).filter(|verifier| !verifier.is_empty()),
        },
        Grant::Refresh { token } => ExchangeRequest::RefreshToken {
            client_id,
            refresh_token: token,
        },
    };
    let mut object = Object::new();
    request.write(&mut object);
    object.into_text()
}

fn form(login: &LoginConfig, secret: &str, grant: Grant) -> String {
    let mut body = [
        "client_id=",
        &encode(&login.client_id),
        "&client_secret=",
        &encode(secret),
    ]
    .concat();
    let mut add = |name: &str, value: &str| {
        body.push('&');
        body.push_str(name);
        body.push('=');
        body.push_str(&encode(value));
    };
    match &grant {
        Grant::Code {
            code,
            verifier,
            redirect_uri,
        } => {
            add("grant_type", &login.authorization_grant);
            add("code", code);
            add("redirect_uri", redirect_uri);
            if !verifier.is_empty() {
                add("code_verifier", verifier);
            }
        }
        Grant::Refresh { token } => {
            add("grant_type", &login.refresh_grant);
            add("refresh_token", token);
        }
    }
    body
}
