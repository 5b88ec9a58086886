//! A registration as JSON: the keys of `configs.json`, which a provider's `GET /ui` answers with, and `modelRunUrl`.

use aicon_protocol::aicon::OutputKind;
use serde::Deserialize;

use super::registration::{
    InputRow, Kind, Localized, OutputRow, OutputType, Registration, RegistrationError, run_url,
    wrong,
};

/// Files and characters that a chat takes unless the document says otherwise.
const DEFAULT_MAX_FILES: u64 = 4;
const DEFAULT_MAX_TEXT_LENGTH: u64 = 4_000;

/// The provider's endpoints, below its address.
const CHAT_PATH: &str = "/api/Provider/chatting-type";
const MULTI_INPUT_PATH: &str = "/api/Provider/chat-multi-input";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    #[serde(default = "chat")]
    ui_type: String,
    #[serde(default)]
    title: Localized,
    #[serde(default)]
    start_message: Localized,
    model_run_url: Option<String>,
    max_files: Option<u64>,
    max_text_length: Option<u64>,
    output_type: Option<String>,
    #[serde(default)]
    inputs: Vec<InputDocument>,
    #[serde(default)]
    outputs: Vec<OutputDocument>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InputDocument {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    required: bool,
    label: Localized,
    param_name: String,
    #[serde(default)]
    choices: Vec<ChoiceDocument>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ChoiceDocument {
    Value(String),
    Labelled { value: String },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputDocument {
    #[serde(rename = "type")]
    kind: OutputKind,
    label: Localized,
    param_name: String,
}

fn chat() -> String {
    "chat".to_owned()
}

impl Document {
    /// What the document says; its rows are not looked at yet. See [`Registration::read`].
    pub(super) fn registration(
        json: &[u8],
        provider: &str,
    ) -> Result<Registration, RegistrationError> {
        let document: Self = serde_json::from_slice(json)?;
        let (kind, path) = match document.ui_type.to_ascii_lowercase().as_str() {
            "chat" => (document.chat()?, CHAT_PATH),
            "multiinput" => (document.multi_input(), MULTI_INPUT_PATH),
            other => {
                let expected = "expected `chat` or `multiInput`";
                return Err(wrong("uiType", format!("found `{other}`, {expected}")));
            }
        };
        let url = document.model_run_url;
        let url = url.unwrap_or_else(|| format!("{}{path}", provider.trim_end_matches('/')));
        Ok(Registration {
            title: document.title,
            start_message: document.start_message,
            model_run_url: run_url(&url)?,
            kind,
        })
    }

    fn chat(&self) -> Result<Kind, RegistrationError> {
        let output_type = self.output_type.as_deref().unwrap_or("markdown");
        Ok(Kind::Chat {
            max_files: self.max_files.unwrap_or(DEFAULT_MAX_FILES),
            max_text_length: self.max_text_length.unwrap_or(DEFAULT_MAX_TEXT_LENGTH),
            output_type: OutputType::of_name(output_type).ok_or_else(|| {
                let expected = "expected `text` or `markdown`";
                wrong("outputType", format!("found `{output_type}`, {expected}"))
            })?,
        })
    }

    fn multi_input(&self) -> Kind {
        let output = |row: &OutputDocument| OutputRow {
            kind: row.kind,
            label: row.label.clone(),
            param_name: row.param_name.clone(),
        };
        Kind::MultiInput {
            inputs: self.inputs.iter().map(InputDocument::row).collect(),
            outputs: self.outputs.iter().map(output).collect(),
        }
    }
}

impl InputDocument {
    fn row(&self) -> InputRow {
        let choices: Vec<_> = self.choices.iter().map(ChoiceDocument::value).collect();
        // Whoever types a choice into AICON's form would tell the values in the label.
        let label = match choices.is_empty() {
            true => self.label.clone(),
            false => self.label.with(&format!(" ({})", choices.join(", "))),
        };
        InputRow {
            is_file: self.kind.eq_ignore_ascii_case("file"),
            is_required: self.required,
            label,
            param_name: self.param_name.clone(),
        }
    }
}

impl ChoiceDocument {
    fn value(&self) -> &str {
        match self {
            Self::Value(value) | Self::Labelled { value } => value,
        }
    }
}
