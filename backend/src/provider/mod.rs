//! The seam to language models: one neutral request, one event enum, whoever answers.
//!
//! An upstream is two stateless translations: [`ModelRequest`] to an HTTP request, one server-sent event to
//! [`ProviderEvent`]s. Everything else (time limits, status codes, decoding, cancelling by drop) is in [`upstream`] and [`reader`] once.

mod chat_completions;
mod demo;
mod error;
mod gemini;
mod messages;
mod reader;
mod registry;
mod responses;
mod tour;
pub mod upstream;

use bytes::Bytes;
use futures_util::stream::BoxStream;

pub use error::{ProviderError, TimeoutKind};
pub use registry::{Provider, Registry, Resolved, UnknownModel};

/// What a provider reports while it answers. Consumers match all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderEvent {
    /// Text to append.
    Delta(String),
    /// Token counts so far; each one replaces what was reported before.
    Usage {
        /// Tokens of the question.
        input: Option<u64>,
        /// Tokens of the answer.
        output: Option<u64>,
    },
    /// No text follows; usage may, and the end of the connection is a good end from here on. The error tells why the
    /// text is not whole, where it is not.
    Finished(Option<ProviderError>),
    /// Nothing follows.
    End,
    /// The upstream gave up in its stream.
    Failed(ProviderError),
}

/// An answer on its way. Dropping it closes the connection to the upstream.
pub type ProviderStream = BoxStream<'static, Result<ProviderEvent, ProviderError>>;

/// A question with all that came before it.
#[derive(Clone, Debug)]
pub struct ModelRequest {
    /// The model, by the upstream's name.
    pub model: String,
    /// Who the model is and how it is to answer.
    pub system: Option<String>,
    /// What the answer has to be.
    pub wanted: Wanted,
    /// Earlier turns first; the last one is the user's.
    pub turns: Vec<Turn>,
}

impl ModelRequest {
    /// All that tokens are counted of where the provider does not.
    pub fn texts(&self) -> Vec<String> {
        let turns = self.turns.iter().map(|turn| turn.text.clone());
        self.instructions().into_iter().chain(turns).collect()
    }

    /// All that the model is told before the turns. An upstream's own switch for JSON is not used: those that speak a dialect
    /// differ in whether they know it, and answers are read tolerantly.
    fn instructions(&self) -> Option<String> {
        let Wanted::Members(names) = &self.wanted else {
            return self.system.clone();
        };
        let names = serde_json::to_string(names).expect("a list of texts is JSON");
        let form = format!(
            "Answer with one JSON object and nothing else. Its members are {names}, each with a string as its value."
        );
        Some(match &self.system {
            Some(system) => format!("{system}\n\n{form}"),
            None => form,
        })
    }
}

/// See [`ModelRequest::wanted`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// Another turn of a conversation.
    #[default]
    Conversation,
    /// A text.
    Text,
    /// A JSON object with these members, which are texts.
    Members(Vec<String>),
}

/// One message.
#[derive(Clone, Debug)]
pub struct Turn {
    /// Who speaks.
    pub role: Role,
    /// Text.
    pub text: String,
    /// Pictures; the user's only.
    pub images: Vec<Image>,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
}

impl Role {
    /// As OpenAI and Anthropic call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// A picture as it was uploaded, without its metadata.
#[derive(Clone, Debug)]
pub struct Image {
    /// `image/png`, `image/jpeg` or `image/webp`.
    pub media_type: String,
    /// The file.
    pub bytes: Bytes,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

impl Image {
    /// The file in base64, as every upstream takes it.
    pub fn base64(&self) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(&self.bytes)
    }

    /// The file as a `data:` URL.
    pub fn data_url(&self) -> String {
        format!("data:{};base64,{}", self.media_type, self.base64())
    }
}
