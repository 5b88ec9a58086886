//! Who calls: counted by address, identified, counted by user.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::error::HttpError;
use crate::app::App;
use crate::config::AddressRange;
use crate::metrics::Limit;
use crate::service::identity::Credentials;

pub use crate::service::identity::Caller;

/// The address of the connection, put into each request by the accept loop.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// A request within its address's limit, of whomever.
#[derive(Clone, Copy, Debug)]
pub struct Anyone;

impl FromRequestParts<App> for Anyone {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, HttpError> {
        if let Some(address) = address_of(parts, app) {
            app.rates
                .count_address(address)
                .inspect_err(|_| app.metrics.refusal(Limit::Address))?;
        }
        Ok(Self)
    }
}

/// An identified caller within the limits.
impl FromRequestParts<App> for Caller {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, HttpError> {
        Anyone::from_request_parts(parts, app).await?;
        let caller = app.authenticator.identify(credentials(parts)).await?;
        app.rates
            .count_user(&caller.user)
            .inspect_err(|_| app.metrics.refusal(Limit::User))?;
        Ok(caller)
    }
}

/// The caller's address, where the accept loop said one.
pub(super) fn address_of(parts: &Parts, app: &App) -> Option<IpAddr> {
    let Peer(peer) = parts.extensions.get()?;
    let trusted = &app.settings.proxy.trusted;
    Some(address(trusted, *peer, &parts.headers))
}

/// Whether the address is one of the provider's own proxies.
pub(super) fn is_trusted(trusted: &[AddressRange], address: IpAddr) -> bool {
    trusted.iter().any(|proxy| proxy.contains(address))
}

/// The last address in the chain of `X-Forwarded-For` that no trusted proxy has: what stands before it is the caller's
/// own word.
fn address(trusted: &[AddressRange], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let mut address = peer.to_canonical();
    let chain = headers.get_all("x-forwarded-for").into_iter();
    let named = chain
        .rev()
        .flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
    for text in named {
        if !is_trusted(trusted, address) {
            break;
        }
        match text.trim().parse::<IpAddr>() {
            Ok(named) => address = named.to_canonical(),
            Err(_) => break,
        }
    }
    address
}

/// What the request brought along.
pub(super) fn credentials(parts: &Parts) -> Credentials<'_> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_s_word_about_the_address_counts() {
        let trusted = ["10.0.0.0/8", "192.0.2.1"]
            .map(|text| AddressRange::try_from(text.to_owned()).unwrap());
        for (peer, forwarded, expected) in [
            ("10.1.2.3", &["203.0.113.9"][..], "203.0.113.9"),
            ("::ffff:10.1.2.3", &["203.0.113.9"], "203.0.113.9"),
            // The caller's own header stands before what the proxy appended.
            ("10.1.2.3", &["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
            (
                "10.1.2.3",
                &["1.1.1.1", "203.0.113.9, 192.0.2.1"],
                "203.0.113.9",
            ),
            ("10.1.2.3", &["2001:db8::7"], "2001:db8::7"),
            ("10.1.2.3", &["unknown"], "10.1.2.3"),
            ("10.1.2.3", &[], "10.1.2.3"),
            ("203.0.113.5", &["1.1.1.1"], "203.0.113.5"),
        ] {
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append("x-forwarded-for", value.parse().unwrap());
            }
            let found = address(&trusted, peer.parse().unwrap(), &headers);
            assert_eq!(
                found,
                expected.parse::<IpAddr>().unwrap(),
                "{peer} {forwarded:?}"
            );
        }
        let forged: HeaderMap = [(
            "x-forwarded-for".parse().unwrap(),
            "1.1.1.1".parse().unwrap(),
        )]
        .into_iter()
        .collect();
        let peer = IpAddr::from([203, 0, 113, 5]);
        assert_eq!(address(&[], peer, &forged), peer);
    }
}
