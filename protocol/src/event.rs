//! Events of the chat stream (`ai-api.md` 2): [`StreamEvent`] is what our server writes, [`ChatEvent`] what a client
//! understands of any server's, through [`RawEvent`], which every JSON parser with serde support can fill.

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::ai::{ErrorBody, ErrorCode, Usage};
use crate::id::ResponseId;

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

/// An event of either dialect as JSON spells it. Turn it into a [`ChatEvent`].
#[derive(Clone, Debug, Default, Deserialize)]
pub struct RawEvent {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    response: Option<RawResponse>,
    #[serde(default)]
    delta: Option<String>,
    #[serde(default)]
    data: Option<RawData>,
    #[serde(default)]
    error: Option<ErrorBody>,
    #[serde(default)]
    code: Option<ErrorCode>,
    #[serde(default)]
    message: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct RawResponse {
    #[serde(default)]
    id: Option<ResponseId>,
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    usage: Option<Usage>,
}

/// The AI-HUB dialect's `data`: a text, or the closing usage.
#[derive(Clone, Debug)]
enum RawData {
    Text(String),
    Usage { usage: Usage, response_id: Option<ResponseId> },
}

impl From<RawEvent> for ChatEvent {
    fn from(raw: RawEvent) -> Self {
        match raw.kind.as_str() {
            "response.created" => match raw.response.and_then(|response| response.id) {
                Some(id) => Self::Created { id },
                None => Self::Unknown,
            },
            "response.output_text.delta" => Self::Delta { text: raw.delta.unwrap_or_default() },
            "response.completed" => {
                let RawResponse { id, model, content, usage } = raw.response.unwrap_or_default();
                Self::Completed { id, model, content, usage }
            }
            "response" => match raw.data {
                Some(RawData::Text(text)) => Self::Delta { text },
                _ => Self::Unknown,
            },
            "usage" => match raw.data {
                Some(RawData::Usage { usage, response_id }) => {
                    Self::Completed { id: response_id, model: None, content: None, usage: Some(usage) }
                }
                _ => Self::Unknown,
            },
            "error" => Self::Failed(raw.error.unwrap_or_else(|| ErrorBody {
                code: raw.code.unwrap_or(ErrorCode::ChatError),
                message: raw.message.unwrap_or_default(),
            })),
            _ => Self::Unknown,
        }
    }
}

impl<'de> Deserialize<'de> for RawData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawDataVisitor)
    }
}

/// By hand, because serde's untagged enums buffer the value and cost the SPA's bundle for it.
struct RawDataVisitor;

impl<'de> Visitor<'de> for RawDataVisitor {
    type Value = RawData;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a text or an object")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<RawData, E> {
        Ok(RawData::Text(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<RawData, E> {
        Ok(RawData::Text(text))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawData, A::Error> {
        let RawUsage { input_tokens, output_tokens, total_tokens, response_id } =
            RawUsage::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(RawData::Usage { usage: Usage { input_tokens, output_tokens, total_tokens }, response_id })
    }
}

#[derive(Deserialize)]
struct RawUsage {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    output_tokens: u64,
    #[serde(default)]
    total_tokens: u64,
    #[serde(default)]
    response_id: Option<ResponseId>,
}
