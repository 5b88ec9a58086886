//! Why a command failed.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::app::StartError;
use crate::config::ConfigError;
use crate::service::sealing::SealError;
use crate::settlement::StatementError;
use crate::store::StoreError;

/// What a command fails with. No text holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The configuration cannot be printed.
    #[error("failed to print the configuration: {0}")]
    Print(#[from] toml::ser::Error),
    /// The level of the log.
    #[error("failed to read key `log.level` (AICON_LOG): {0}")]
    Log(#[from] tracing_subscriber::filter::ParseError),
    /// The server's address.
    #[error("failed to listen on `{address}`: {source} (key `listen`, AICON_LISTEN, --listen)")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The server cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Database or blobs.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key that seals secrets.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Standard input or output.
    #[error("failed to {action}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Why.
        source: io::Error,
    },
    /// JSON that our own code made.
    #[error("failed to write JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// AICON's statement.
    #[error("`{}`: {source}", path.display())]
    Statement {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: StatementError,
    },
    /// Not a failure of the command: what it compared is not the same.
    #[error("AICON's statement and the ledger differ ({0} differences)")]
    Differences(usize),
    /// What was asked for cannot be.
    #[error("{0}")]
    Refused(String),
}

impl CliError {
    /// The process's exit status: 1 for what was compared and differs, as `diff` and `cmp` do it, 2 for everything else.
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::Differences(_) => 1,
            _ => 2,
        }
    }

    pub(super) fn io(action: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, source }
    }
}
