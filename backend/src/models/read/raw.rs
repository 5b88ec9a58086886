//! The file as it stands, each value with its place.

use serde::Deserialize;
use toml::Spanned;

use crate::models::definition::{Choice, Localized};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    pub(super) name: Spanned<String>,
    pub(super) kind: Spanned<RawKind>,
    #[serde(default)]
    pub(super) clients: Vec<Spanned<String>>,
    pub(super) llm: Option<Spanned<String>>,
    pub(super) system: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) title: Localized,
    #[serde(default)]
    pub(super) start_message: Localized,
    pub(super) max_text_length: Option<Spanned<usize>>,
    pub(super) output_type: Option<Spanned<RawOutputType>>,
    pub(super) accept: Option<Spanned<Vec<String>>>,
    pub(super) max_bytes: Option<Spanned<u64>>,
    pub(super) max_files: Option<Spanned<usize>>,
    pub(super) prompt: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) inputs: Vec<Spanned<RawInput>>,
    #[serde(default)]
    pub(super) outputs: Vec<Spanned<RawOutput>>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawKind {
    Chat,
    MultiInput,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawOutputType {
    Markdown,
    Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawInput {
    pub(super) r#type: Spanned<RawInputType>,
    pub(super) param_name: Spanned<String>,
    #[serde(default)]
    pub(super) label: Localized,
    #[serde(default)]
    pub(super) help: Localized,
    #[serde(default)]
    pub(super) required: bool,
    pub(super) max_length: Option<Spanned<usize>>,
    pub(super) choices: Option<Spanned<Vec<Choice>>>,
    pub(super) min: Option<Spanned<f64>>,
    pub(super) max: Option<Spanned<f64>>,
    pub(super) accept: Option<Spanned<Vec<String>>>,
    pub(super) max_bytes: Option<Spanned<u64>>,
    pub(super) max_files: Option<Spanned<usize>>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawInputType {
    Text,
    LongText,
    Choice,
    Number,
    File,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOutput {
    pub(super) r#type: Spanned<RawOutputKind>,
    pub(super) param_name: Spanned<String>,
    #[serde(default)]
    pub(super) label: Localized,
    pub(super) field: Option<Spanned<String>>,
    pub(super) prompt: Option<Spanned<String>>,
    pub(super) each: Option<Spanned<String>>,
    pub(super) file_name: Option<Spanned<String>>,
    pub(super) entry_name: Option<Spanned<String>>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawOutputKind {
    Text,
    File,
    Image,
}
