//! What a definition holds once it is checked.

use aicon_documents::Format;
use aicon_protocol::aicon::OutputKind;
use serde::{Deserialize, Serialize};

use super::template::Prompt;

/// A model as the provider describes it.
#[derive(Clone, Debug)]
pub struct Definition {
    /// What requests name it by; unique.
    pub name: String,
    /// The clients that use it, by their IDs; none: all clients that no other definition names.
    pub clients: Vec<String>,
    /// The LLM that is asked; absent: the server's default.
    pub llm: Option<String>,
    /// Said to the LLM before everything else.
    pub system: Option<Prompt>,
    /// What people read.
    pub title: Localized,
    /// Stands before the first message or the form, markdown.
    pub start_message: Localized,
    /// Conversation or form.
    pub kind: Kind,
}

/// See [`Definition::kind`].
#[derive(Clone, Debug)]
pub enum Kind {
    /// AICON's chatting type.
    Chat {
        /// Files that a message may have; none where `max_files` is 0.
        files: FileRule,
        /// Characters that a message may have.
        max_text_length: usize,
        /// Whether answers are markdown; plain text otherwise.
        is_markdown: bool,
    },
    /// AICON's multi-input type.
    MultiInput {
        /// In the order of the page.
        inputs: Vec<InputRow>,
        /// In the order of the page.
        outputs: Vec<OutputRow>,
        /// The question that outputs without one of their own come from.
        prompt: Option<Prompt>,
    },
}

/// One field (`aicon.md` 1, "input rows").
#[derive(Clone, Debug)]
pub struct InputRow {
    /// Its name on the wire and in templates.
    pub param_name: String,
    /// What people read.
    pub label: Localized,
    /// A sentence that helps.
    pub help: Localized,
    /// Whether it may be left out.
    pub required: bool,
    /// What it takes.
    pub kind: InputKind,
}

/// See [`InputRow::kind`].
#[derive(Clone, Debug, PartialEq)]
pub enum InputKind {
    /// Text.
    Text {
        /// Characters.
        max_length: usize,
        /// Several lines.
        is_long: bool,
    },
    /// One of these.
    Choice(Vec<Choice>),
    /// A number.
    Number {
        /// Not below.
        min: Option<f64>,
        /// Not above.
        max: Option<f64>,
    },
    /// Files.
    File(FileRule),
}

/// Which files are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRule {
    /// Extensions, lower case, without a dot.
    pub accept: Vec<String>,
    /// Bytes of one file.
    pub max_bytes: u64,
    /// Files.
    pub max_files: usize,
}

/// An entry of a list: `"ko"`, or `{ value = "ko", label = "한국어" }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "RawChoice")]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What people read.
    pub label: Localized,
}

/// One result (`aicon.md` 1, "output rows").
#[derive(Clone, Debug)]
pub struct OutputRow {
    /// Its name on the wire.
    pub param_name: String,
    /// What people read.
    pub label: Localized,
    /// Text, file or picture.
    pub kind: OutputKind,
    /// How it is made.
    pub source: Source,
    /// Of a file: how it is named and written.
    pub file: Option<ResultFile>,
}

/// A file that is made from an answer.
#[derive(Clone, Debug)]
pub struct ResultFile {
    /// Its name, a template over the inputs.
    pub name: Prompt,
    /// What is in it.
    pub content: FileContent,
}

/// See [`ResultFile::content`].
#[derive(Clone, Debug)]
pub enum FileContent {
    /// The answer, written in this format.
    Written(Format),
    /// A ZIP with an answer for each file of an input.
    Archive {
        /// The name of the file's answer, a template over the inputs and `file`.
        entry: Prompt,
        /// How each answer is written.
        format: Format,
    },
}

/// Where a result comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// The whole answer to the definition's prompt.
    Answer,
    /// A member of the answer to the definition's prompt, which is a JSON object then.
    Field(String),
    /// The whole answer to a prompt of its own.
    Prompt(Prompt),
    /// The answers to a prompt that is asked once for each file of an input.
    Each {
        /// The input, by its parameter name.
        input: String,
        /// A template over the inputs and `file`.
        prompt: Prompt,
    },
}

/// A text, or one for each language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "RawLocalized")]
pub struct Localized {
    /// Korean.
    pub ko: String,
    /// English.
    pub en: String,
}

impl InputRow {
    /// Which files it takes, if it takes any.
    pub fn files(&self) -> Option<&FileRule> {
        match &self.kind {
            InputKind::File(rule) => Some(rule),
            _ => None,
        }
    }
}

impl Definition {
    /// Whether it is a conversation, not a form.
    pub fn is_chat(&self) -> bool {
        matches!(self.kind, Kind::Chat { .. })
    }

    /// Which files it takes, for each place where it takes any.
    pub fn file_rules(&self) -> Vec<&FileRule> {
        match &self.kind {
            Kind::Chat { files, .. } => vec![files],
            Kind::MultiInput { inputs, .. } => inputs.iter().filter_map(InputRow::files).collect(),
        }
    }
}

impl Localized {
    /// The same text for both.
    pub fn same(text: &str) -> Self {
        Self {
            ko: text.to_owned(),
            en: text.to_owned(),
        }
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.ko.is_empty() && self.en.is_empty()
    }
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a text, or one for each language: { ko = \"…\", en = \"…\" }"
)]
enum RawLocalized {
    Same(String),
    Both { ko: String, en: String },
}

impl From<RawLocalized> for Localized {
    fn from(raw: RawLocalized) -> Self {
        match raw {
            RawLocalized::Same(text) => Self::same(&text),
            RawLocalized::Both { ko, en } => Self { ko, en },
        }
    }
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected texts, or entries such as { value = \"ko\", label = \"한국어\" }"
)]
enum RawChoice {
    Value(String),
    Labelled { value: String, label: Localized },
}

impl From<RawChoice> for Choice {
    fn from(raw: RawChoice) -> Self {
        match raw {
            RawChoice::Value(value) => Self {
                label: Localized::same(&value),
                value,
            },
            RawChoice::Labelled { value, label } => Self { value, label },
        }
    }
}
