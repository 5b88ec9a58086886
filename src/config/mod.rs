//! `configs.json`: fetched once at start, read tolerantly, checked completely (`aicon.md` 2).
//!
//! Raw text → [`raw`] (comments, spellings, nesting) → [`check`] → [`Config`]. All problems are told at once.

mod check;
mod form;
mod raw;

use std::rc::Rc;

use aicon_protocol::ai::UPLOAD_FORMATS;
use thiserror::Error;

pub use form::{Choice, FormDefinition, InputKind, InputRow, OutputRow};

use crate::browser::http::{self, Call};
use crate::i18n::Locale;

/// Where the file is, below our own origin.
pub const CONFIG_PATH: &str = "/configs/configs.json";

/// What the provider decided, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Base URL of the provider's API, without a slash at its end; empty: our own origin.
    pub api_end_point: String,
    /// AICON's login; `None`: no login at all.
    pub login: Option<LoginConfig>,
    /// The model's title.
    pub title: Localized,
    /// What the model is for, markdown.
    pub description: Localized,
    /// Stands at the head of an empty conversation, markdown.
    pub start_message: Localized,
    /// The model's name for the API; `None`: the server's default.
    pub model: Option<String>,
    /// Characters that one message may have.
    pub max_text_length: usize,
    /// Images that one message may have.
    pub max_files: usize,
    /// Bytes that one image may have.
    pub max_file_bytes: u64,
    /// Seconds of silence after which a stream counts as broken.
    pub stream_idle_seconds: u32,
    /// Origins, besides AICON's own, that may show the app in a frame.
    pub frame_origins: Vec<String>,
    /// What the user meets.
    pub ui: UiType,
    /// How the provider's API is spoken to.
    pub api_protocol: ApiProtocol,
}

impl Config {
    /// Extensions of the files that a message may have: the AI API takes images, the official sample what the guideline
    /// names (`aicon.md` 1).
    pub fn attachment_formats(&self) -> &'static [&'static str] {
        const SAMPLE: [&str; 7] = ["jpg", "jpeg", "png", "webp", "csv", "txt", "pdf"];
        match self.api_protocol {
            ApiProtocol::Aicon => &SAMPLE,
            ApiProtocol::Ai | ApiProtocol::Auto => &UPLOAD_FORMATS,
        }
    }
}

/// The two kinds of type 2 (`aicon.md` 1), which the app renders itself, too.
#[derive(Clone, Debug, PartialEq)]
pub enum UiType {
    /// A conversation.
    Chat,
    /// A form: inputs in, outputs out.
    MultiInput(Rc<FormDefinition>),
}

/// See [`Config::api_protocol`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiProtocol {
    /// The AI API (`ai-api.md`), which streams, and the guideline's paths.
    Ai,
    /// The paths of AICON's official sample back end (`aicon.md` 5).
    Aicon,
    /// Whichever the server turns out to have.
    Auto,
}

/// How to log in (`aicon.md` 3).
#[derive(Clone, PartialEq, Eq)]
pub struct LoginConfig {
    /// AICON's login page.
    pub login_url: String,
    /// Base URL of AICON's API, without a slash at its end; empty where the back end makes the exchange.
    pub aicon_api: String,
    /// The model's ID at AICON.
    pub client_id: String,
    /// There: the browser exchanges the code itself. Not there: the back end does.
    pub client_secret: Option<String>,
    /// `grant_type` of the first exchange.
    pub authorization_grant: String,
    /// `grant_type` of a refresh.
    pub refresh_grant: String,
    /// Refuse a redirect that does not bring `state` back (promise S1).
    pub require_state: bool,
}

impl std::fmt::Debug for LoginConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginConfig")
            .field("login_url", &self.login_url)
            .finish_non_exhaustive()
    }
}

/// A text in both languages; a plain string in the file counts for both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Localized {
    ko: Rc<str>,
    en: Rc<str>,
}

impl Localized {
    /// The same text for both.
    pub fn same(text: &str) -> Self {
        Self::new(text, text)
    }

    /// A text for each.
    pub fn new(ko: &str, en: &str) -> Self {
        Self {
            ko: ko.into(),
            en: en.into(),
        }
    }

    /// The text for this reader.
    pub fn get(&self, locale: Locale) -> Rc<str> {
        match locale {
            Locale::Ko => self.ko.clone(),
            Locale::En => self.en.clone(),
        }
    }
}

/// Why there is no [`Config`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// The file did not come.
    #[error("failed to fetch `{CONFIG_PATH}`")]
    Unreachable,
    /// The server has no such file.
    #[error("failed to fetch `{CONFIG_PATH}`: status {0}")]
    Status(u16),
    /// A web page came instead: hosts that answer everything with `index.html` do that for a missing file.
    #[error("`{CONFIG_PATH}` is a web page")]
    WebPage,
    /// Not JSON, comments allowed.
    #[error("failed to read `{CONFIG_PATH}` as JSON")]
    NotJson {
        /// Line and column, from 1, where the browser tells them.
        at: Option<(usize, usize)>,
    },
    /// JSON, with wrong values.
    #[error("`{CONFIG_PATH}` has {} wrong values", .0.len())]
    Problems(Vec<Problem>),
}

/// One wrong value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key's usual spelling; within a list with the row's number: `inputs[0].type`.
    pub key: String,
    /// What stands there.
    pub found: Found,
    /// What should.
    pub expected: Expected,
}

/// What stands in the place of a wrong value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Missing,
    /// An empty text.
    Empty,
    /// This JSON, cut to a readable length.
    Value(String),
    /// Something that is not repeated on a screen.
    Secret,
}

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The file as a whole is an object.
    Object,
    /// An absolute http(s) URL; an example.
    Url(&'static str),
    /// A list of origins.
    Origins,
    /// A text that is not empty.
    Text,
    /// A text, or one for each language.
    LocalizedText,
    /// `true` or `false`.
    Bool,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A list with at least one row.
    Rows,
    /// A name that no other row of the list has.
    UniqueName,
    /// A list of texts.
    Texts,
    /// A number.
    Number,
    /// A whole number in this range.
    Count {
        /// At least.
        min: u64,
        /// At most.
        max: u64,
    },
}

/// Reads and checks the file's text.
///
/// # Errors
/// All that is wrong with it, at once.
pub fn parse(text: &str) -> Result<Config, ConfigError> {
    check::check(raw::read(text)?)
}

/// Fetches, reads and checks the file.
///
/// # Errors
/// See [`ConfigError`].
pub async fn load() -> Result<Config, ConfigError> {
    let response = http::fetch(Call {
        url: CONFIG_PATH,
        ..Call::default()
    })
    .await
    .map_err(|_| ConfigError::Unreachable)?;
    if !response.ok() {
        return Err(ConfigError::Status(response.status()));
    }
    let text = http::text(&response)
        .await
        .map_err(|_| ConfigError::Unreachable)?;
    parse(&text)
}
