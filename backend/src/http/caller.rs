//! Who calls: counted by address, identified, counted by user.

use std::net::IpAddr;

use aicon_protocol::id::UserId;
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::error::HttpError;
use crate::app::App;
use crate::service::identity::Credentials;

/// The address of the connection, put into each request by the accept loop.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// An identified user within the limits.
#[derive(Clone, Debug)]
pub struct Caller(pub UserId);

/// A request within its address's limit, of whomever.
#[derive(Clone, Copy, Debug)]
pub struct Anyone;

impl FromRequestParts<App> for Anyone {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, HttpError> {
        if let Some(Peer(address)) = parts.extensions.get() {
            app.rates.count_address(*address)?;
        }
        Ok(Self)
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, HttpError> {
        Anyone::from_request_parts(parts, app).await?;
        let user = app.authenticator.identify(credentials(parts)).await?;
        app.rates.count_user(&user)?;
        Ok(Self(user))
    }
}

fn credentials(parts: &Parts) -> Credentials<'_> {
    let text = |name| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let bearer = text(AUTHORIZATION.as_str())
        .and_then(|value| value.split_once(' '))
        .and_then(|(scheme, token)| {
            let token = token.trim();
            (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
        });
    Credentials {
        bearer,
        api_key: text("x-api-key"),
    }
}
