//! From options to an open database with the newest schema.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::database::Database;
use super::{Role, StoreError, StoreOptions, directory_error, sql};

/// Time that a write waits for another process before the store counts as unavailable.
const BUSY: Duration = Duration::from_secs(3);

/// Connections that read.
const READERS: u32 = 8;

/// Connections to PostgreSQL of one server.
const CONNECTIONS: u32 = 16;

/// Opens and migrates. The lock, held while a server runs, keeps a second one off its SQLite file.
pub(super) async fn connect(
    options: &StoreOptions,
) -> Result<(Database, Option<File>), StoreError> {
    let named = options.database.as_ref().map(|text| text.expose_secret());
    match named {
        Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
            Ok((postgres(url).await?, None))
        }
        path => {
            let file = path.map_or_else(|| options.data.join("aicon.db"), PathBuf::from);
            sqlite(&file, options.role).await
        }
    }
}

async fn sqlite(file: &Path, role: Role) -> Result<(Database, Option<File>), StoreError> {
    let directory = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory).map_err(directory_error(directory))?;
    let lock = match role {
        Role::Server => Some(lock(file)?),
        Role::Tool => None,
    };
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // The rows are a ledger of money: the newest commits must outlive a power cut.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY);
    let pool = |connections| {
        SqlitePoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(BUSY * 2)
            // A file does not hang up.
            .test_before_acquire(false)
    };
    let writer = pool(1)
        .connect_with(options.clone())
        .await
        .map_err(sql("open the database"))?;
    sqlx::migrate!("./migrations/sqlite").run(&writer).await?;
    let readers = pool(READERS)
        .connect_with(options)
        .await
        .map_err(sql("open the database"))?;
    Ok((Database::Sqlite { writer, readers }, lock))
}

/// Not on the database itself: closing any handle to that would give up SQLite's own locks.
fn lock(database: &Path) -> Result<File, StoreError> {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let file = File::options()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(directory_error(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(StoreError::Locked(database.display().to_string()))
        }
        Err(std::fs::TryLockError::Error(error)) => Err(directory_error(&path)(error)),
    }
}

async fn postgres(url: &str) -> Result<Database, StoreError> {
    let options = PgConnectOptions::from_str(url).map_err(sql("read the database's URL"))?;
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(BUSY * 2)
        .connect_with(options)
        .await
        .map_err(sql("connect to the database"))?;
    sqlx::migrate!("./migrations/postgres").run(&pool).await?;
    Ok(Database::Postgres(pool))
}
