//! Addresses and networks, as lists of proxies and of callers name them.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// An address or a network in CIDR notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressRange(IpNet);

/// Why a text is none.
#[derive(Debug, thiserror::Error)]
#[error("expected an address such as `10.0.0.7` or a network such as `10.0.0.0/8`, found `{0}`")]
pub struct AddressError(String);

impl AddressRange {
    /// Whether the address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        // A socket that listens on `::` sees IPv4 callers as mapped addresses.
        self.0.contains(&address.to_canonical())
    }
}

impl TryFrom<String> for AddressRange {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        let found = text.parse::<IpNet>().ok();
        found
            .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
            .map(Self)
            .ok_or(AddressError(text))
    }
}

impl From<AddressRange> for String {
    fn from(range: AddressRange) -> Self {
        range.0.to_string()
    }
}
