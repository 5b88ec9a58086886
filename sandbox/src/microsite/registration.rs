//! What the provider filled in on AICON's registration page (`aicon.md` 1, type 2).
//!
//! Read from JSON in the words of `configs.json`, which a provider's `GET /ui` answers with. AICON's form knows less than that: a
//! choice, a number and a long text become text fields, as they would if they were typed in there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use aicon_protocol::aicon::OutputKind;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::document::Document;
use crate::text::Lang;

/// A registered model of type 2.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Registration {
    pub(crate) title: Localized,
    /// Markdown; people see bold, italic, lists and links of it.
    pub(crate) start_message: Localized,
    /// Where requests of users go.
    pub(crate) model_run_url: Url,
    pub(crate) kind: Kind,
}

/// Type 2a or 2b.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Chat {
        /// Files that a message may have.
        max_files: u64,
        /// Characters that a message may have.
        max_text_length: u64,
        output_type: OutputType,
    },
    MultiInput {
        inputs: Vec<InputRow>,
        outputs: Vec<OutputRow>,
    },
}

/// How answers of a chat are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutputType {
    Text,
    Markdown,
}

/// A row of the form.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InputRow {
    pub(crate) is_file: bool,
    pub(crate) is_required: bool,
    pub(crate) label: Localized,
    pub(crate) param_name: String,
}

/// A row of the result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OutputRow {
    pub(crate) kind: OutputKind,
    pub(crate) label: Localized,
    pub(crate) param_name: String,
}

/// A text, or one for each language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Localized {
    /// Serde takes the first that fits.
    Both {
        ko: String,
        en: String,
    },
    Same(String),
    #[default]
    None,
}

/// What is wrong with a registration. Texts name the key.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// Not of the expected shape.
    #[error("failed to read the registration: {0}")]
    Shape(#[from] serde_json::Error),
    /// A value that AICON's form would not take.
    #[error("key `{key}`: {problem}")]
    Value {
        /// Where, such as `inputs[0].paramName`.
        key: String,
        /// Found and expected.
        problem: String,
    },
}

/// A registration file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file system says no.
    #[error("failed to read `{}`: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Its content does.
    #[error("failed to register what `{}` says: {source}", path.display())]
    Content {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: RegistrationError,
    },
}

impl Registration {
    /// Reads a document; `provider` is the address below which the model run URL is when none is named.
    pub(crate) fn read(json: &[u8], provider: &str) -> Result<Self, RegistrationError> {
        let registration = Document::registration(json, provider)?;
        registration.check()?;
        Ok(registration)
    }

    /// Reads a document from a file.
    pub(crate) fn read_file(path: &Path, provider: &str) -> Result<Self, ReadError> {
        let json = std::fs::read(path).map_err(|source| ReadError::File {
            path: path.to_owned(),
            source,
        })?;
        Self::read(&json, provider).map_err(|source| ReadError::Content {
            path: path.to_owned(),
            source,
        })
    }

    /// One of several models, asked for by `?model=` where it was imported from, is run by the same name.
    pub(super) fn keep_model(&mut self, imported_from: &str) {
        let Ok(from) = Url::parse(imported_from) else {
            return;
        };
        if let Some((_, model)) = from.query_pairs().find(|(key, _)| key == "model")
            && self.model_run_url.query().is_none()
        {
            let mut query = self.model_run_url.query_pairs_mut();
            query.append_pair("model", &model);
        }
    }

    /// In the words that [`Registration::read`] reads.
    pub(crate) fn to_json(&self) -> Value {
        let mut json = json!({
            "title": self.title, "startMessage": self.start_message, "modelRunUrl": self.model_run_url.as_str(),
        });
        match &self.kind {
            Kind::Chat {
                max_files,
                max_text_length,
                output_type,
            } => {
                json["uiType"] = json!("chat");
                json["maxFiles"] = json!(max_files);
                json["maxTextLength"] = json!(max_text_length);
                json["outputType"] = json!(output_type.as_str());
            }
            Kind::MultiInput { inputs, outputs } => {
                json["uiType"] = json!("multiInput");
                json["inputs"] = inputs.iter().map(InputRow::to_json).collect();
                json["outputs"] = outputs.iter().map(OutputRow::to_json).collect();
            }
        }
        json
    }

    /// What AICON's form asks of its fields.
    pub(crate) fn check(&self) -> Result<(), RegistrationError> {
        match &self.kind {
            Kind::Chat {
                max_text_length, ..
            } => {
                if *max_text_length == 0 {
                    return Err(wrong("maxTextLength", "found 0, expected at least 1"));
                }
                required("startMessage", self.start_message.get(Lang::Ko))
            }
            Kind::MultiInput { inputs, outputs } => {
                let rows = inputs.iter().map(|row| (&row.param_name, &row.label));
                check_rows("inputs", rows)?;
                let rows = outputs.iter().map(|row| (&row.param_name, &row.label));
                check_rows("outputs", rows)
            }
        }
    }
}

/// The model run URL.
pub(crate) fn run_url(text: &str) -> Result<Url, RegistrationError> {
    let url = Url::parse(text.trim()).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.ok_or_else(|| {
        let problem = format!("found `{text}`, expected an http or https URL");
        wrong("modelRunUrl", problem)
    })
}

fn check_rows<'a>(
    key: &str,
    rows: impl Iterator<Item = (&'a String, &'a Localized)>,
) -> Result<(), RegistrationError> {
    let mut seen = BTreeSet::new();
    for (index, (param_name, label)) in rows.enumerate() {
        let at = |field: &str| format!("{key}[{index}].{field}");
        required(&at("paramName"), param_name)?;
        required(&at("label"), label.get(Lang::Ko))?;
        if !seen.insert(param_name) {
            return Err(wrong(
                at("paramName"),
                format!("`{param_name}` is there twice"),
            ));
        }
    }
    if seen.is_empty() {
        return Err(wrong(key, "expected at least one row"));
    }
    Ok(())
}

fn required(key: &str, text: &str) -> Result<(), RegistrationError> {
    if text.trim().is_empty() {
        return Err(wrong(key, "expected a text"));
    }
    Ok(())
}

pub(super) fn wrong(key: impl Into<String>, problem: impl Into<String>) -> RegistrationError {
    RegistrationError::Value {
        key: key.into(),
        problem: problem.into(),
    }
}

impl InputRow {
    pub(super) fn is_blank(&self) -> bool {
        self.label.get(Lang::Ko).is_empty() && self.param_name.is_empty()
    }

    pub(super) fn to_json(&self) -> Value {
        let kind = if self.is_file { "file" } else { "text" };
        json!({ "type": kind, "required": self.is_required, "label": self.label, "paramName": self.param_name })
    }
}

impl OutputRow {
    pub(super) fn is_blank(&self) -> bool {
        self.label.get(Lang::Ko).is_empty() && self.param_name.is_empty()
    }

    pub(super) fn to_json(&self) -> Value {
        json!({ "type": self.kind, "label": self.label, "paramName": self.param_name })
    }
}

impl OutputType {
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "markdown" => Some(Self::Markdown),
            _ => None,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
        }
    }
}

impl Localized {
    pub(crate) fn get(&self, lang: Lang) -> &str {
        match self {
            Self::Both { ko, en } => lang.pick(ko, en),
            Self::Same(text) => text,
            Self::None => "",
        }
    }

    /// Both texts with this at their end.
    pub(super) fn with(&self, end: &str) -> Self {
        match self {
            Self::Both { ko, en } => Self::Both {
                ko: format!("{ko}{end}"),
                en: format!("{en}{end}"),
            },
            Self::Same(text) => Self::Same(format!("{text}{end}")),
            Self::None => Self::None,
        }
    }
}
