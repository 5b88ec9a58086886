//! What stands in the fields of the registration page: the registration, or what was entered and refused.

use aicon_protocol::aicon::OutputKind;
use serde_json::{Value, json};

use super::registration::{
    InputRow, Kind, Localized, OutputRow, OutputType, Registration, RegistrationError, run_url,
};
use crate::text::Lang;

/// The fields; numbers as texts, whatever they are.
pub(super) struct Entered {
    pub(super) title: String,
    pub(super) start_message: String,
    pub(super) model_run_url: String,
    pub(super) is_chat: bool,
    pub(super) max_files: String,
    pub(super) max_text_length: String,
    pub(super) output_type: OutputType,
    pub(super) inputs: Vec<InputRow>,
    pub(super) outputs: Vec<OutputRow>,
}

impl Entered {
    pub(super) fn of(registration: Option<&Registration>, provider: &str, lang: Lang) -> Self {
        let mut entered = Self {
            title: String::new(),
            start_message: String::new(),
            model_run_url: format!("{provider}/api/Provider/chatting-type"),
            is_chat: true,
            max_files: "4".to_owned(),
            max_text_length: "4000".to_owned(),
            output_type: OutputType::Markdown,
            inputs: Vec::new(),
            outputs: Vec::new(),
        };
        let Some(registration) = registration else {
            return entered;
        };
        entered.title = registration.title.get(lang).to_owned();
        entered.start_message = registration.start_message.get(lang).to_owned();
        entered.model_run_url = registration.model_run_url.to_string();
        match &registration.kind {
            Kind::Chat {
                max_files,
                max_text_length,
                output_type,
            } => {
                entered.max_files = max_files.to_string();
                entered.max_text_length = max_text_length.to_string();
                entered.output_type = *output_type;
            }
            Kind::MultiInput { inputs, outputs } => {
                entered.is_chat = false;
                entered.inputs.clone_from(inputs);
                entered.outputs.clone_from(outputs);
            }
        }
        entered
    }

    /// Rows travel as fields of the same name, in their order.
    pub(super) fn from_fields(fields: &[(String, String)]) -> Self {
        let all = |name: &str| {
            let named = fields.iter().filter(|(known, _)| known == name);
            named
                .map(|(_, value)| value.trim().to_owned())
                .collect::<Vec<_>>()
        };
        let one = |name: &str| all(name).into_iter().next().unwrap_or_default();
        let nth = |values: &[String], n: usize| values.get(n).cloned().unwrap_or_default();
        let (types, required) = (all("input_type"), all("input_required"));
        let (labels, names) = (all("input_label"), all("input_param"));
        let inputs = (0..names.len()).map(|n| InputRow {
            is_file: nth(&types, n) == "file",
            is_required: nth(&required, n) == "yes",
            label: Localized::Same(nth(&labels, n)),
            param_name: nth(&names, n),
        });
        let (types, out_labels, out_names) =
            (all("output_type"), all("output_label"), all("output_param"));
        let outputs = (0..out_names.len()).map(|n| OutputRow {
            kind: OutputKind::of_name(&nth(&types, n)).unwrap_or(OutputKind::Text),
            label: Localized::Same(nth(&out_labels, n)),
            param_name: nth(&out_names, n),
        });
        Self {
            title: one("title"),
            start_message: one("start_message"),
            model_run_url: one("model_run_url"),
            is_chat: one("kind") != "multi-input",
            max_files: one("max_files"),
            max_text_length: one("max_text_length"),
            output_type: OutputType::of_name(&one("answer_type")).unwrap_or(OutputType::Markdown),
            inputs: inputs.filter(|row| !row.is_blank()).collect(),
            outputs: outputs.filter(|row| !row.is_blank()).collect(),
        }
    }

    /// Checked as a document is.
    pub(super) fn registration(&self) -> Result<Registration, RegistrationError> {
        run_url(&self.model_run_url)?;
        let mut document = json!({
            "title": self.title, "startMessage": self.start_message, "modelRunUrl": self.model_run_url,
        });
        if self.is_chat {
            document["uiType"] = json!("chat");
            document["maxFiles"] = number(&self.max_files);
            document["maxTextLength"] = number(&self.max_text_length);
            document["outputType"] = json!(self.output_type.as_str());
        } else {
            document["uiType"] = json!("multiInput");
            document["inputs"] = self.inputs.iter().map(InputRow::to_json).collect();
            document["outputs"] = self.outputs.iter().map(OutputRow::to_json).collect();
        }
        Registration::read(document.to_string().as_bytes(), "")
    }
}

/// A number, or the text as it is for the reader to refuse.
fn number(text: &str) -> Value {
    text.parse::<u64>()
        .map_or_else(|_| json!(text), |number| json!(number))
}
