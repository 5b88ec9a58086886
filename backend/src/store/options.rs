//! Where things are stored.

use std::path::PathBuf;

use secrecy::SecretString;

use crate::clock::Clock;
use crate::config::{S3Settings, Settings};

/// What [`super::Store::open`] needs to know.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// `postgres://…`, or the path of an SQLite file. Absent: `aicon.db` in `data`.
    pub database: Option<SecretString>,
    /// `s3://bucket/prefix`, or a directory. Absent: `files` in `data`.
    pub blobs: Option<String>,
    /// How S3 is reached.
    pub s3: S3Settings,
    /// Directory of what has no place of its own; made when it is not there.
    pub data: PathBuf,
    /// Who opens it.
    pub role: Role,
    /// Tells when a use is recorded.
    pub clock: Clock,
}

/// Who opens a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A server: alone on its SQLite file, one of several on PostgreSQL.
    Server,
    /// A command beside a running server: takes no lock and clears nothing up.
    Tool,
}

impl StoreOptions {
    /// By the configuration.
    pub fn new(settings: &Settings, role: Role, clock: Clock) -> Self {
        Self {
            database: settings.database.clone(),
            blobs: settings.blobs.clone(),
            s3: settings.s3.clone(),
            data: settings.data.clone(),
            role,
            clock,
        }
    }

    /// A server's store with everything in `data`, by the machine's clock.
    pub fn in_directory(data: impl Into<PathBuf>) -> Self {
        Self {
            database: None,
            blobs: None,
            s3: S3Settings::default(),
            data: data.into(),
            role: Role::Server,
            clock: Clock::system(),
        }
    }
}
