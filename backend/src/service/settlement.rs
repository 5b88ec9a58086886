//! What AICON asks for once a month: who may ask, and a page of the ledger (`aicon.md` 6, "Get usage for settlement").

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

use super::ServiceError;
use super::identity::{Credentials, same_secret};
use super::ledger::LedgerReader;
use crate::app::App;
use crate::config::{AddressRange, SettlementAccess, SettlementSettings};
use crate::settlement::{Page, Query};

/// Who may ask. Closed until the provider chooses.
#[derive(Debug)]
pub enum Gate {
    /// Nobody.
    Closed,
    /// Who has the key.
    ApiKey(SecretString),
    /// Who calls from one of these.
    Addresses(Vec<AddressRange>),
    /// Everyone.
    Open,
}

/// The key's file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// It cannot be read.
    #[error(
        "failed to read file `{}` (key `settlement.api_key_file`, AICON_SETTLEMENT_API_KEY_FILE): {source}", path.display()
    )]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Nothing is in it.
    #[error(
        "file `{}` is empty (key `settlement.api_key_file`, AICON_SETTLEMENT_API_KEY_FILE): expected the key that AICON sends", .0.display()
    )]
    Empty(PathBuf),
}

/// A page and its rows, which are yet to be read.
#[derive(Debug)]
pub struct PageReader {
    /// What was asked.
    pub query: Query,
    /// Which rows it is.
    pub page: Page,
    /// The rows.
    pub rows: LedgerReader,
}

impl Gate {
    /// By the configuration, which has been checked for what its access needs.
    ///
    /// # Errors
    /// The key's file cannot be read or is empty.
    pub fn new(settings: &SettlementSettings) -> Result<Self, GateError> {
        Ok(match settings.access {
            SettlementAccess::Closed => Self::Closed,
            SettlementAccess::Open => Self::Open,
            SettlementAccess::Addresses => Self::Addresses(settings.addresses.clone()),
            SettlementAccess::ApiKey => match (&settings.api_key, &settings.api_key_file) {
                (Some(key), _) => Self::ApiKey(key.clone()),
                (None, Some(file)) => Self::ApiKey(read_key(file)?),
                (None, None) => Self::Closed,
            },
        })
    }

    /// Lets a caller in. The address is absent where nobody knows it; then it is on no list.
    ///
    /// # Errors
    /// Closed, no key or a wrong one, or an address that is not listed.
    pub fn admit(
        &self,
        credentials: Credentials<'_>,
        address: Option<IpAddr>,
    ) -> Result<(), ServiceError> {
        match self {
            Self::Open => Ok(()),
            Self::Closed => Err(ServiceError::SettlementClosed),
            Self::ApiKey(expected) => {
                let given = credentials.api_key.or(credentials.bearer);
                let is_same = same_secret(given.unwrap_or_default(), expected.expose_secret());
                is_same.then_some(()).ok_or(ServiceError::WrongKey)
            }
            Self::Addresses(listed) => {
                let is_listed = address
                    .is_some_and(|address| listed.iter().any(|range| range.contains(address)));
                is_listed
                    .then_some(())
                    .ok_or(ServiceError::ForeignAddress(address))
            }
        }
    }
}

/// Finds a page. What it costs does not grow with the page's number.
///
/// # Errors
/// The query is wrong, or the store does not answer.
pub async fn page(app: &App, query: &str) -> Result<PageReader, ServiceError> {
    let query = Query::parse(query).map_err(ServiceError::InvalidParams)?;
    let days = app
        .settings
        .settlement
        .time_zone
        .span(query.first, query.last);
    let span = app.store.ledger_span(days.start, days.end).await?;
    let page = Page::of(span, query.page_number, query.page_size);
    Ok(PageReader {
        query,
        page,
        rows: LedgerReader::new(app.store.clone(), page.rows),
    })
}

fn read_key(path: &Path) -> Result<SecretString, GateError> {
    let text = std::fs::read_to_string(path).map_err(|source| GateError::Read {
        path: path.to_owned(),
        source,
    })?;
    match text.trim() {
        "" => Err(GateError::Empty(path.to_owned())),
        key => Ok(SecretString::from(key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(settings: SettlementSettings) -> Gate {
        Gate::new(&settings).unwrap()
    }

    #[test]
    fn nobody_gets_in_until_the_provider_chooses() {
        let refused = gate(SettlementSettings::default()).admit(Credentials::default(), None);
        assert!(matches!(refused, Err(ServiceError::SettlementClosed)));
    }

    #[test]
    fn the_key_is_taken_as_header_or_bearer_and_from_a_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "the-key\n").unwrap();
        let gate = gate(SettlementSettings {
            access: SettlementAccess::ApiKey,
            api_key_file: Some(file.path().to_owned()),
            ..SettlementSettings::default()
        });
        for (api_key, bearer, is_in) in [
            (Some("the-key"), None, true),
            (None, Some("the-key"), true),
            (Some("the-key "), None, false),
            (Some("the-kez"), Some("the-key"), false),
            (Some(""), None, false),
            (None, None, false),
        ] {
            let admitted = gate.admit(Credentials { api_key, bearer }, None);
            assert_eq!(admitted.is_ok(), is_in, "{api_key:?} {bearer:?}");
        }
    }

    #[test]
    fn an_empty_key_file_stops_the_start() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Gate::new(&SettlementSettings {
            access: SettlementAccess::ApiKey,
            api_key_file: Some(file.path().to_owned()),
            ..SettlementSettings::default()
        });
        assert!(error.unwrap_err().to_string().contains("api_key_file"));
    }

    #[test]
    fn only_listed_addresses_get_in() {
        let range = AddressRange::try_from("203.0.113.0/24".to_owned()).unwrap();
        let gate = gate(SettlementSettings {
            access: SettlementAccess::Addresses,
            addresses: vec![range],
            ..SettlementSettings::default()
        });
        for (address, is_in) in [
            (Some("203.0.113.9"), true),
            (Some("::ffff:203.0.113.9"), true),
            (Some("203.0.114.9"), false),
            (None, false),
        ] {
            let address = address.map(|text| text.parse().unwrap());
            let admitted = gate.admit(Credentials::default(), address);
            assert_eq!(admitted.is_ok(), is_in, "{address:?}");
        }
    }
}
