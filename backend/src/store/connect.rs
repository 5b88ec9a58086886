//! From options to an open database with the newest schema.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use sqlx::SqlitePool;
use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::time::Instant;

use super::database::Database;
use super::opener::Opener;
use super::{Role, StoreError, StoreOptions, directory_error};

/// Time that a write waits for another process before the store counts as unavailable.
const BUSY: Duration = Duration::from_secs(3);

/// Pause between two looks at a lock.
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// Connections that read.
const READERS: u32 = 8;

/// Connections to PostgreSQL of one server.
const CONNECTIONS: u32 = 16;

const SQLITE_CORRUPT: u32 = 11;
const SQLITE_NOTADB: u32 = 26;

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
    let failed = |source| database_error(file, source);
    let migrating = wait_for_migrations(file).await?;
    let writer = pool(1)
        .connect_with(options.clone())
        .await
        .map_err(failed)?;
    migrate(&writer, file).await?;
    drop(migrating);
    let opener =
        Opener::new(file).map_err(|error| failed(sqlx::Error::Configuration(error.into())))?;
    let opener = Arc::new(opener);
    let readers = pool(READERS).connect_with(options).await.map_err(failed)?;
    let log = suffixed(file, "-wal").into();
    Ok((
        Database::Sqlite {
            turn: Arc::default(),
            writer,
            opener,
            readers,
            log,
        },
        lock,
    ))
}

fn lock(database: &Path) -> Result<File, StoreError> {
    let file = beside(database, ".lock")?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked(database.display().to_string())),
        Err(TryLockError::Error(error)) => Err(directory_error(database)(error)),
    }
}

/// A server and its tools may all find an empty file; unlike PostgreSQL's, SQLite's migrations know no lock. Who does not
/// get it in time goes on without: each migration is a transaction, and of two at once one fails.
async fn wait_for_migrations(database: &Path) -> Result<File, StoreError> {
    let file = beside(database, ".migrating")?;
    let deadline = Instant::now() + BUSY;
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                tokio::time::sleep(LOCK_PAUSE).await;
            }
            Ok(()) | Err(TryLockError::WouldBlock) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(directory_error(database)(error)),
        }
    }
}

/// A file to lock. Not the database itself: closing any handle to that would give up SQLite's own locks.
fn beside(database: &Path, suffix: &str) -> Result<File, StoreError> {
    let path = suffixed(database, suffix);
    File::options()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(directory_error(&path))
}

fn suffixed(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

async fn migrate(pool: &SqlitePool, file: &Path) -> Result<(), StoreError> {
    let migrated = sqlx::migrate!("./migrations/sqlite").run(pool).await;
    migrated.map_err(|error| match error {
        MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => {
            database_error(file, source)
        }
        other => other.into(),
    })
}

fn database_error(file: &Path, source: sqlx::Error) -> StoreError {
    let path = file.display().to_string();
    let code = source.as_database_error().and_then(|error| error.code());
    // The low byte of SQLite's extended result codes is the primary one.
    let code = code.and_then(|code| code.parse::<u32>().ok());
    match code.map(|code| code & 0xff) {
        Some(SQLITE_CORRUPT | SQLITE_NOTADB) => StoreError::Damaged { path, source },
        _ => StoreError::Database { path, source },
    }
}

async fn postgres(url: &str) -> Result<Database, StoreError> {
    let options = PgConnectOptions::from_str(url).map_err(StoreError::Connect)?;
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(BUSY * 2)
        .connect_with(options)
        .await
        .map_err(StoreError::Connect)?;
    sqlx::migrate!("./migrations/postgres").run(&pool).await?;
    Ok(Database::Postgres(pool))
}
