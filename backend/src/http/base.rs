//! The server's own address, as its callers know it.

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use url::Url;

use super::caller::{Peer, is_trusted};
use crate::app::App;

/// What stands before a path: `https://ai.example.com`. The setting, else what the request says; only a trusted proxy's word
/// about its own caller counts.
pub(super) fn base(app: &App, request: &Request) -> String {
    if let Some(url) = &app.settings.public_url {
        return url.as_str().trim_end_matches('/').to_owned();
    }
    let trusted = &app.settings.proxy.trusted;
    let peer = request.extensions().get::<Peer>();
    let is_forwarded = peer.is_some_and(|Peer(peer)| is_trusted(trusted, *peer));
    of_headers(request.headers(), is_forwarded).unwrap_or_default()
}

fn of_headers(headers: &HeaderMap, is_forwarded: bool) -> Option<String> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let forwarded = |name| {
        let chain = text(name).filter(|_| is_forwarded)?;
        // The first is the one nearest to the caller.
        chain.split(',').next().map(str::trim)
    };
    let scheme = forwarded("x-forwarded-proto").unwrap_or("http");
    let host = forwarded("x-forwarded-host").or_else(|| text(header::HOST.as_str()))?;
    let url = Url::parse(&format!("{scheme}://{host}")).ok()?;
    let is_origin = matches!(url.scheme(), "http" | "https")
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty();
    is_origin.then(|| url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_host_s_and_a_proxy_s_where_it_is_trusted() {
        let headers: HeaderMap = [
            ("host", "127.0.0.1:3000"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "ai.example.com, inner"),
        ]
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .into_iter()
        .collect();
        let found = |is_forwarded| of_headers(&headers, is_forwarded).unwrap();
        assert_eq!(found(true), "https://ai.example.com");
        assert_eq!(found(false), "http://127.0.0.1:3000");
        for host in ["a/b", "user@a", "a?b", "", "a b"] {
            let headers = [(header::HOST, host.parse().unwrap())]
                .into_iter()
                .collect();
            assert_eq!(of_headers(&headers, false), None, "{host}");
        }
    }
}
