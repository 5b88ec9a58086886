//! What AICON is still to be told: claimed with a lease, sent by whoever holds it, marked in groups.

use std::time::Duration;

use aicon_protocol::id::{ClientId, UsageGuid};
use tokio::sync::Notify;

use super::database::{Rows, Sql, in_transaction, reading, rows_sql, writing};
use super::ledger::{LedgerColumns, LedgerRow, ledger_sql};
use super::record::{characters, column, count};
use super::{Store, StoreError, sql};

/// A row that this server may send until its lease ends.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Tries that failed before.
    pub attempts: u32,
    /// What to send.
    pub row: LedgerRow,
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// AICON has it.
    Done {
        /// Milliseconds since the epoch.
        at: i64,
    },
    /// It failed in a way that may heal.
    Again {
        /// Milliseconds since the epoch: not before.
        next_at: i64,
        /// Why, for people.
        error: String,
    },
    /// It failed in a way that cannot heal by itself.
    Park {
        /// Why, for people.
        reason: String,
    },
    /// It was not tried: the lease is given back, and the attempts stay as they are.
    Release,
}

/// How much waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxDepth {
    /// Rows to be sent.
    pub pending: u64,
    /// Rows that AICON refused for good.
    pub parked: u64,
    /// When the oldest of the rows to be sent was recorded, in milliseconds since the epoch.
    pub oldest_pending: Option<i64>,
}

/// Which parked rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryWhich {
    /// All of them.
    All,
    /// Those of a client.
    Client(ClientId),
    /// Those of a client that AICON refused for its secret: status 401 or 403.
    Refused(ClientId),
    /// One.
    Guid(UsageGuid),
}

/// The clients that have pending rows, found by steps from one to the next: the index is not read through.
macro_rules! pending_clients {
    ($select:literal) => {
        concat!(
            "WITH RECURSIVE client(id) AS (\
             SELECT MIN(client_id) FROM outbox WHERE state = 'pending' UNION ALL \
             SELECT (SELECT MIN(client_id) FROM outbox WHERE state = 'pending' AND client_id > client.id) \
             FROM client WHERE client.id IS NOT NULL) ",
            $select
        )
    };
}

pub(super) const WAITING: &str = pending_clients!(
    "SELECT id FROM client WHERE id IS NOT NULL AND EXISTS \
     (SELECT 1 FROM outbox WHERE state = 'pending' AND client_id = client.id AND due_at <= $1)"
);

pub(super) const NEXT_DUE: &str = pending_clients!(
    "SELECT MIN((SELECT MIN(due_at) FROM outbox WHERE state = 'pending' AND client_id = client.id)) \
     FROM client WHERE id IS NOT NULL"
);

pub(super) const CLAIM: Sql = Sql {
    sqlite: "UPDATE outbox SET holder = $1, due_at = $2 WHERE seq IN (\
             SELECT seq FROM outbox WHERE state = 'pending' AND client_id = $3 AND due_at <= $4 \
             ORDER BY due_at, seq LIMIT $5) RETURNING seq",
    postgres: "UPDATE outbox SET holder = $1, due_at = $2 WHERE seq = ANY(ARRAY(\
               SELECT seq FROM outbox WHERE state = 'pending' AND client_id = $3 AND due_at <= $4 \
               ORDER BY due_at, seq LIMIT $5 FOR UPDATE SKIP LOCKED)) RETURNING seq",
};

pub(super) const CLAIMED: Sql = Sql {
    sqlite: ledger_sql!("WHERE uses.seq IN (SELECT value FROM json_each($1)) ORDER BY uses.seq"),
    postgres: ledger_sql!(
        "WHERE uses.seq = ANY(ARRAY(SELECT value::bigint FROM jsonb_array_elements_text($1::jsonb))) ORDER BY uses.seq"
    ),
};

pub(super) const DONE: Sql = rows_sql!(
    "UPDATE uses SET delivered_at = CAST(d.value->>1 AS BIGINT) FROM",
    ROWS,
    "WHERE uses.seq = CAST(d.value->>0 AS BIGINT) AND EXISTS \
     (SELECT 1 FROM outbox WHERE outbox.seq = CAST(d.value->>0 AS BIGINT) AND outbox.holder = $2 \
     AND outbox.state = 'pending')"
);

pub(super) const REMOVE: Sql = Sql {
    sqlite: "DELETE FROM outbox WHERE holder = $2 AND state = 'pending' \
             AND seq IN (SELECT CAST(d.value->>0 AS BIGINT) FROM json_each($1) AS d)",
    postgres: "DELETE FROM outbox USING jsonb_array_elements($1::jsonb) AS d(value) \
               WHERE holder = $2 AND state = 'pending' AND seq = CAST(d.value->>0 AS BIGINT)",
};

pub(super) const CHANGE: Sql = rows_sql!(
    "UPDATE outbox SET holder = NULL, state = d.value->>1, attempts = attempts + CAST(d.value->>2 AS BIGINT), \
     next_at = COALESCE(CAST(d.value->>3 AS BIGINT), next_at), due_at = COALESCE(CAST(d.value->>3 AS BIGINT), next_at), \
     last_error = COALESCE(d.value->>4, last_error) FROM",
    ROWS,
    "WHERE outbox.seq = CAST(d.value->>0 AS BIGINT) AND outbox.holder = $2 AND outbox.state = 'pending'"
);

/// The time of a row that keeps its own.
const NO_TIME: Option<i64> = None;

impl Store {
    /// Clients with rows that are due at `now` (milliseconds since the epoch).
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn waiting_clients(&self, now: i64) -> Result<Vec<ClientId>, StoreError> {
        let ids: Vec<String> = reading!(&self.database, pool => {
            sqlx::query_scalar(WAITING).bind(now).fetch_all(pool).await
        })
        .map_err(sql("list clients with due rows"))?;
        Ok(ids.into_iter().map(ClientId::new).collect())
    }

    /// Takes up to `limit` due rows of a client for as long as `lease`; nobody else gets them before that is over. What
    /// is not told of them by [`Store::finish_claims`] is due again then.
    ///
    /// # Errors
    /// The rows cannot be claimed.
    pub async fn claim(
        &self,
        client: &ClientId,
        now: i64,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<Claim>, StoreError> {
        let until = now.saturating_add(i64::try_from(lease.as_millis()).unwrap_or(i64::MAX));
        let claimed: Vec<i64> = writing!(&self.database, pool, pick => {
            sqlx::query_scalar(pick(&CLAIM))
                .bind(self.instance.as_ref())
                .bind(until)
                .bind(self.text(client.as_str()))
                .bind(now)
                .bind(i64::from(limit))
                .fetch_all(pool)
                .await
        })
        .map_err(sql("claim rows of the outbox"))?;
        if claimed.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<LedgerColumns> = reading!(&self.database, pool, pick => {
            sqlx::query_as(pick(&CLAIMED)).bind(json_of(&claimed)).fetch_all(pool).await
        })
        .map_err(sql("read claimed rows"))?;
        rows.into_iter()
            .map(|row| {
                let attempts = row.attempts();
                LedgerRow::try_from(row).map(|row| Claim { attempts, row })
            })
            .collect()
    }

    /// Makes what servers that are gone had claimed due again, without waiting for the leases. Only a server may ask: on
    /// SQLite it is the only one, so that all others are gone.
    ///
    /// # Errors
    /// The rows cannot be written.
    pub async fn free_claims(&self) -> Result<(), StoreError> {
        let free = Sql {
            sqlite: "UPDATE outbox SET holder = NULL, due_at = next_at \
                     WHERE state = 'pending' AND holder IS NOT NULL AND holder <> $1",
            postgres: "UPDATE outbox SET holder = NULL, due_at = next_at \
                       WHERE state = 'pending' AND holder IS NOT NULL AND holder <> $1 \
                       AND NOT EXISTS (SELECT 1 FROM instances WHERE instances.id = outbox.holder)",
        };
        writing!(&self.database, pool, pick => {
            sqlx::query(pick(&free))
                .bind(self.instance.as_ref())
                .execute(pool)
                .await
                .map(drop)
        })
        .map_err(sql("free claims of servers that are gone"))
    }

    /// Tells what became of claims, by `seq`. Of a row that this server does not hold any more nothing is changed.
    ///
    /// # Errors
    /// The rows cannot be written; the leases run out then, and the rows are sent again.
    pub async fn finish_claims(&self, results: Vec<(u64, Delivered)>) -> Result<(), StoreError> {
        let (mut done, mut changed) = (Rows::default(), Rows::default());
        for (seq, result) in results {
            let seq = column(seq);
            match result {
                Delivered::Done { at } => done.push(&(seq, at)),
                Delivered::Again { next_at, error } => {
                    changed.push(&(seq, "pending", 1, next_at, self.text(&error)));
                }
                Delivered::Park { reason } => {
                    changed.push(&(seq, "parked", 1, NO_TIME, self.text(&reason)));
                }
                Delivered::Release => changed.push(&(seq, "pending", 0, NO_TIME, None::<&str>)),
            }
        }
        self.mark(done, changed)
            .await
            .map_err(sql("mark rows of the outbox"))
    }

    async fn mark(&self, done: Rows, changed: Rows) -> Result<(), sqlx::Error> {
        let (any_done, any_changed) = (!done.is_empty(), !changed.is_empty());
        let (done, changed) = (done.into_json(), changed.into_json());
        let me = self.instance.as_ref();
        in_transaction!(&self.database, transaction, pick => {
            if any_done {
                sqlx::query(pick(&DONE)).bind(&done).bind(me).execute(&mut *transaction).await?;
                sqlx::query(pick(&REMOVE)).bind(&done).bind(me).execute(&mut *transaction).await?;
            }
            if any_changed {
                sqlx::query(pick(&CHANGE)).bind(&changed).bind(me).execute(&mut *transaction).await?;
            }
        })
    }

    /// When the next pending row is due, or its lease ends (milliseconds since the epoch).
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn next_due(&self) -> Result<Option<i64>, StoreError> {
        reading!(&self.database, pool => sqlx::query_scalar(NEXT_DUE).fetch_one(pool).await)
            .map_err(sql("find the next due row"))
    }

    /// Notified when this process has put something into the outbox.
    pub fn outbox_wake(&self) -> &Notify {
        &self.wake
    }

    /// How much waits.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn outbox_depth(&self) -> Result<OutboxDepth, StoreError> {
        let (pending, parked, oldest_pending): (i64, i64, Option<i64>) =
            reading!(&self.database, pool => {
                sqlx::query_as(
                    "SELECT (SELECT COUNT(*) FROM outbox WHERE state = 'pending'), \
                     (SELECT COUNT(*) FROM outbox WHERE state = 'parked'), \
                     (SELECT uses.recorded_at FROM uses WHERE uses.seq = \
                     (SELECT seq FROM outbox WHERE state = 'pending' ORDER BY seq LIMIT 1))",
                )
                .fetch_one(pool)
                .await
            })
            .map_err(sql("count the outbox"))?;
        Ok(OutboxDepth {
            pending: count(pending),
            parked: count(parked),
            oldest_pending,
        })
    }

    /// Parked rows, oldest first, at most `limit`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn parked(&self, limit: u32) -> Result<Vec<LedgerRow>, StoreError> {
        let rows: Vec<LedgerColumns> = reading!(&self.database, pool => {
            sqlx::query_as(ledger_sql!(
                "WHERE uses.seq IN (SELECT seq FROM outbox WHERE state = 'parked' ORDER BY seq LIMIT $1) ORDER BY uses.seq"
            ))
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await
        })
        .map_err(sql("list parked rows"))?;
        rows.into_iter().map(LedgerRow::try_from).collect()
    }

    /// Makes parked rows pending again, due at `now` (milliseconds since the epoch). Answers how many.
    ///
    /// # Errors
    /// The rows cannot be written.
    pub async fn retry_parked(&self, which: &RetryWhich, now: i64) -> Result<u64, StoreError> {
        let (client, guid) = match which {
            RetryWhich::All => (None, None),
            RetryWhich::Client(client) | RetryWhich::Refused(client) => {
                (Some(self.text(client.as_str())), None)
            }
            RetryWhich::Guid(guid) => (None, Some(self.text(guid.as_str()))),
        };
        let is_any_reason = !matches!(which, RetryWhich::Refused(_));
        let changed = writing!(&self.database, pool => {
            sqlx::query(
                "UPDATE outbox SET state = 'pending', next_at = $1, due_at = $1, holder = NULL \
                 WHERE state = 'parked' AND ($2 IS NULL OR client_id = $2) \
                 AND ($3 IS NULL OR seq = (SELECT seq FROM uses WHERE guid = $3 AND seq IS NOT NULL)) \
                 AND ($4 OR last_error LIKE 'status 401 %' OR last_error LIKE 'status 403 %')",
            )
            .bind(now)
            .bind(client)
            .bind(guid)
            .bind(is_any_reason)
            .execute(pool)
            .await
            .map(|done| done.rows_affected())
        })
        .map_err(sql("retry parked rows"))?;
        if changed > 0 {
            self.wake.notify_one();
        }
        Ok(changed)
    }
}

impl LedgerColumns {
    /// Tries that failed; none for a row that is not in the outbox.
    fn attempts(&self) -> u32 {
        self.attempts.map_or(0, characters)
    }
}

fn json_of(numbers: &[i64]) -> String {
    serde_json::to_string(numbers).expect("numbers are JSON")
}
