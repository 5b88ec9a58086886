//! Large ledgers, quickly: rows as `open_use` and `complete_use` leave them, written by one statement.

use std::path::Path;

use sqlx::SqliteConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

use aicon_crash::servers::CLIENT_ID;

use super::uses;
use crate::error::Result;

/// Days over which the rows are spread, the last one today.
pub(super) const DAYS: i64 = 28;
const DAY: i64 = 86_400_000;
/// Rows of one transaction.
const CHUNK: u64 = 50_000;

/// Brings the ledger of a stopped server to so many delivered rows, which end now and began [`DAYS`] days ago when it has
/// `all` of them.
pub(super) async fn until(data: &Path, rows: u64, all: u64) -> Result<()> {
    let mut connection = connect(&data.join("aicon.db")).await?;
    let (mut last,): (i64,) = sqlx::query_as("SELECT seq FROM ledger_head")
        .fetch_one(&mut connection)
        .await?;
    let step = (DAYS * DAY) / all as i64;
    let start = uses::now() - all as i64 * step;
    while (last as u64) < rows {
        let count = CHUNK.min(rows - last as u64) as i64;
        let mut transaction = connection.begin().await?;
        sqlx::query(INSERT)
            .bind(last)
            .bind(last + count)
            .bind(CLIENT_ID)
            .bind(uses::text(200))
            .bind(uses::text(800))
            .bind(start)
            .bind(step)
            .execute(&mut *transaction)
            .await?;
        last += count;
        sqlx::query("UPDATE ledger_head SET seq = $1, recorded_at = $2")
            .bind(last)
            .bind(start + last * step)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
    }
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    Ok(())
}

/// A connection of our own, set as the server's are.
pub(super) async fn connect(file: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    Ok(options.connect().await?)
}

/// Parameters: after which number, up to which, client, input, content, start, milliseconds between two rows.
const INSERT: &str = "
WITH RECURSIVE numbers (n) AS (SELECT $1 + 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $2)
INSERT INTO uses (
    id, guid, owner, client_id, kind, status, response_code, model, provider, input, input_files, content,
    input_tokens, output_tokens, total_tokens, amount, started_at, ended_at, holder, seq, recorded_at, delivered_at
)
SELECT
    'resp_' || lower(hex(randomblob(16))),
    lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4' || substr(lower(hex(randomblob(2))), 2) || '-a'
        || substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6))),
    'user-' || (n % 500), $3, 'chat', 'completed', 200, 'gpt-5-mini', 'openai', $4, '[]', $5,
    120, 480, 600, 100 + n % 2 * 50, $6 + n * $7 - 3000, $6 + n * $7, 'bench', n, $6 + n * $7, $6 + n * $7
FROM numbers";
