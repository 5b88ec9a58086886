//! What survives: answers and file records in SQL, file contents as blobs. Only this room knows either.

mod blobs;
mod files;
mod record;
mod responses;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

pub use blobs::BlobWriter;
pub use files::FileRecord;
pub use record::{NewResponse, Outcome, ResponseRecord, Status};

/// Time that a write waits for another one before the store counts as unavailable.
const BUSY: Duration = Duration::from_secs(3);

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
    /// SQL.
    #[error("failed to {action}: {source}")]
    Sql {
        /// What was tried.
        action: &'static str,
        /// Why.
        source: sqlx::Error,
    },
    /// Schema.
    #[error("failed to migrate the database: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// Blobs.
    #[error("failed to {action}: {source}")]
    Blob {
        /// What was tried.
        action: &'static str,
        /// Why.
        source: object_store::Error,
    },
    /// A row that our own code never writes.
    #[error("failed to read row `{0}`: its columns do not fit")]
    Row(String),
}

/// Database and blobs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: SqlitePool,
    blobs: Arc<dyn ObjectStore>,
}

impl Store {
    /// Opens what is in `directory`, making it where it is not there, and brings the schema up to date. Answers that a
    /// crash left open become failed.
    ///
    /// # Errors
    /// The directory or the database cannot be used.
    pub async fn open(directory: &Path) -> Result<Self, StoreError> {
        let files = directory.join("files");
        std::fs::create_dir_all(&files).map_err(directory_error(&files))?;
        blobs::remove_leftovers(&files)?;
        blobs::probe(&files)?;
        let options = SqliteConnectOptions::new()
            .filename(directory.join("aicon.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // The rows become a ledger of money: the newest commits must outlive a power cut.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY);
        let pool = SqlitePoolOptions::new()
            .max_connections(8)
            .acquire_timeout(BUSY * 2)
            .connect_with(options)
            .await
            .map_err(sql("open the database"))?;
        sqlx::migrate!("./migrations").run(&pool).await?;
        let blobs =
            LocalFileSystem::new_with_prefix(&files).map_err(blob("open the blob directory"))?;
        let store = Self {
            pool,
            blobs: Arc::new(blobs),
        };
        store.fail_interrupted().await?;
        Ok(store)
    }

    /// # Errors
    /// The database does not answer.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1")
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(sql("ping the database"))
    }

    /// Ends all connections, so that the write-ahead log is folded into the database.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

fn sql(action: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |source| StoreError::Sql { action, source }
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
