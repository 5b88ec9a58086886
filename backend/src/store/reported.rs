//! The ledger as AICON is told of it: of each row only what a report holds.

use aicon_protocol::id::{ClientId, UsageGuid, UserId};

use super::database::{Sql, reading};
use super::ledger::LedgerRow;
use super::record::{characters, column, count};
use super::{Store, StoreError, sql};

/// One value for all rows: a row of its own costs two threads a wake-up, and each of its columns a copy.
macro_rules! reported_sql {
    ($array:literal) => {
        concat!(
            "SELECT CAST(",
            $array,
            " AS TEXT) FROM uses WHERE seq BETWEEN $1 AND $2"
        )
    };
}

pub(super) const REPORTED: Sql = Sql {
    sqlite: reported_sql!(
        "json_group_array(json_array(seq, guid, owner, client_id, response_code, started_at, ended_at, input, content, \
         input_tokens, output_tokens, amount, content_limit))"
    ),
    postgres: reported_sql!(
        "COALESCE(json_agg(json_build_array(seq, guid, owner, client_id, response_code, started_at, ended_at, input, \
         content, input_tokens, output_tokens, amount, content_limit)), '[]')"
    ),
};

/// A row as the statement gives it.
type Columns = (
    i64,
    String,
    String,
    String,
    i64,
    i64,
    i64,
    String,
    String,
    i64,
    i64,
    i64,
    Option<i64>,
);

/// What a report says of an ended use (`aicon.md` 6).
#[derive(Clone, Debug)]
pub struct ReportedUse {
    /// What AICON knows the use by.
    pub guid: UsageGuid,
    /// Who used it.
    pub owner: UserId,
    /// The model at AICON that was used.
    pub client: ClientId,
    /// HTTP status.
    pub response_code: u16,
    /// Milliseconds since the epoch.
    pub started_at: i64,
    /// Milliseconds since the epoch.
    pub ended_at: i64,
    /// The message.
    pub input: String,
    /// The answer.
    pub content: String,
    /// Tokens of the question.
    pub input_tokens: u64,
    /// Tokens of the answer.
    pub output_tokens: u64,
    /// Price in won.
    pub amount: u64,
    /// How many characters of input and content AICON is told; absent: all of them.
    pub content_limit: Option<u32>,
}

impl Store {
    /// The rows with `seq` in `first..=last`, in order, at half of what [`Store::ledger_rows`] costs.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn reported_uses(
        &self,
        first: u64,
        last: u64,
    ) -> Result<Vec<ReportedUse>, StoreError> {
        let rows: String = reading!(&self.database, pool, pick => {
            sqlx::query_scalar(pick(&REPORTED))
                .bind(column(first))
                .bind(column(last))
                .fetch_one(pool)
                .await
        })
        .map_err(sql("read the ledger"))?;
        let mut rows: Vec<Columns> = serde_json::from_str(&rows)
            .map_err(|_| StoreError::Row(format!("{first}..={last}")))?;
        // The engines go by an index and need not.
        rows.sort_unstable_by_key(|row| row.0);
        Ok(rows.into_iter().map(ReportedUse::from).collect())
    }
}

impl From<Columns> for ReportedUse {
    fn from(row: Columns) -> Self {
        let (_, guid, owner, client, code, started_at, ended_at, input, content, ..) = row;
        Self {
            guid: UsageGuid::new(guid),
            owner: UserId::new(owner),
            client: ClientId::new(client),
            response_code: u16::try_from(code).unwrap_or(u16::MAX),
            started_at,
            ended_at,
            input,
            content,
            input_tokens: count(row.9),
            output_tokens: count(row.10),
            amount: count(row.11),
            content_limit: row.12.map(characters),
        }
    }
}

impl From<LedgerRow> for ReportedUse {
    fn from(row: LedgerRow) -> Self {
        Self {
            guid: row.guid,
            owner: row.owner,
            client: row.client,
            response_code: row.response_code,
            started_at: row.started_at,
            ended_at: row.ended_at,
            input: row.input,
            content: row.content,
            input_tokens: row.usage.input_tokens,
            output_tokens: row.usage.output_tokens,
            amount: row.amount,
            content_limit: row.content_limit,
        }
    }
}
