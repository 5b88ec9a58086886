//! Proxies whose word about a caller's address counts.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// An address or a network in CIDR notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TrustedProxy(IpNet);

/// Why a text is none.
#[derive(Debug, thiserror::Error)]
#[error("expected an address such as `10.0.0.7` or a network such as `10.0.0.0/8`, found `{0}`")]
pub struct ProxyError(String);

impl TrustedProxy {
    /// Whether it speaks from the address.
    pub fn contains(&self, address: IpAddr) -> bool {
        // A socket that listens on `::` sees IPv4 callers as mapped addresses.
        self.0.contains(&address.to_canonical())
    }
}

impl TryFrom<String> for TrustedProxy {
    type Error = ProxyError;

    fn try_from(text: String) -> Result<Self, ProxyError> {
        let found = text.parse::<IpNet>().ok();
        found
            .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
            .map(Self)
            .ok_or(ProxyError(text))
    }
}

impl From<TrustedProxy> for String {
    fn from(proxy: TrustedProxy) -> Self {
        proxy.0.to_string()
    }
}
