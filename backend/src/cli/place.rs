//! Which configuration and which data a command is about.

use std::path::PathBuf;

use clap::Args;
use secrecy::SecretString;

use super::CliError;
use crate::clock::Clock;
use crate::config::{self, Settings};
use crate::store::{Role, Store, StoreOptions};

#[derive(Args, Clone, Debug)]
pub(super) struct Place {
    /// Directory of the database and the uploaded files [default: ./data; AICON_DATA]
    #[arg(long)]
    data: Option<PathBuf>,
    /// Configuration file, TOML [AICON_CONFIG]
    #[arg(long, env = "AICON_CONFIG")]
    config: Option<PathBuf>,
    /// Database: postgres://… or the path of an SQLite file [default: aicon.db in the data directory; AICON_DATABASE]
    #[arg(long)]
    database: Option<String>,
    /// Uploaded files: s3://bucket/prefix or a directory [default: files in the data directory; AICON_BLOBS]
    #[arg(long)]
    blobs: Option<String>,
}

impl Place {
    /// The configuration as the server reads it.
    pub(super) fn settings(&self, listen: Option<String>) -> Result<Settings, CliError> {
        self.settings_with(listen, None)
    }

    /// [`Place::settings`] with a folder of model definitions.
    pub(super) fn settings_with(
        &self,
        listen: Option<String>,
        models: Option<PathBuf>,
    ) -> Result<Settings, CliError> {
        let flags = config::Flags {
            listen,
            data: self.data.clone(),
            config: self.config.clone(),
            database: self.database.clone().map(SecretString::from),
            blobs: self.blobs.clone(),
            models,
        };
        Ok(config::load(&flags, |name| std::env::var(name).ok())?)
    }

    /// The store, beside a server that may run.
    pub(super) async fn store(&self) -> Result<(Settings, Store), CliError> {
        let settings = self.settings(None)?;
        let store = Store::open(&StoreOptions::new(&settings, Role::Tool, Clock::system())).await?;
        Ok((settings, store))
    }
}
