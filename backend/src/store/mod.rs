//! What survives: uses with their answers, the outbox, clients and file records in SQL, file contents as blobs. Only this
//! room knows either.
//!
//! ```text
//! open_use, complete_use ──▶ writer ──▶ committer (groups, flush) ──▶ opening, batch (SQL)       reads, outbox, clients, files ──▶ database
//! ```

mod batch;
mod blobs;
mod clients;
mod committer;
mod connect;
mod database;
mod files;
mod flush;
mod ledger;
mod opener;
mod opening;
mod options;
mod outbox;
mod places;
#[cfg(test)]
mod plans;
mod record;
mod reported;
mod results;
mod uses;
mod writer;

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::Notify;

use crate::clock::Clock;
use crate::id;

pub use blobs::BlobWriter;
pub use clients::ClientRow;
pub use files::FileRecord;
pub use flush::Flush;
pub use ledger::{Delivery, LedgerRow, Span};
pub use options::{Role, StoreOptions};
pub use outbox::{Claim, Delivered, OutboxDepth, RetryWhich};
pub use record::{Idempotency, NewUse, Opened, Outcome, Status, UseKind, UseRecord};
pub use reported::ReportedUse;
pub use results::ResultRecord;

use blobs::Blobs;
use database::{Database, reading};
use writer::Writer;

/// Why the store could not do its work. The source is for logs: it may hold paths and SQL.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The directory cannot be made or read.
    #[error(
        "failed to write to data directory `{path}` (key `data`, AICON_DATA, --data): {source}"
    )]
    Directory {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Another server has the SQLite file.
    #[error(
        "failed to open database `{0}`: another server is using it; stop that one, give this one a directory of its own \
         (key `data`, AICON_DATA, --data), or let both use PostgreSQL (key `database`, AICON_DATABASE, --database)"
    )]
    Locked(String),
    /// The SQLite file cannot be opened.
    #[error(
        "failed to open database `{path}` (key `database`, AICON_DATABASE, --database): {source}"
    )]
    Database {
        /// Which.
        path: String,
        /// Why.
        source: sqlx::Error,
    },
    /// The SQLite file is not one any more.
    #[error(
        "failed to open database `{path}`: it is damaged ({source}); put back a copy, or try `sqlite3 {path} .recover`, \
         or move it away with its `-wal` and `-shm` to begin with an empty one"
    )]
    Damaged {
        /// Which.
        path: String,
        /// Why.
        source: sqlx::Error,
    },
    /// PostgreSQL cannot be reached. The URL, which holds a password, is not told.
    #[error("failed to connect to PostgreSQL (key `database`, AICON_DATABASE, --database): {0}")]
    Connect(#[source] sqlx::Error),
    /// SQL.
    #[error("failed to {action}: {source}")]
    Sql {
        /// What was tried.
        action: &'static str,
        /// Why. Shared by all whom one failed transaction concerns.
        source: Arc<sqlx::Error>,
    },
    /// A written row may not outlive a power cut.
    #[error("failed to flush the write-ahead log: {0}")]
    Flush(#[source] Arc<std::io::Error>),
    /// Schema.
    #[error("failed to migrate the database: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The bucket cannot be used.
    #[error(
        "failed to use bucket `{url}` (key `blobs`, AICON_BLOBS, --blobs; section `s3`): {source}"
    )]
    Bucket {
        /// Which.
        url: String,
        /// Why.
        source: object_store::Error,
    },
    /// Blobs.
    #[error("failed to {action}: {source}")]
    Blob {
        /// What was tried.
        action: &'static str,
        /// Why.
        source: object_store::Error,
    },
    /// A row that our own code never writes, or an ID that is taken.
    #[error("failed to read row `{0}`: its columns do not fit")]
    Row(String),
    /// The store is closed.
    #[error("failed to reach the store: it is closed")]
    Closed,
}

impl StoreError {
    /// Whether trying again is in vain, because the store was closed.
    fn is_closed(&self) -> bool {
        match self {
            Self::Closed => true,
            Self::Sql { source, .. } => matches!(**source, sqlx::Error::PoolClosed),
            _ => false,
        }
    }
}

/// Database and blobs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
    blobs: Blobs,
    writer: Writer,
    clock: Clock,
    instance: Arc<str>,
    wake: Arc<Notify>,
    lock: Option<Arc<File>>,
}

impl Store {
    /// Opens what is there, making it where it is not, and brings the schema up to date. What a crash left open stays so:
    /// see [`Store::interrupted_uses`].
    ///
    /// # Errors
    /// The directory or the database cannot be used, or another server has it.
    pub async fn open(options: &StoreOptions) -> Result<Self, StoreError> {
        let (database, lock) = connect::connect(options).await?;
        let blobs = places::open(options, lock.is_some()).await?;
        let instance: Arc<str> = id::instance_id().into();
        let wake = Arc::new(Notify::new());
        let store = Self {
            writer: Writer::start(
                database.clone(),
                instance.clone(),
                wake.clone(),
                options.clock.clone(),
            ),
            database,
            blobs,
            clock: options.clock.clone(),
            instance,
            wake,
            lock: lock.map(Arc::new),
        };
        if options.role == Role::Server {
            store.heartbeat().await?;
        }
        Ok(store)
    }

    /// # Errors
    /// The database does not answer.
    pub async fn ping(&self) -> Result<(), StoreError> {
        reading!(&self.database, pool => sqlx::query("SELECT 1").execute(pool).await.map(drop))
            .map_err(sql("ping the database"))
    }

    /// Ends all connections, so that the write-ahead log is folded into the database, and lets the next server in.
    pub async fn close(&self) {
        self.sign_off().await;
        match &self.database {
            Database::Sqlite {
                writer,
                opener,
                readers,
                ..
            } => {
                readers.close().await;
                opener.close();
                writer.close().await;
            }
            Database::Postgres(pool) => pool.close().await,
        }
        if let Some(Err(error)) = self.lock.as_ref().map(|lock| lock.unlock()) {
            tracing::warn!(%error, "failed to unlock the database");
        }
    }

    fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.database.text(text)
    }
}

fn sql(action: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |source| StoreError::Sql {
        action,
        source: Arc::new(source),
    }
}

fn blob(action: &'static str) -> impl FnOnce(object_store::Error) -> StoreError {
    move |source| StoreError::Blob { action, source }
}

fn directory_error(path: &Path) -> impl Fn(std::io::Error) -> StoreError {
    move |source| StoreError::Directory {
        path: path.display().to_string(),
        source,
    }
}
