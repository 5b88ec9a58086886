//! TOML to a checked definition.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use aicon_protocol::aicon::OutputKind;
use serde::Deserialize;
use toml::Spanned;

use super::definition::{
    Choice, Definition, InputKind, InputRow, Kind, Localized, OutputRow, Source,
};
use super::template::Prompt;

const DEFAULT_MAX_LENGTH: usize = 4_000;
const DEFAULT_MAX_BYTES: u64 = 10 * 1024 * 1024;

/// Extensions of files that can be read into a prompt.
pub const READABLE: [&str; 9] = [
    "txt", "md", "csv", "json", "pdf", "png", "jpg", "jpeg", "webp",
];

/// Extensions of files that can be written from an answer.
pub const WRITABLE: [&str; 4] = ["txt", "md", "csv", "json"];

/// Why there is no definition.
#[derive(Debug, thiserror::Error)]
pub enum DefinitionError {
    /// The folder or a file cannot be read.
    #[error("failed to read `{}`: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A mistake.
    #[error("{}, line {line}: {problem}", path.display())]
    Mistake {
        /// Which file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// Key, what was found and what is expected.
        problem: String,
    },
    /// Two definitions of one name.
    #[error("{}: key `name`: another file defines the model `{name}` already", path.display())]
    Twice {
        /// The second file.
        path: PathBuf,
        /// The name.
        name: String,
    },
}

/// Reads all `*.toml` of a folder, in the order of their names. A folder that is not there holds none.
///
/// # Errors
/// The first mistake.
pub fn read_dir(folder: &Path) -> Result<Vec<Definition>, DefinitionError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| DefinitionError::File { path, source }
    };
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            paths.push(path);
        }
    }
    paths.sort();
    let mut definitions: Vec<Definition> = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).map_err(failed(&path))?;
        let definition = read_text(&path, &text)?;
        if definitions
            .iter()
            .any(|known| known.name == definition.name)
        {
            let name = definition.name;
            return Err(DefinitionError::Twice { path, name });
        }
        definitions.push(definition);
    }
    Ok(definitions)
}

/// Reads one definition; `path` is for the errors.
///
/// # Errors
/// The first mistake.
pub fn read_text(path: &Path, text: &str) -> Result<Definition, DefinitionError> {
    let mistake = |at: usize, problem: String| DefinitionError::Mistake {
        path: path.to_owned(),
        line: text[..at.min(text.len())].matches('\n').count() + 1,
        problem,
    };
    let raw: Raw = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        mistake(at, error.message().to_owned())
    })?;
    check(raw).map_err(|Wrong { at, problem }| mistake(at, problem))
}

/// A mistake and the byte at which it stands.
struct Wrong {
    at: usize,
    problem: String,
}

fn wrong<T>(place: &Spanned<T>, key: &str, expected: impl std::fmt::Display) -> Wrong {
    Wrong {
        at: place.span().start,
        problem: format!("key `{key}`: {expected}"),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: Spanned<String>,
    kind: Spanned<RawKind>,
    llm: Option<String>,
    system: Option<Spanned<String>>,
    #[serde(default)]
    title: Localized,
    #[serde(default)]
    start_message: Localized,
    max_files: Option<Spanned<usize>>,
    max_text_length: Option<Spanned<usize>>,
    output_type: Option<Spanned<RawOutputType>>,
    prompt: Option<Spanned<String>>,
    #[serde(default)]
    inputs: Vec<Spanned<RawInput>>,
    #[serde(default)]
    outputs: Vec<Spanned<RawOutput>>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RawKind {
    Chat,
    MultiInput,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RawOutputType {
    Markdown,
    Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawInput {
    r#type: Spanned<RawInputType>,
    param_name: Spanned<String>,
    #[serde(default)]
    label: Localized,
    #[serde(default)]
    help: Localized,
    #[serde(default)]
    required: bool,
    max_length: Option<Spanned<usize>>,
    choices: Option<Spanned<Vec<Choice>>>,
    min: Option<Spanned<f64>>,
    max: Option<Spanned<f64>>,
    accept: Option<Spanned<Vec<String>>>,
    max_bytes: Option<Spanned<u64>>,
    max_files: Option<Spanned<usize>>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RawInputType {
    Text,
    LongText,
    Choice,
    Number,
    File,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOutput {
    r#type: RawOutputKind,
    param_name: Spanned<String>,
    #[serde(default)]
    label: Localized,
    field: Option<Spanned<String>>,
    prompt: Option<Spanned<String>>,
    file_name: Option<Spanned<String>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RawOutputKind {
    Text,
    File,
}

fn check(raw: Raw) -> Result<Definition, Wrong> {
    if raw.name.get_ref().trim().is_empty() {
        return Err(wrong(
            &raw.name,
            "name",
            "expected a name that is not empty",
        ));
    }
    let is_chat = *raw.kind.get_ref() == RawKind::Chat;
    let inputs = inputs(&raw.inputs)?;
    let names: BTreeSet<&str> = inputs.iter().map(|row| row.param_name.as_str()).collect();
    let prompt = |text: &Option<Spanned<String>>, key| {
        let read = |text| self::prompt(text, key, &names);
        text.as_ref().map(read).transpose()
    };
    let system = prompt(&raw.system, "system")?;
    let main = prompt(&raw.prompt, "prompt")?;
    let kind = if is_chat {
        only_for("multi-input", &raw.prompt, "prompt")?;
        only_for("multi-input", &raw.inputs.first(), "inputs")?;
        only_for("multi-input", &raw.outputs.first(), "outputs")?;
        Kind::Chat {
            max_files: raw.max_files.map_or(4, Spanned::into_inner),
            max_text_length: raw
                .max_text_length
                .map_or(DEFAULT_MAX_LENGTH, Spanned::into_inner),
            is_markdown: raw
                .output_type
                .is_none_or(|kind| *kind.get_ref() == RawOutputType::Markdown),
        }
    } else {
        only_for("chat", &raw.max_files, "max_files")?;
        only_for("chat", &raw.max_text_length, "max_text_length")?;
        only_for("chat", &raw.output_type, "output_type")?;
        for (rows, key) in [
            (inputs.is_empty(), "inputs"),
            (raw.outputs.is_empty(), "outputs"),
        ] {
            if rows {
                let expected = format!("expected at least one [[{key}]]");
                return Err(wrong(&raw.kind, key, expected));
            }
        }
        let outputs = outputs(&raw.outputs, main.is_some(), &names)?;
        Kind::MultiInput {
            inputs,
            outputs,
            prompt: main,
        }
    };
    Ok(Definition {
        name: raw.name.into_inner().trim().to_owned(),
        llm: raw.llm,
        system,
        title: raw.title,
        start_message: raw.start_message,
        kind,
    })
}

/// A key that the other kind knows only.
fn only_for<T: Place>(kind: &str, value: &Option<T>, key: &str) -> Result<(), Wrong> {
    match value {
        None => Ok(()),
        Some(value) => Err(Wrong {
            at: value.start(),
            problem: format!("key `{key}`: only a model of kind `{kind}` has it"),
        }),
    }
}

/// Something that stands somewhere in the file.
trait Place {
    fn start(&self) -> usize;
}

impl<T> Place for Spanned<T> {
    fn start(&self) -> usize {
        self.span().start
    }
}

impl<T> Place for &Spanned<T> {
    fn start(&self) -> usize {
        self.span().start
    }
}

fn prompt(text: &Spanned<String>, key: &str, names: &BTreeSet<&str>) -> Result<Prompt, Wrong> {
    Prompt::new(text.get_ref(), names).map_err(|error| wrong(text, key, error))
}

fn inputs(raw: &[Spanned<RawInput>]) -> Result<Vec<InputRow>, Wrong> {
    let mut rows: Vec<InputRow> = Vec::new();
    for input in raw {
        let row = input_row(input.get_ref())?;
        if rows.iter().any(|known| known.param_name == row.param_name) {
            let name = &input.get_ref().param_name;
            return Err(wrong(name, "param_name", "another input has this name"));
        }
        rows.push(row);
    }
    Ok(rows)
}

fn input_row(raw: &RawInput) -> Result<InputRow, Wrong> {
    let kind = *raw.r#type.get_ref();
    for (is_there, at, key, kinds) in [
        (
            raw.max_length.is_some(),
            raw.max_length.as_ref().map(Place::start),
            "max_length",
            &[RawInputType::Text, RawInputType::LongText][..],
        ),
        (
            raw.choices.is_some(),
            raw.choices.as_ref().map(Place::start),
            "choices",
            &[RawInputType::Choice],
        ),
        (
            raw.min.is_some(),
            raw.min.as_ref().map(Place::start),
            "min",
            &[RawInputType::Number],
        ),
        (
            raw.max.is_some(),
            raw.max.as_ref().map(Place::start),
            "max",
            &[RawInputType::Number],
        ),
        (
            raw.accept.is_some(),
            raw.accept.as_ref().map(Place::start),
            "accept",
            &[RawInputType::File],
        ),
        (
            raw.max_bytes.is_some(),
            raw.max_bytes.as_ref().map(Place::start),
            "max_bytes",
            &[RawInputType::File],
        ),
        (
            raw.max_files.is_some(),
            raw.max_files.as_ref().map(Place::start),
            "max_files",
            &[RawInputType::File],
        ),
    ] {
        if is_there && !kinds.contains(&kind) {
            return Err(Wrong {
                at: at.unwrap_or_default(),
                problem: format!("key `{key}`: an input of this type has none"),
            });
        }
    }
    let param_name = param_name(&raw.param_name)?;
    let label = if raw.label.is_empty() {
        Localized::same(&param_name)
    } else {
        raw.label.clone()
    };
    Ok(InputRow {
        label,
        param_name,
        help: raw.help.clone(),
        required: raw.required,
        kind: input_kind(raw, kind)?,
    })
}

fn input_kind(raw: &RawInput, kind: RawInputType) -> Result<InputKind, Wrong> {
    Ok(match kind {
        RawInputType::Text | RawInputType::LongText => InputKind::Text {
            max_length: positive(&raw.max_length, "max_length", DEFAULT_MAX_LENGTH)?,
            is_long: kind == RawInputType::LongText,
        },
        RawInputType::Choice => match raw.choices.as_ref() {
            Some(choices) if !choices.get_ref().is_empty() => {
                InputKind::Choice(choices.get_ref().clone())
            }
            other => {
                let at = other.map_or(raw.r#type.span().start, Place::start);
                let problem = "key `choices`: expected a list with at least one entry".to_owned();
                return Err(Wrong { at, problem });
            }
        },
        RawInputType::Number => {
            let (min, max) = (
                raw.min.as_ref().map(|min| *min.get_ref()),
                raw.max.as_ref().map(|max| *max.get_ref()),
            );
            if let (Some(min), Some(max)) = (&raw.min, &raw.max)
                && min.get_ref() > max.get_ref()
            {
                return Err(wrong(
                    max,
                    "max",
                    "expected a number that is not below `min`",
                ));
            }
            InputKind::Number { min, max }
        }
        RawInputType::File => InputKind::File {
            accept: accept(&raw.accept)?,
            max_bytes: positive(&raw.max_bytes, "max_bytes", DEFAULT_MAX_BYTES)?,
            max_files: positive(&raw.max_files, "max_files", 1)?,
        },
    })
}

fn positive<T: Copy + Default + PartialEq>(
    value: &Option<Spanned<T>>,
    key: &str,
    default: T,
) -> Result<T, Wrong> {
    match value {
        Some(value) if *value.get_ref() == T::default() => {
            Err(wrong(value, key, "expected a number above 0"))
        }
        Some(value) => Ok(*value.get_ref()),
        None => Ok(default),
    }
}

fn accept(raw: &Option<Spanned<Vec<String>>>) -> Result<Vec<String>, Wrong> {
    let Some(raw) = raw else {
        return Ok(READABLE.map(str::to_owned).to_vec());
    };
    let extensions: Vec<String> = raw
        .get_ref()
        .iter()
        .map(|text| text.trim().trim_start_matches('.').to_ascii_lowercase())
        .collect();
    let unknown = extensions
        .iter()
        .find(|extension| !READABLE.contains(&extension.as_str()));
    match unknown {
        Some(unknown) => {
            let expected = format!(
                "`{unknown}` cannot be read; expected of {}",
                READABLE.join(", ")
            );
            Err(wrong(raw, "accept", expected))
        }
        None if extensions.is_empty() => Err(wrong(raw, "accept", "expected at least one")),
        None => Ok(extensions),
    }
}

fn outputs(
    raw: &[Spanned<RawOutput>],
    has_prompt: bool,
    names: &BTreeSet<&str>,
) -> Result<Vec<OutputRow>, Wrong> {
    let mut rows: Vec<OutputRow> = Vec::new();
    for output in raw {
        let row = output_row(output, has_prompt, names)?;
        if rows.iter().any(|known| known.param_name == row.param_name) {
            let name = &output.get_ref().param_name;
            return Err(wrong(name, "param_name", "another output has this name"));
        }
        rows.push(row);
    }
    Ok(rows)
}

fn output_row(
    output: &Spanned<RawOutput>,
    has_prompt: bool,
    names: &BTreeSet<&str>,
) -> Result<OutputRow, Wrong> {
    let raw = output.get_ref();
    let source = match (&raw.prompt, &raw.field) {
        (Some(_), Some(field)) => {
            let expected = "an output has either `field` or `prompt`";
            return Err(wrong(field, "field", expected));
        }
        (Some(text), None) => Source::Prompt(prompt(text, "prompt", names)?),
        (None, _) if !has_prompt => {
            let expected = "expected one here or one for the whole definition";
            return Err(wrong(output, "prompt", expected));
        }
        (None, Some(field)) => Source::Field(field.get_ref().clone()),
        (None, None) => Source::Answer,
    };
    let (kind, file_name) = match (raw.r#type, &raw.file_name) {
        (RawOutputKind::Text, None) => (OutputKind::Text, None),
        (RawOutputKind::Text, Some(name)) => {
            return Err(wrong(
                name,
                "file_name",
                "only an output of type `file` has it",
            ));
        }
        (RawOutputKind::File, Some(name)) => (OutputKind::File, Some(file_name(name, names)?)),
        (RawOutputKind::File, None) => {
            let expected = "an output of type `file` needs one, such as \"summary.md\"";
            return Err(wrong(output, "file_name", expected));
        }
    };
    let param_name = param_name(&raw.param_name)?;
    let label = if raw.label.is_empty() {
        Localized::same(&param_name)
    } else {
        raw.label.clone()
    };
    Ok(OutputRow {
        param_name,
        label,
        kind,
        source,
        file_name,
    })
}

fn file_name(name: &Spanned<String>, names: &BTreeSet<&str>) -> Result<Prompt, Wrong> {
    let extension = name
        .get_ref()
        .rsplit_once('.')
        .map(|(_, extension)| extension);
    if !extension.is_some_and(|extension| WRITABLE.contains(&extension)) {
        let expected = format!(
            "expected a name that ends in one of {}",
            WRITABLE.join(", ")
        );
        return Err(wrong(name, "file_name", expected));
    }
    prompt(name, "file_name", names)
}

/// What templates can name: a letter or `_`, then letters, digits and `_`.
fn param_name(name: &Spanned<String>) -> Result<String, Wrong> {
    let text = name.get_ref();
    let is_name = text.chars().enumerate().all(|(at, char)| {
        char == '_' || char.is_ascii_alphabetic() || at > 0 && char.is_ascii_digit()
    });
    if text.is_empty() || !is_name {
        let expected = format!("found `{text}`, expected letters, digits and `_`, no digit first");
        return Err(wrong(name, "param_name", expected));
    }
    Ok(text.clone())
}
