//! AICON's monthly call: who may make it, and which days it counts.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::address::AddressRange;
use super::check::CheckError;
use super::settings::{hidden, settings};
use crate::settlement::Zone;

settings! {
    /// See [`super::Settings::settlement`].
    SettlementSettings {
        /// `closed`, `api-key`, `addresses` or `open`.
        access: SettlementAccess = SettlementAccess::Closed,
        /// The key of access `api-key`.
        #[serde(serialize_with = "hidden")]
        api_key: Option<SecretString> = None,
        /// A file with that key; line ends around it do not count.
        api_key_file: Option<PathBuf> = None,
        /// The callers of access `addresses`: addresses or networks.
        addresses: Vec<AddressRange> = Vec::new(),
        /// Where days begin and end, by its IANA name. AICON's sample counts them in UTC.
        time_zone: Zone = Zone::utc(),
        /// Whether the answer holds client secrets, as the official sample's does.
        include_secret: bool = false,
    }
}

/// See [`SettlementSettings::access`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettlementAccess {
    /// Nobody: the provider has not chosen yet.
    Closed,
    /// Who sends the key, as `X-Api-Key` or bearer token.
    ApiKey,
    /// Who calls from a listed address.
    Addresses,
    /// Everyone.
    Open,
}

pub(super) fn check(settlement: &SettlementSettings) -> Result<(), CheckError> {
    let keys = (&settlement.api_key, &settlement.api_key_file);
    let missing = |key: &str, variable, needed_by: &str, expected| CheckError::Missing {
        key: key.to_owned(),
        variable,
        needed_by: needed_by.to_owned(),
        expected,
    };
    match (settlement.access, keys) {
        (_, (Some(_), Some(_))) => Err(CheckError::Both {
            first: "settlement.api_key",
            second: "settlement.api_key_file",
        }),
        (SettlementAccess::ApiKey, (None, None)) => Err(missing(
            "settlement.api_key",
            "AICON_SETTLEMENT_API_KEY",
            "settlement.access = api-key",
            "the key that AICON sends, or `settlement.api_key_file`, a file with it",
        )),
        (SettlementAccess::Addresses, _) if settlement.addresses.is_empty() => Err(missing(
            "settlement.addresses",
            "AICON_SETTLEMENT_ADDRESSES",
            "settlement.access = addresses",
            "addresses or networks such as `203.0.113.7`, `203.0.113.0/24`",
        )),
        _ => Ok(()),
    }
}
