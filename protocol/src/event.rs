//! Events of the chat stream (`ai-api.md` 2): [`StreamEvent`] is what our server writes, [`ChatEvent`] what a client
//! understands of any server's.

use serde::Serialize;

use crate::ai::{ErrorBody, ErrorCode, Usage};
use crate::id::ResponseId;
use crate::json::ReadJson;

/// The value of `data:` that some servers end a stream with; not JSON.
pub const DONE_MARKER: &str = "[DONE]";

/// An event as our server writes it, to the byte of the specification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type")]
pub enum StreamEvent<'a> {
    /// Always the first.
    #[serde(rename = "response.created")]
    Created {
        /// The answer to come.
        response: CreatedResponse<'a>,
    },
    /// A piece of the answer.
    #[serde(rename = "response.output_text.delta")]
    Delta {
        /// Text to append.
        delta: &'a str,
        /// 1, 2, 3, …
        sequence_number: u64,
    },
    /// The last one of a good stream.
    #[serde(rename = "response.completed")]
    Completed {
        /// One more than the last delta's.
        sequence_number: u64,
        /// The whole answer.
        response: CompletedResponse<'a>,
    },
    /// The last one of a failed stream.
    #[serde(rename = "error")]
    Error {
        /// What went wrong.
        error: &'a ErrorBody,
    },
}

/// See [`StreamEvent::Created`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CreatedResponse<'a> {
    /// The answer's ID.
    pub id: &'a ResponseId,
}

/// See [`StreamEvent::Completed`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CompletedResponse<'a> {
    /// The answer's ID.
    pub id: &'a ResponseId,
    /// The model that answered.
    pub model: &'a str,
    /// All deltas joined.
    pub content: &'a str,
    /// What it cost.
    pub usage: Usage,
}

/// What an event means to a client, whichever dialect said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatEvent {
    /// The answer has an ID.
    Created {
        /// The answer's ID.
        id: ResponseId,
    },
    /// Text to append.
    Delta {
        /// The text.
        text: String,
    },
    /// The terminal event of a good stream.
    Completed {
        /// To continue the conversation by.
        id: Option<ResponseId>,
        /// The model that answered.
        model: Option<String>,
        /// The whole answer; where it is there it beats the joined deltas.
        content: Option<String>,
        /// What it cost.
        usage: Option<Usage>,
    },
    /// The terminal event of a failed stream.
    Failed(ErrorBody),
    /// An event of a newer server or of another dialect: to be passed over.
    Unknown,
}

impl ChatEvent {
    /// Reads an event of either dialect.
    pub fn read(json: &impl ReadJson) -> Self {
        match json.text_of("type").as_deref().unwrap_or_default() {
            "response.created" => match json
                .member("response")
                .and_then(|response| response.text_of("id"))
            {
                Some(id) => Self::Created {
                    id: ResponseId::new(id),
                },
                None => Self::Unknown,
            },
            "response.output_text.delta" => Self::Delta {
                text: json.text_of("delta").unwrap_or_default(),
            },
            "response.completed" => match json.member("response") {
                Some(response) => Self::Completed {
                    id: response.text_of("id").map(ResponseId::new),
                    model: response.text_of("model"),
                    content: response.text_of("content"),
                    usage: response.member("usage").map(|usage| Usage::read(&usage)),
                },
                None => Self::Completed {
                    id: None,
                    model: None,
                    content: None,
                    usage: None,
                },
            },
            "response" => match json.text_of("data") {
                Some(text) => Self::Delta { text },
                None => Self::Unknown,
            },
            "usage" => match json.member("data") {
                Some(usage) => Self::Completed {
                    id: usage.text_of("response_id").map(ResponseId::new),
                    model: None,
                    content: None,
                    usage: Some(Usage::read(&usage)),
                },
                None => Self::Unknown,
            },
            "error" => Self::Failed(ErrorBody::read(json).unwrap_or_else(|| ErrorBody {
                code: ErrorCode::ChatError,
                message: String::new(),
            })),
            _ => Self::Unknown,
        }
    }
}
