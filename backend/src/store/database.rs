//! The two engines behind one face: most SQL is shared, each statement runs on whichever is open.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use sqlx::{PgPool, SqlitePool};
use tokio::sync::Mutex;

use super::opener::Opener;

/// The pools of the engine in use. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) enum Database {
    /// One process. Everything that writes has the turn while it does: to wait for it costs nothing, but connections
    /// that compete for SQLite's own lock sleep. Readers never wait for it.
    Sqlite {
        /// Whose turn to write it is.
        turn: Arc<Mutex<()>>,
        /// One connection.
        writer: SqlitePool,
        /// Opens uses.
        opener: Arc<Opener>,
        /// Several.
        readers: SqlitePool,
        /// The write-ahead log, beside the database.
        log: Arc<Path>,
    },
    /// One of several processes.
    Postgres(PgPool),
}

impl Database {
    /// What is to be flushed where a commit does not do it.
    pub(super) fn log(&self) -> Option<Arc<Path>> {
        match self {
            Self::Sqlite { log, .. } => Some(log.clone()),
            Self::Postgres(_) => None,
        }
    }

    /// A text as the engine can hold it: PostgreSQL's know no NUL.
    pub(super) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self {
            Self::Postgres(_) if text.contains('\0') => Cow::Owned(text.replace('\0', "\u{fffd}")),
            _ => Cow::Borrowed(text),
        }
    }
}

/// A statement that the engines spell differently.
pub(super) struct Sql {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

/// The JSON of a statement's rows, each a tuple of columns. It is written as they come: a batch can hold megabytes.
#[derive(Default)]
pub(super) struct Rows(String);

impl Rows {
    pub(super) fn push(&mut self, row: &impl Serialize) {
        self.0.push(if self.0.is_empty() { '[' } else { ',' });
        let row = serde_json::to_string(row).expect("strings and numbers are JSON");
        self.0.push_str(&row);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_json(mut self) -> String {
        self.0.push_str(if self.0.is_empty() { "[]" } else { "]" });
        self.0
    }
}

/// SQLite's own `BEGIN` would take the lock at the first write only, after reads that may be outdated by then.
pub(super) const BEGIN: Sql = Sql {
    sqlite: "BEGIN IMMEDIATE",
    postgres: "BEGIN",
};

/// A statement over rows that come as one parameter, `$1`: a JSON array of rows, each an array of columns, named
/// `d.value`. One statement then does for a row what it does for a thousand.
macro_rules! rows_sql {
    ($before:expr, ROWS, $after:expr) => {
        $crate::store::database::Sql {
            sqlite: concat!($before, " json_each($1) AS d ", $after),
            postgres: concat!(
                $before,
                " jsonb_array_elements($1::jsonb) AS d(value) ",
                $after
            ),
        }
    };
}

/// Runs a body, typed for each engine, where the database may be written: `writing!(database, pool, pick => …)`.
macro_rules! writing {
    ($database:expr, $pool:ident, $pick:ident => $body:expr) => {
        match $database {
            $crate::store::database::Database::Sqlite {
                turn,
                writer: $pool,
                ..
            } => {
                let $pick = |sql: &$crate::store::database::Sql| sql.sqlite;
                let _ = &$pick;
                let _turn = turn.lock().await;
                $body
            }
            $crate::store::database::Database::Postgres($pool) => {
                let $pick = |sql: &$crate::store::database::Sql| sql.postgres;
                let _ = &$pick;
                $body
            }
        }
    };
    ($database:expr, $pool:ident => $body:expr) => {
        match $database {
            $crate::store::database::Database::Sqlite {
                turn,
                writer: $pool,
                ..
            } => {
                let _turn = turn.lock().await;
                $body
            }
            $crate::store::database::Database::Postgres($pool) => $body,
        }
    };
}

/// Runs a body in a transaction, committed after it, and answers the body's value or the first error:
/// `in_transaction!(database, transaction, pick => …)`. A connection on which that failed is closed: SQLite ends a
/// transaction by itself when its disk is full, and the pool would hand out a connection that believes to be inside one.
macro_rules! in_transaction {
    ($database:expr, $transaction:ident, $pick:ident => $body:expr) => {
        $crate::store::database::writing!($database, pool, $pick => {
            let mut connection = pool.acquire().await?;
            let result = async {
                let begin = $pick(&$crate::store::database::BEGIN);
                let mut $transaction = sqlx::Connection::begin_with(&mut *connection, begin).await?;
                let value = $body;
                $transaction.commit().await?;
                Ok(value)
            }
            .await;
            if result.is_err() {
                connection.close_on_drop();
            }
            result
        })
    };
}

/// Runs a body, typed for each engine, that only reads.
macro_rules! reading {
    ($database:expr, $pool:ident, $pick:ident => $body:expr) => {
        match $database {
            $crate::store::database::Database::Sqlite { readers: $pool, .. } => {
                let $pick = |sql: &$crate::store::database::Sql| sql.sqlite;
                $body
            }
            $crate::store::database::Database::Postgres($pool) => {
                let $pick = |sql: &$crate::store::database::Sql| sql.postgres;
                $body
            }
        }
    };
    ($database:expr, $pool:ident => $body:expr) => {
        match $database {
            $crate::store::database::Database::Sqlite { readers: $pool, .. } => $body,
            $crate::store::database::Database::Postgres($pool) => $body,
        }
    };
}

/// PostgreSQL's clock, in milliseconds since the epoch: the one clock that its servers share.
macro_rules! postgres_now {
    () => {
        "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
    };
}

pub(super) use {in_transaction, postgres_now, reading, rows_sql, writing};
