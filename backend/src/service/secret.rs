//! Where a client's secret is, and how it is read.

use std::path::PathBuf;

use aicon_protocol::id::ClientId;
use secrecy::{ExposeSecret as _, SecretString};

use super::sealing::{Seal, SealError};
use crate::config::{SecretSource, Settings};

/// Before the path of a file that holds the secret, in a client's row.
const FILE: &str = "file:";

/// Before the name of an environment variable that holds the secret, in a client's row.
const ENVIRONMENT: &str = "env:";

/// Why a client's secret is not to be had. No text holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It is sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Its file.
    #[error("failed to read secret file `{path}`: {source}")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Its variable.
    #[error("environment variable {0} is not set, and the client's secret should be in it")]
    Variable(String),
    /// There is nothing where it should be.
    #[error("the secret is empty")]
    Empty,
    /// Nobody said where it is.
    #[error("no secret is configured")]
    Nowhere,
}

/// A client's secret as its row keeps it.
#[derive(Debug)]
pub enum StoredSecret<'a> {
    /// By [`Seal::seal`].
    Sealed(&'a str),
    /// Somewhere else.
    At(SecretSource),
}

impl<'a> StoredSecret<'a> {
    /// Reads a row's column.
    pub fn parse(column: &'a str) -> Self {
        if let Some(path) = column.strip_prefix(FILE) {
            Self::At(SecretSource::File(PathBuf::from(path)))
        } else if let Some(name) = column.strip_prefix(ENVIRONMENT) {
            Self::At(SecretSource::Environment(name.to_owned()))
        } else {
            Self::Sealed(column)
        }
    }

    /// The secret itself.
    ///
    /// # Errors
    /// It is not there, or not sealed with the server's key.
    pub async fn open(
        self,
        settings: &Settings,
        client: &ClientId,
    ) -> Result<SecretString, SecretError> {
        match self {
            Self::Sealed(sealed) => Ok(Seal::open(settings)?.unseal(client, sealed)?),
            Self::At(source) => read(source).await,
        }
    }

    /// The column of a secret in a file.
    pub fn of_file(path: &str) -> String {
        format!("{FILE}{path}")
    }

    /// The column of a secret in an environment variable.
    pub fn of_variable(name: &str) -> String {
        format!("{ENVIRONMENT}{name}")
    }
}

/// Reads a secret from where it is.
///
/// # Errors
/// It is not there.
pub async fn read(source: SecretSource) -> Result<SecretString, SecretError> {
    let secret = match source {
        SecretSource::Given(secret) => secret,
        SecretSource::File(path) => tokio::fs::read_to_string(&path)
            .await
            .map(|text| SecretString::from(text.trim_matches(['\r', '\n'])))
            .map_err(|source| SecretError::File {
                path: path.display().to_string(),
                source,
            })?,
        SecretSource::Environment(name) => {
            let value = std::env::var(&name).map_err(|_| SecretError::Variable(name))?;
            SecretString::from(value)
        }
        SecretSource::Nowhere => return Err(SecretError::Nowhere),
    };
    if secret.expose_secret().is_empty() {
        return Err(SecretError::Empty);
    }
    Ok(secret)
}
