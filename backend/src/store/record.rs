//! A use's row as the rest of the server knows it.

use aicon_protocol::ai::Usage;
use aicon_protocol::id::{ClientId, FileId, ResponseId, UsageGuid, UserId};

use super::{Flush, StoreError};

/// A use about to begin.
#[derive(Clone, Debug)]
pub struct NewUse {
    /// The answer's ID.
    pub id: ResponseId,
    /// What AICON will know the use by. It is made with the row, so that every try to record it has the same.
    pub guid: UsageGuid,
    /// Whose it is.
    pub owner: UserId,
    /// The model at AICON that is used; without one AICON is never told of the use.
    pub client: Option<ClientId>,
    /// Through which path.
    pub kind: UseKind,
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
    /// Set where the caller may repeat the request.
    pub idempotency: Option<Idempotency>,
    /// Milliseconds since the epoch.
    pub started_at: i64,
}

/// By which a repeated request is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// The caller's word for the request; unique for each owner.
    pub key: String,
    /// Of the request's content: the same key with another one is a mistake of the caller's.
    pub fingerprint: String,
}

/// Whether a use began.
#[derive(Clone, Debug)]
pub enum Opened {
    /// It did: the model may be asked. Nobody may be told what it says before the row is on the disk.
    New(Flush),
    /// The owner's idempotency key has a use already that is open or completed. A stopped or failed one gives its key up.
    Taken(Box<UseRecord>),
}

/// How a use ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Never [`Status::Open`].
    pub status: Status,
    /// Why it did not complete, in a word or a few.
    pub failure: Option<String>,
    /// HTTP status that AICON is told.
    pub response_code: u16,
    /// The text, whole or up to where it ended.
    pub content: String,
    /// What it cost.
    pub usage: Usage,
    /// Whether the cost is our estimate, for want of the provider's count.
    pub usage_estimated: bool,
    /// Price in won.
    pub amount: u64,
    /// How many characters of input and content AICON is told; absent: all of them.
    pub content_limit: Option<u32>,
    /// Milliseconds since the epoch.
    pub ended_at: i64,
}

/// A stored use.
#[derive(Clone, Debug)]
pub struct UseRecord {
    /// The answer's ID.
    pub id: ResponseId,
    /// What AICON knows the use by.
    pub guid: UsageGuid,
    /// Whose it is.
    pub owner: UserId,
    /// The model at AICON that was used.
    pub client: Option<ClientId>,
    /// Through which path.
    pub kind: UseKind,
    /// How far it is.
    pub status: Status,
    /// Why it did not complete.
    pub failure: Option<String>,
    /// HTTP status that AICON is told; absent while it is open.
    pub response_code: Option<u16>,
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
    /// Price in won.
    pub amount: u64,
    /// How many characters of input and content AICON is told; absent: all of them.
    pub content_limit: Option<u32>,
    /// By which a repeated request is known.
    pub idempotency: Option<Idempotency>,
    /// Milliseconds since the epoch.
    pub started_at: i64,
    /// Milliseconds since the epoch; absent while it is open.
    pub ended_at: Option<i64>,
}

/// Through which path a model is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UseKind {
    /// A message of a conversation.
    Chat,
    /// A form.
    Form,
}

/// How far a use is.
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

impl UseKind {
    /// As the column holds it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Form => "form",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Chat, Self::Form]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
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

/// The columns of `uses` that a [`UseRecord`] is read from.
#[derive(sqlx::FromRow)]
pub(super) struct UseColumns {
    id: String,
    guid: String,
    owner: String,
    client_id: Option<String>,
    kind: String,
    status: String,
    failure: Option<String>,
    response_code: Option<i64>,
    model: String,
    provider: String,
    input: String,
    input_files: String,
    previous_id: Option<String>,
    content: String,
    input_tokens: i64,
    output_tokens: i64,
    total_tokens: i64,
    usage_estimated: bool,
    amount: i64,
    content_limit: Option<i64>,
    started_at: i64,
    ended_at: Option<i64>,
    idempotency_key: Option<String>,
    fingerprint: Option<String>,
}

impl TryFrom<UseColumns> for UseRecord {
    type Error = StoreError;

    fn try_from(row: UseColumns) -> Result<Self, StoreError> {
        let (Some(status), Some(kind)) = (Status::parse(&row.status), UseKind::parse(&row.kind))
        else {
            return Err(StoreError::Row(row.id));
        };
        Ok(Self {
            id: ResponseId::new(row.id),
            guid: UsageGuid::new(row.guid),
            owner: UserId::new(row.owner),
            client: row.client_id.map(ClientId::new),
            kind,
            status,
            failure: row.failure,
            response_code: row.response_code.and_then(|code| u16::try_from(code).ok()),
            model: row.model,
            provider: row.provider,
            input: row.input,
            files: row
                .input_files
                .split_whitespace()
                .map(FileId::new)
                .collect(),
            previous: row.previous_id.map(ResponseId::new),
            content: row.content,
            usage: Usage {
                input_tokens: count(row.input_tokens),
                output_tokens: count(row.output_tokens),
                total_tokens: count(row.total_tokens),
            },
            usage_estimated: row.usage_estimated,
            amount: count(row.amount),
            content_limit: row.content_limit.map(characters),
            idempotency: row
                .idempotency_key
                .zip(row.fingerprint)
                .map(|(key, fingerprint)| Idempotency { key, fingerprint }),
            started_at: row.started_at,
            ended_at: row.ended_at,
        })
    }
}

/// From SQL, whose integers are signed. Our own code never writes a negative count.
pub(super) fn count(column: i64) -> u64 {
    u64::try_from(column).unwrap_or(0)
}

/// To SQL. A provider that reports more tokens than it holds is wrong anyway.
pub(super) fn column(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn characters(column: i64) -> u32 {
    u32::try_from(column).unwrap_or(u32::MAX)
}
