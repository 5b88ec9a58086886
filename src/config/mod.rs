//! `configs.json`: fetched once at start, read tolerantly, checked completely (`aicon.md` 2).
//!
//! Raw text → [`raw`] (comments, spellings, nesting) → [`check`] → [`Config`]. All problems are told at once. What the file
//! leaves open, the server is asked for ([`load`]).

mod check;
mod form;
mod load;
mod raw;

use std::rc::Rc;

use thiserror::Error;

pub use form::{Choice, FormDefinition, InputKind, InputRow, OutputRow};
pub use load::{LoadError, load};

use crate::i18n::Locale;
use crate::json::Json;

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
    /// Files that one message may have.
    pub max_files: usize,
    /// Extensions of the files that a message may have, where it is said.
    pub accept: Vec<Rc<str>>,
    /// Bytes that one file may have.
    pub max_file_bytes: u64,
    /// Seconds of silence after which a stream counts as broken.
    pub stream_idle_seconds: u32,
    /// Origins, besides AICON's own, that may show the app in a frame.
    pub frame_origins: Vec<String>,
    /// What the user meets.
    pub ui: UiType,
    /// The server described itself, so it is one of ours.
    pub is_described: bool,
    /// Answers are shown as they are; markdown otherwise.
    pub is_plain_text: bool,
    /// How the provider's API is spoken to.
    pub api_protocol: ApiProtocol,
}

/// The two kinds of type 2 (`aicon.md` 1), which the app renders itself, too.
#[derive(Clone, Debug, PartialEq)]
pub enum UiType {
    /// A conversation.
    Chat,
    /// A form: inputs in, outputs out.
    MultiInput(Rc<FormDefinition>),
}

/// What the file leaves to the server's `GET /ui`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// By which the server knows the model.
    pub client_id: Option<String>,
    /// The file says that the server knows (`uiType: "auto"`); otherwise it says nothing at all, and a server that does not know
    /// means a conversation.
    pub is_certain: bool,
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
    #[error("no answer")]
    Unreachable,
    /// The server has no such file.
    #[error("status {0}")]
    Status(u16),
    /// A web page came instead: hosts that answer everything with `index.html` do that for a missing file.
    #[error("a web page")]
    WebPage,
    /// Not JSON, comments allowed.
    #[error("no JSON")]
    NotJson {
        /// Line and column, from 1, where the browser tells them.
        at: Option<(usize, usize)>,
    },
    /// JSON, with wrong values.
    #[error("{} wrong values", .0.len())]
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

/// Reads and checks the file's text alone; what it leaves to the server is a conversation.
///
/// # Errors
/// All that is wrong with it, at once.
pub fn parse(text: &str) -> Result<Config, ConfigError> {
    read(text, None).map(|(config, _)| config)
}

/// Reads and checks the file's text, with what the server told where it was asked; the file's word counts more.
///
/// # Errors
/// All that is wrong, at once.
pub fn read(text: &str, ui: Option<Json>) -> Result<(Config, Option<Question>), ConfigError> {
    check::check(raw::read(text)?.with_ui(ui))
}
