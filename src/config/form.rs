//! The rows of a multi-input model, as AICON's registration page asks for them (`aicon.md` 1) and some more kinds.

use std::rc::Rc;

use aicon_protocol::aicon::OutputKind;
use aicon_protocol::json::ReadJson;

use super::check::Reader;
use super::raw::RawConfig;
use super::{Expected, Localized};

const DEFAULT_MAX_LENGTH: u64 = 4_000;
const DEFAULT_MAX_FILE_BYTES: u64 = 10 * 1024 * 1024;
const INPUT_TYPES: &[&str] = &["text", "file", "longText", "choice", "number"];
const OUTPUT_TYPES: &[&str] = &["text", "file", "image"];

/// What a multi-input model takes and gives.
#[derive(Clone, Debug, PartialEq)]
pub struct FormDefinition {
    /// In the order of the page.
    pub inputs: Vec<InputRow>,
    /// In the order of the page.
    pub outputs: Vec<OutputRow>,
}

/// One field.
#[derive(Clone, Debug, PartialEq)]
pub struct InputRow {
    /// The field's name on the wire, unique.
    pub param_name: Rc<str>,
    /// What people read.
    pub label: Localized,
    /// A sentence that helps, or empty.
    pub help: Localized,
    /// Whether it may be left empty.
    pub required: bool,
    /// What it takes.
    pub kind: InputKind,
}

/// See [`InputRow::kind`].
#[derive(Clone, Debug, PartialEq)]
pub enum InputKind {
    /// One line, or several.
    Text {
        /// Characters.
        max_length: usize,
        /// Several lines.
        is_long: bool,
    },
    /// One of a list.
    Choice(Vec<Choice>),
    /// A number; digits with a decimal point.
    Number {
        /// Not below.
        min: Option<f64>,
        /// Not above.
        max: Option<f64>,
    },
    /// Files.
    File {
        /// Extensions in lower case without a dot; empty: any.
        accept: Vec<Rc<str>>,
        /// Bytes that one file may have.
        max_bytes: u64,
        /// Files at most.
        max_files: usize,
    },
}

/// One entry of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What is sent.
    pub value: Rc<str>,
    /// What people read.
    pub label: Localized,
}

/// One result.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputRow {
    /// The result's name on the wire, unique.
    pub param_name: Rc<str>,
    /// What people read.
    pub label: Localized,
    /// What comes.
    pub kind: OutputKind,
}

impl Reader {
    pub(super) fn inputs(&mut self) -> Vec<InputRow> {
        self.rows("inputs", Expected::Rows, Self::input)
    }

    pub(super) fn outputs(&mut self) -> Vec<OutputRow> {
        self.rows("outputs", Expected::Rows, Self::output)
    }

    /// Each row is read with its own key before its problems; `read` is told the rows before it.
    fn rows<T>(
        &mut self,
        key: &'static str,
        expected: Expected,
        read: fn(&mut Self, &[T]) -> T,
    ) -> Vec<T> {
        let items = self
            .raw
            .get(key)
            .and_then(|value| value.items())
            .unwrap_or_default();
        if items.is_empty() {
            self.wrong(key, expected);
        }
        let mut rows = Vec::new();
        for (number, item) in items.into_iter().enumerate() {
            let at = [&self.at, key, "[", &number.to_string(), "]."].concat();
            let mut reader = Self::new(RawConfig::row(item), at);
            let row = read(&mut reader, &rows);
            rows.push(row);
            self.problems.append(&mut reader.problems);
        }
        rows
    }

    fn input(&mut self, before: &[InputRow]) -> InputRow {
        let (param_name, label) = self.name_and_label();
        if before.iter().any(|row| row.param_name == param_name) {
            self.wrong("paramName", Expected::UniqueName);
        }
        InputRow {
            kind: self.input_kind(),
            param_name,
            label,
            help: self.localized("help").unwrap_or_default(),
            required: self.bool("required"),
        }
    }

    fn input_kind(&mut self) -> InputKind {
        match self.required_word("type", INPUT_TYPES) {
            1 => InputKind::File {
                accept: self.extensions(),
                max_bytes: self.count("maxBytes", 1, 1 << 32, DEFAULT_MAX_FILE_BYTES),
                max_files: self.count("maxFiles", 1, 100, 1) as usize,
            },
            3 => InputKind::Choice(self.rows("choices", Expected::Texts, Self::choice)),
            4 => InputKind::Number {
                min: self.number("min"),
                max: self.number("max"),
            },
            other => InputKind::Text {
                max_length: self.count("maxLength", 1, 10_000_000, DEFAULT_MAX_LENGTH) as usize,
                is_long: other == 2,
            },
        }
    }

    fn output(&mut self, before: &[OutputRow]) -> OutputRow {
        let (param_name, label) = self.name_and_label();
        if before.iter().any(|row| row.param_name == param_name) {
            self.wrong("paramName", Expected::UniqueName);
        }
        let kind = match self.required_word("type", OUTPUT_TYPES) {
            1 => OutputKind::File,
            2 => OutputKind::Image,
            _ => OutputKind::Text,
        };
        OutputRow {
            param_name,
            label,
            kind,
        }
    }

    fn name_and_label(&mut self) -> (Rc<str>, Localized) {
        let param_name: Rc<str> = self.text("paramName").into();
        let label = self.localized("label");
        let label = label.unwrap_or_else(|| Localized::same(&param_name));
        (param_name, label)
    }

    fn required_word(&mut self, key: &'static str, words: &'static [&'static str]) -> usize {
        if self.raw.get(key).is_none() {
            self.wrong(key, Expected::OneOf(words));
        }
        self.one_of(key, words).unwrap_or_default()
    }

    /// A text, or an object with a text and its label.
    fn choice(&mut self, _: &[Choice]) -> Choice {
        let value: Rc<str> = match self.raw.as_text() {
            Some(text) => text.into(),
            None => self.text("value").into(),
        };
        let label = self.localized("label");
        Choice {
            label: label.unwrap_or_else(|| Localized::same(&value)),
            value,
        }
    }

    /// `accept`: extensions of files.
    pub(super) fn extensions(&mut self) -> Vec<Rc<str>> {
        let Some(value) = self.raw.get("accept") else {
            return Vec::new();
        };
        let extensions: Option<Vec<Rc<str>>> = value.items().and_then(|items| {
            let texts = items.iter().map(ReadJson::text);
            texts
                .map(|text| text.map(|text| extension(&text)))
                .collect()
        });
        if extensions.is_none() {
            self.wrong("accept", Expected::Texts);
        }
        extensions.unwrap_or_default()
    }

    fn number(&mut self, key: &'static str) -> Option<f64> {
        let value = self.raw.get(key)?;
        let number = value.number();
        if number.is_none() {
            self.wrong(key, Expected::Number);
        }
        number
    }
}

fn extension(text: &str) -> Rc<str> {
    text.trim()
        .trim_start_matches('.')
        .to_ascii_lowercase()
        .into()
}

#[cfg(test)]
mod tests {
    use super::super::{ConfigError, UiType, parse};
    use super::*;

    fn with(rows: &str) -> String {
        format!(
            r#"{{"apiEndPoint":"https://a.example","aiConLogin":"","uiType":"multiInput",{rows}}}"#
        )
    }

    #[test]
    fn the_rows_of_aicons_registration_page_are_read_in_either_spelling() {
        let config = parse(&with(
            r#""inputs":[
                {"type":"Text","required":true,"label":"원문","parameter name":"x","parameterName":"InputText"},
                {"type":"file","label":{"ko":"문서","en":"Document"},"paramName":"Files","accept":[".PDF","csv"],"maxFiles":3},
                {"type":"choice","paramName":"To","choices":["ko",{"value":"en","label":"English"}]},
                {"type":"number","paramName":"N","min":0,"max":1.5}],
              "outputs":[{"type":"TEXT","label":"번역","paramName":"TranslateResult"},{"type":"image","paramName":"P"}]"#,
        ))
        .unwrap();
        let UiType::MultiInput(form) = config.ui else {
            panic!("a form")
        };
        assert_eq!(&*form.inputs[0].param_name, "InputText");
        assert!(form.inputs[0].required && !form.inputs[1].required);
        assert_eq!(
            form.inputs[1].kind,
            InputKind::File {
                accept: vec!["pdf".into(), "csv".into()],
                max_bytes: DEFAULT_MAX_FILE_BYTES,
                max_files: 3
            }
        );
        let InputKind::Choice(choices) = &form.inputs[2].kind else {
            panic!("a choice")
        };
        assert_eq!((&*choices[0].value, &*choices[1].value), ("ko", "en"));
        assert_eq!(choices[1].label, Localized::same("English"));
        assert_eq!(
            form.inputs[3].kind,
            InputKind::Number {
                min: Some(0.0),
                max: Some(1.5)
            }
        );
        assert_eq!(form.outputs[1].kind, OutputKind::Image);
    }

    #[test]
    fn a_wrong_row_is_told_with_its_number() {
        let Err(ConfigError::Problems(problems)) = parse(&with(
            r#""inputs":[{"type":"text","paramName":"a"},{"type":"list","paramName":"a"},{"label":"no name"},
                {"type":"choice","paramName":"c","choices":["x",{"label":7}]}],"outputs":[]"#,
        )) else {
            panic!("the file is wrong")
        };
        let keys: Vec<_> = problems.iter().map(|problem| &*problem.key).collect();
        assert_eq!(
            keys,
            [
                "inputs[1].paramName",
                "inputs[1].type",
                "inputs[2].paramName",
                "inputs[2].type",
                "inputs[3].choices[1].value",
                "inputs[3].choices[1].label",
                "outputs"
            ]
        );
    }
}
