//! An answer's row as the rest of the server knows it.

use aicon_protocol::ai::Usage;
use aicon_protocol::id::{FileId, ResponseId, UserId};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::{StoreError, sql};

/// A use about to begin.
#[derive(Clone, Debug)]
pub struct NewResponse {
    /// The answer's ID.
    pub id: ResponseId,
    /// Whose it is.
    pub owner: UserId,
    /// The model asked.
    pub model: String,
    /// The provider asked.
    pub provider: String,
    /// The message.
    pub input: String,
    /// The message's pictures.
    pub files: Vec<FileId>,
    /// The answer that the message continues.
    pub previous: Option<ResponseId>,
    /// Milliseconds since the epoch.
    pub created_at: i64,
}

/// How a use ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Never [`Status::Open`].
    pub status: Status,
    /// For [`Status::Failed`]: why, in a word or a few.
    pub failure: Option<String>,
    /// The text, whole or up to where it ended.
    pub content: String,
    /// What it cost.
    pub usage: Usage,
    /// Whether the cost is our estimate, for want of the provider's count.
    pub usage_estimated: bool,
    /// Milliseconds since the epoch.
    pub completed_at: i64,
}

/// A stored answer.
#[derive(Clone, Debug)]
pub struct ResponseRecord {
    /// The answer's ID.
    pub id: ResponseId,
    /// How far it is.
    pub status: Status,
    /// The model asked.
    pub model: String,
    /// The provider asked.
    pub provider: String,
    /// The message.
    pub input: String,
    /// The message's pictures.
    pub files: Vec<FileId>,
    /// The answer that the message continues.
    pub previous: Option<ResponseId>,
    /// The text.
    pub content: String,
    /// What it cost.
    pub usage: Usage,
    /// Whether the cost is our estimate.
    pub usage_estimated: bool,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// Milliseconds since the epoch; absent while it is open.
    pub completed_at: Option<i64>,
}

/// How far an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The model is being asked.
    Open,
    /// Answered.
    Completed,
    /// The client went away, or the model's length limit was reached; the text until then is kept.
    Stopped,
    /// The provider or the server failed.
    Failed,
}

impl Status {
    /// As the column holds it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Completed => "completed",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Completed, Self::Stopped, Self::Failed]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// Reads a row of `responses`.
pub(super) fn record(row: &SqliteRow) -> Result<ResponseRecord, StoreError> {
    let read = || -> Result<Option<ResponseRecord>, sqlx::Error> {
        let Some(status) = Status::parse(row.try_get("status")?) else {
            return Ok(None);
        };
        let files: &str = row.try_get("input_files")?;
        Ok(Some(ResponseRecord {
            id: ResponseId::new(row.try_get::<String, _>("id")?),
            status,
            model: row.try_get("model")?,
            provider: row.try_get("provider")?,
            input: row.try_get("input")?,
            files: files.split_whitespace().map(FileId::new).collect(),
            previous: row
                .try_get::<Option<String>, _>("previous_id")?
                .map(ResponseId::new),
            content: row.try_get("content")?,
            usage: Usage {
                input_tokens: count(row.try_get("input_tokens")?),
                output_tokens: count(row.try_get("output_tokens")?),
                total_tokens: count(row.try_get("total_tokens")?),
            },
            usage_estimated: row.try_get("usage_estimated")?,
            created_at: row.try_get("created_at")?,
            completed_at: row.try_get("completed_at")?,
        }))
    };
    read()
        .map_err(sql("read a response's columns"))?
        .ok_or_else(|| StoreError::Row("responses".to_owned()))
}

fn count(column: i64) -> u64 {
    u64::try_from(column).unwrap_or(0)
}
