//! Uses: a row opens before the model is called and is completed once.

use std::time::Duration;

use aicon_protocol::id::{ResponseId, UserId};

use super::database::{postgres_now, reading};
use super::record::{NewUse, Opened, Outcome, UseColumns, UseRecord, count};
use super::{Store, StoreError, sql};

/// Tries to open a use whose key is given up and taken again by others meanwhile.
const OPEN_TRIES: usize = 5;

/// Pause after the first failed completion, and the longest one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Time without a sign of life after which another server's uses count as interrupted, in milliseconds.
const HOLDER_LEASE: i64 = 30_000;

/// After that long a silent server is forgotten, in milliseconds.
const FORGET: i64 = 24 * 3600 * 1000;

pub(super) const BY_KEY: &str = "SELECT * FROM uses WHERE owner = $1 AND idempotency_key = $2 \
                                 AND status IN ('open', 'completed')";

pub(super) const TOKENS: &str = "SELECT CAST(COALESCE(SUM(total_tokens), 0) AS BIGINT) FROM uses \
                                 WHERE owner = $1 AND started_at >= $2 AND ended_at IS NOT NULL";

/// SQLite has one server: whoever else holds a use is gone.
pub(super) const INTERRUPTED: &str =
    "SELECT * FROM uses WHERE status = 'open' AND holder <> $1 LIMIT $2";

impl Store {
    /// Opens the row of a use. Nothing may be asked of a model before this has returned [`Opened::New`]. Dropped before
    /// that, the row is not opened, or is completed as stopped.
    ///
    /// # Errors
    /// The row cannot be written: the use must be refused.
    pub async fn open_use(&self, new: NewUse) -> Result<Opened, StoreError> {
        let (owner, key) = (
            new.owner.clone(),
            new.idempotency.as_ref().map(|it| it.key.clone()),
        );
        for _ in 0..OPEN_TRIES {
            if let Some(flush) = self.writer.open(&new).await? {
                return Ok(Opened::New(flush));
            }
            let Some(key) = &key else { break };
            if let Some(taken) = self.use_by_key(&owner, key).await? {
                return Ok(Opened::Taken(Box::new(taken)));
            }
        }
        Err(StoreError::Row(new.id.as_str().to_owned()))
    }

    /// Stores how a use ended: answer, ledger row and outbox row together. What has ended stays as it is: a second call
    /// changes nothing and answers `false`, as it does for a use that recovery found first. Dropped, it is done all the
    /// same.
    ///
    /// # Errors
    /// The row cannot be written. See [`Store::complete_use_at_last`].
    pub async fn complete_use(
        &self,
        id: &ResponseId,
        outcome: Outcome,
    ) -> Result<bool, StoreError> {
        self.writer.complete(id.clone(), outcome).await
    }

    /// [`Store::complete_use`], tried again while the database cannot take it: what was answered is not lost because a
    /// disk was full for a while. Meant for the background; a process that ends before leaves an interrupted use.
    ///
    /// # Errors
    /// The store is closed.
    pub async fn complete_use_at_last(
        &self,
        id: &ResponseId,
        outcome: Outcome,
    ) -> Result<bool, StoreError> {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.complete_use(id, outcome.clone()).await {
                Err(error) if !error.is_closed() => {
                    tracing::error!(response.id = %id, %error, "failed to store an answer, will try again");
                    tokio::time::sleep(pause).await;
                    pause = LONGEST_PAUSE.min(pause * 2);
                }
                result => return result,
            }
        }
    }

    /// The use, if it is `owner`'s.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn response(
        &self,
        owner: &UserId,
        id: &ResponseId,
    ) -> Result<Option<UseRecord>, StoreError> {
        let row: Option<UseColumns> = reading!(&self.database, pool => {
            sqlx::query_as("SELECT * FROM uses WHERE id = $1 AND owner = $2")
                .bind(self.text(id.as_str()))
                .bind(self.text(owner.as_str()))
                .fetch_optional(pool)
                .await
        })
        .map_err(sql("read a use"))?;
        row.map(UseRecord::try_from).transpose()
    }

    /// The open or completed use of an idempotency key.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn use_by_key(
        &self,
        owner: &UserId,
        key: &str,
    ) -> Result<Option<UseRecord>, StoreError> {
        let row: Option<UseColumns> = reading!(&self.database, pool => {
            sqlx::query_as(
                BY_KEY)
            .bind(self.text(owner.as_str()))
            .bind(self.text(key))
            .fetch_optional(pool)
            .await
        })
        .map_err(sql("read a use by its key"))?;
        row.map(UseRecord::try_from).transpose()
    }

    /// Tokens of all of `owner`'s uses that began at `since` (milliseconds since the epoch) or later.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn tokens_since(&self, owner: &UserId, since: i64) -> Result<u64, StoreError> {
        let sum: i64 = reading!(&self.database, pool => {
            sqlx::query_scalar(
                TOKENS)
            .bind(self.text(owner.as_str()))
            .bind(since)
            .fetch_one(pool)
            .await
        })
        .map_err(sql("count tokens"))?;
        Ok(count(sum))
    }

    /// Says that this server lives. To be called every few seconds; half a minute of silence makes its open uses
    /// interrupted ones in the eyes of the other servers. An SQLite file has one server, whose lock says it.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn heartbeat(&self) -> Result<(), StoreError> {
        let super::Database::Postgres(pool) = &self.database else {
            return Ok(());
        };
        sqlx::query(concat!(
            "INSERT INTO instances (id, seen_at) VALUES ($1, ",
            postgres_now!(),
            ") ON CONFLICT (id) DO UPDATE SET seen_at = EXCLUDED.seen_at",
        ))
        .bind(self.instance.as_ref())
        .execute(pool)
        .await
        .map_err(sql("tell that the server lives"))?;
        sqlx::query(concat!(
            "DELETE FROM instances WHERE seen_at < ",
            postgres_now!(),
            " - $1"
        ))
        .bind(FORGET)
        .execute(pool)
        .await
        .map(drop)
        .map_err(sql("forget silent servers"))
    }

    /// Uses that are open and whose server is gone, at most `limit`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn interrupted_uses(&self, limit: u32) -> Result<Vec<UseRecord>, StoreError> {
        let rows: Result<Vec<UseColumns>, sqlx::Error> = match &self.database {
            super::Database::Sqlite { readers, .. } => {
                sqlx::query_as(
                    INTERRUPTED)
                .bind(self.instance.as_ref())
                .bind(i64::from(limit))
                .fetch_all(readers)
                .await
            }
            super::Database::Postgres(pool) => {
                sqlx::query_as(concat!(
                    "SELECT * FROM uses WHERE status = 'open' AND holder <> $1 AND NOT EXISTS \
                     (SELECT 1 FROM instances WHERE instances.id = uses.holder AND instances.seen_at >= ",
                    postgres_now!(),
                    " - $3) LIMIT $2",
                ))
                .bind(self.instance.as_ref())
                .bind(i64::from(limit))
                .bind(HOLDER_LEASE)
                .fetch_all(pool)
                .await
            }
        };
        let rows = rows.map_err(sql("list interrupted uses"))?;
        rows.into_iter().map(UseRecord::try_from).collect()
    }

    /// Forgets this server, so that what it leaves open is recovered at once.
    pub(super) async fn sign_off(&self) {
        let super::Database::Postgres(pool) = &self.database else {
            return;
        };
        let gone = sqlx::query("DELETE FROM instances WHERE id = $1")
            .bind(self.instance.as_ref())
            .execute(pool)
            .await;
        if let Err(error) = gone {
            tracing::warn!(%error, "failed to sign off at the database");
        }
    }
}
