//! The ledger: uses that have a client and have ended, numbered without a gap in the order in which they were recorded.

use aicon_protocol::ai::Usage;
use aicon_protocol::id::{ClientId, ResponseId, UsageGuid, UserId};

use super::database::{reading, writing};
use super::record::{Status, characters, column, count};
use super::{Store, StoreError, sql};

/// An ended use with what AICON knows of it.
#[derive(Clone, Debug)]
pub struct LedgerRow {
    /// Its number: 1, 2, 3, … without a gap, in the order of the commits.
    pub seq: u64,
    /// When it was written, in milliseconds since the epoch. Never goes back with `seq`, whatever clocks do.
    pub recorded_at: i64,
    /// The answer's ID.
    pub id: ResponseId,
    /// What AICON knows the use by.
    pub guid: UsageGuid,
    /// Who used it.
    pub owner: UserId,
    /// The model at AICON that was used.
    pub client: ClientId,
    /// The model asked.
    pub model: String,
    /// The provider asked.
    pub provider: String,
    /// Never [`Status::Open`].
    pub status: Status,
    /// Why it did not complete.
    pub failure: Option<String>,
    /// HTTP status that AICON is told.
    pub response_code: u16,
    /// Milliseconds since the epoch.
    pub started_at: i64,
    /// Milliseconds since the epoch.
    pub ended_at: i64,
    /// The message.
    pub input: String,
    /// The answer.
    pub content: String,
    /// What it cost.
    pub usage: Usage,
    /// Whether the cost is our estimate.
    pub usage_estimated: bool,
    /// Price in won.
    pub amount: u64,
    /// How many characters of input and content AICON is told; absent: all of them.
    pub content_limit: Option<u32>,
    /// Whether AICON was told.
    pub delivery: Delivery,
}

/// How far telling AICON is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It will be told.
    Pending {
        /// Tries that failed.
        attempts: u32,
        /// Milliseconds since the epoch.
        next_at: i64,
        /// Why the last try failed.
        last_error: Option<String>,
    },
    /// It was told.
    Delivered {
        /// Milliseconds since the epoch.
        at: i64,
    },
    /// It refused for good: somebody has to look.
    Parked {
        /// Tries that failed.
        attempts: u32,
        /// Why.
        reason: String,
    },
}

/// A contiguous range of the ledger; it holds at least one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// `seq` of the first row.
    pub first: u64,
    /// `seq` of the last row.
    pub last: u64,
}

/// What a [`LedgerColumns`] is read from, up to the condition.
macro_rules! ledger_sql {
    ($condition:literal) => {
        concat!(
            "SELECT uses.seq, uses.recorded_at, uses.id, uses.guid, uses.owner, uses.client_id, uses.model, \
             uses.provider, uses.status, uses.failure, uses.response_code, uses.started_at, uses.ended_at, uses.input, \
             uses.content, uses.input_tokens, uses.output_tokens, uses.total_tokens, uses.usage_estimated, uses.amount, \
             uses.content_limit, uses.delivered_at, outbox.state, outbox.attempts, outbox.next_at, outbox.last_error \
             FROM uses LEFT JOIN outbox ON outbox.seq = uses.seq ",
            $condition
        )
    };
}

pub(super) use ledger_sql;

pub(super) const FIRST: &str = "SELECT seq FROM uses WHERE recorded_at >= $1 AND recorded_at < $2 \
                                ORDER BY recorded_at, seq LIMIT 1";

pub(super) const LAST: &str = "SELECT seq FROM uses WHERE recorded_at >= $1 AND recorded_at < $2 \
                               ORDER BY recorded_at DESC, seq DESC LIMIT 1";

pub(super) const BYTES: &str = "SELECT CAST(COALESCE(SUM(OCTET_LENGTH(input) + OCTET_LENGTH(content)), 0) AS BIGINT) \
                                FROM uses WHERE seq BETWEEN $1 AND $2";

impl Store {
    /// The rows recorded in `from..until` (milliseconds since the epoch), if there are any. Of a time that is over the
    /// answer is final: from then on nothing is recorded in it, whatever the clocks of servers say.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn ledger_span(&self, from: i64, until: i64) -> Result<Option<Span>, StoreError> {
        self.close_ledger(until).await?;
        let first: Option<i64> = reading!(&self.database, pool => {
            sqlx::query_scalar(
                FIRST)
            .bind(from)
            .bind(until)
            .fetch_optional(pool)
            .await
        })
        .map_err(sql("find a span's first row"))?;
        let last: Option<i64> = reading!(&self.database, pool => {
            sqlx::query_scalar(
                LAST)
            .bind(from)
            .bind(until)
            .fetch_optional(pool)
            .await
        })
        .map_err(sql("find a span's last row"))?;
        Ok(first.zip(last).map(|(first, last)| Span {
            first: count(first),
            last: count(last),
        }))
    }

    /// The rows with `seq` in `first..=last`, in order.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn ledger_rows(&self, first: u64, last: u64) -> Result<Vec<LedgerRow>, StoreError> {
        let rows: Vec<LedgerColumns> = reading!(&self.database, pool => {
            sqlx::query_as(ledger_sql!("WHERE uses.seq BETWEEN $1 AND $2 ORDER BY uses.seq"))
                .bind(column(first))
                .bind(column(last))
                .fetch_all(pool)
                .await
        })
        .map_err(sql("read the ledger"))?;
        rows.into_iter().map(LedgerRow::try_from).collect()
    }

    /// Bytes of message and answer of the rows with `seq` in `first..=last` together: whether they fit into memory is known
    /// before they are there.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn ledger_bytes(&self, first: u64, last: u64) -> Result<u64, StoreError> {
        let bytes: i64 = reading!(&self.database, pool => {
            sqlx::query_scalar(BYTES)
                .bind(column(first))
                .bind(column(last))
                .fetch_one(pool)
                .await
        })
        .map_err(sql("measure the ledger"))?;
        Ok(count(bytes))
    }

    /// [`Store::ledger_bytes`] of each row, in order.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn ledger_sizes(&self, first: u64, last: u64) -> Result<Vec<u64>, StoreError> {
        let sizes: Vec<i64> = reading!(&self.database, pool => {
            sqlx::query_scalar(
                "SELECT CAST(OCTET_LENGTH(input) + OCTET_LENGTH(content) AS BIGINT) FROM uses \
                 WHERE seq BETWEEN $1 AND $2 ORDER BY seq",
            )
            .bind(column(first))
            .bind(column(last))
            .fetch_all(pool)
            .await
        })
        .map_err(sql("measure the ledger"))?;
        Ok(sizes.into_iter().map(count).collect())
    }

    /// The row that AICON knows by `guid`; a use that is still open or has no client has none.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn ledger_row(&self, guid: &UsageGuid) -> Result<Option<LedgerRow>, StoreError> {
        let row: Option<LedgerColumns> = reading!(&self.database, pool => {
            sqlx::query_as(ledger_sql!("WHERE uses.guid = $1 AND uses.seq IS NOT NULL"))
                .bind(self.text(guid.as_str()))
                .fetch_optional(pool)
                .await
        })
        .map_err(sql("read a row of the ledger"))?;
        row.map(LedgerRow::try_from).transpose()
    }

    /// Sees to it that no row is recorded before `until`, if that is past: a row being written, or one by a clock that
    /// went back, comes after it.
    async fn close_ledger(&self, until: i64) -> Result<(), StoreError> {
        if until > self.clock.now() {
            return Ok(());
        }
        let open: Option<i64> = reading!(&self.database, pool => {
            sqlx::query_scalar("SELECT recorded_at FROM ledger_head WHERE recorded_at < $1")
                .bind(until)
                .fetch_optional(pool)
                .await
        })
        .map_err(sql("read the ledger's head"))?;
        if open.is_none() {
            return Ok(());
        }
        writing!(&self.database, pool => {
            sqlx::query("UPDATE ledger_head SET recorded_at = $1 WHERE recorded_at < $1")
                .bind(until)
                .execute(pool)
                .await
                .map(drop)
        })
        .map_err(sql("close a span of the ledger"))
    }
}

/// The columns that a [`LedgerRow`] is read from.
#[derive(sqlx::FromRow)]
pub(super) struct LedgerColumns {
    seq: i64,
    recorded_at: i64,
    id: String,
    guid: String,
    owner: String,
    client_id: String,
    model: String,
    provider: String,
    status: String,
    failure: Option<String>,
    response_code: i64,
    started_at: i64,
    ended_at: i64,
    input: String,
    content: String,
    input_tokens: i64,
    output_tokens: i64,
    total_tokens: i64,
    usage_estimated: bool,
    amount: i64,
    content_limit: Option<i64>,
    delivered_at: Option<i64>,
    state: Option<String>,
    pub(super) attempts: Option<i64>,
    next_at: Option<i64>,
    last_error: Option<String>,
}

impl LedgerColumns {
    fn delivery(&mut self) -> Option<Delivery> {
        if let Some(at) = self.delivered_at {
            return Some(Delivery::Delivered { at });
        }
        let attempts = characters(self.attempts?);
        let last_error = self.last_error.take();
        match self.state.as_deref()? {
            "pending" => Some(Delivery::Pending {
                attempts,
                next_at: self.next_at?,
                last_error,
            }),
            "parked" => Some(Delivery::Parked {
                attempts,
                reason: last_error.unwrap_or_default(),
            }),
            _ => None,
        }
    }
}

impl TryFrom<LedgerColumns> for LedgerRow {
    type Error = StoreError;

    fn try_from(mut row: LedgerColumns) -> Result<Self, StoreError> {
        let (Some(status), Some(delivery)) = (Status::parse(&row.status), row.delivery()) else {
            return Err(StoreError::Row(row.id));
        };
        Ok(Self {
            seq: count(row.seq),
            recorded_at: row.recorded_at,
            id: ResponseId::new(row.id),
            guid: UsageGuid::new(row.guid),
            owner: UserId::new(row.owner),
            client: ClientId::new(row.client_id),
            model: row.model,
            provider: row.provider,
            status,
            failure: row.failure,
            response_code: u16::try_from(row.response_code).unwrap_or(u16::MAX),
            started_at: row.started_at,
            ended_at: row.ended_at,
            input: row.input,
            content: row.content,
            usage: Usage {
                input_tokens: count(row.input_tokens),
                output_tokens: count(row.output_tokens),
                total_tokens: count(row.total_tokens),
            },
            usage_estimated: row.usage_estimated,
            amount: count(row.amount),
            content_limit: row.content_limit.map(characters),
            delivery,
        })
    }
}
