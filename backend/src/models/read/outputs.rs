//! Output rows.

use std::collections::BTreeSet;

use aicon_documents::Format;
use aicon_protocol::aicon::OutputKind;
use toml::Spanned;

use super::check::prompt;
use super::inputs::{label, param_name};
use super::mistakes::{Mistakes, place};
use super::raw::{RawOutput, RawOutputKind};
use crate::models::definition::{FileContent, InputKind, InputRow, OutputRow, ResultFile, Source};

/// What the file of an input is called in templates that are asked for each of them.
pub(crate) const FILE: &str = "file";

/// What outputs may refer to.
pub(super) struct Prompts<'a> {
    /// Whether the definition has a prompt of its own.
    pub(super) has_main: bool,
    /// The inputs' names.
    pub(super) names: &'a BTreeSet<&'a str>,
    /// The inputs that are right.
    pub(super) inputs: &'a [InputRow],
}

pub(super) fn read(
    raw: &[Spanned<RawOutput>],
    prompts: &Prompts<'_>,
    mistakes: &mut Mistakes,
) -> Vec<OutputRow> {
    let mut rows: Vec<OutputRow> = Vec::new();
    for output in raw {
        let Some(row) = row(output, prompts, mistakes) else {
            continue;
        };
        if rows.iter().any(|known| known.param_name == row.param_name) {
            let name = &output.get_ref().param_name;
            mistakes.add::<()>(name, "param_name", "another output has this name");
        } else {
            rows.push(row);
        }
    }
    rows
}

fn row(
    output: &Spanned<RawOutput>,
    prompts: &Prompts<'_>,
    mistakes: &mut Mistakes,
) -> Option<OutputRow> {
    let raw = output.get_ref();
    let param_name = param_name(&raw.param_name, mistakes);
    let source = source(output, prompts, mistakes);
    let (kind, file) = match raw.r#type.get_ref() {
        RawOutputKind::Text => (OutputKind::Text, no_file(raw, mistakes)),
        RawOutputKind::Image => (OutputKind::Image, no_file(raw, mistakes)),
        RawOutputKind::File => (OutputKind::File, file(output, prompts, mistakes).map(Some)),
    };
    let param_name = param_name?;
    Some(OutputRow {
        label: label(&raw.label, &param_name),
        param_name,
        kind,
        source: source?,
        file: file?,
    })
}

fn source(
    output: &Spanned<RawOutput>,
    prompts: &Prompts<'_>,
    mistakes: &mut Mistakes,
) -> Option<Source> {
    let raw = output.get_ref();
    match (&raw.prompt, &raw.field, &raw.each) {
        (_, Some(field), Some(_)) => {
            mistakes.add(field, "field", "an output has either `field` or `each`")
        }
        (Some(_), Some(field), None) => {
            mistakes.add(field, "field", "an output has either `field` or `prompt`")
        }
        (Some(text), None, Some(input)) => each(text, input, prompts, mistakes),
        (None, None, Some(input)) => {
            let expected = "expected the prompt that is asked for each `file`";
            mistakes.add(input, "prompt", expected)
        }
        (Some(text), None, None) => {
            prompt(text, "prompt", prompts.names, mistakes).map(Source::Prompt)
        }
        (None, _, None) if !prompts.has_main => {
            let expected = "expected one here or one for the whole definition";
            mistakes.add(output, "prompt", expected)
        }
        (None, Some(field), None) if field.get_ref().trim().is_empty() => {
            mistakes.add(field, "field", "expected the name of a member")
        }
        (None, Some(field), None) => Some(Source::Field(field.get_ref().clone())),
        (None, None, None) => Some(Source::Answer),
    }
}

fn each(
    text: &Spanned<String>,
    input: &Spanned<String>,
    prompts: &Prompts<'_>,
    mistakes: &mut Mistakes,
) -> Option<Source> {
    let name = input.get_ref();
    let is_file = |row: &&InputRow| matches!(row.kind, InputKind::File(_));
    let mut files = prompts.inputs.iter().filter(is_file);
    if !files.any(|row| row.param_name == *name) {
        let expected = format!("expected an input of type `file`, found `{name}`");
        return mistakes.add(input, "each", expected);
    }
    let prompt = prompt(text, "prompt", &with_file(prompts.names), mistakes)?;
    if !prompt.names(FILE) {
        let expected = format!("is asked for each file: expected `{{{{ {FILE} }}}}` in it");
        return mistakes.add(text, "prompt", expected);
    }
    Some(Source::Each {
        input: name.clone(),
        prompt,
    })
}

/// What only files have is a mistake elsewhere.
fn no_file(raw: &RawOutput, mistakes: &mut Mistakes) -> Option<Option<ResultFile>> {
    let keys = [
        ("file_name", place(&raw.file_name)),
        ("entry_name", place(&raw.entry_name)),
        ("each", place(&raw.each)),
    ];
    for (key, value) in keys {
        if let Some(value) = value {
            return mistakes.add(value, key, "only an output of type `file` has it");
        }
    }
    Some(None)
}

fn file(
    output: &Spanned<RawOutput>,
    prompts: &Prompts<'_>,
    mistakes: &mut Mistakes,
) -> Option<ResultFile> {
    let raw = output.get_ref();
    let Some(name) = &raw.file_name else {
        let expected = "an output of type `file` needs one, such as \"summary.md\"";
        return mistakes.add(output, "file_name", expected);
    };
    let content = match (&raw.each, &raw.entry_name) {
        (None, None) => FileContent::Written(format(name, "file_name", mistakes)?),
        (None, Some(entry)) => {
            return mistakes.add(entry, "entry_name", "only an output with `each` has it");
        }
        (Some(each), None) => {
            let expected =
                "expected the name of each file in the ZIP, such as \"{{ file.stem }}.md\"";
            return mistakes.add(each, "entry_name", expected);
        }
        (Some(_), Some(entry)) => {
            if extension(name.get_ref()) != Some("zip") {
                let expected = "an output with `each` is a ZIP: expected a name that ends in zip";
                return mistakes.add(name, "file_name", expected);
            }
            FileContent::Archive {
                format: format(entry, "entry_name", mistakes)?,
                entry: prompt(entry, "entry_name", &with_file(prompts.names), mistakes)?,
            }
        }
    };
    Some(ResultFile {
        name: prompt(name, "file_name", prompts.names, mistakes)?,
        content,
    })
}

fn format(name: &Spanned<String>, key: &str, mistakes: &mut Mistakes) -> Option<Format> {
    let found = extension(name.get_ref()).and_then(Format::of_extension);
    if found.is_some() {
        return found;
    }
    let writable = Format::ALL
        .map(|format| format.kind().extension())
        .join(", ");
    let expected = format!("expected a name that ends in one of {writable}");
    mistakes.add(name, key, expected)
}

fn extension(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(_, extension)| extension)
}

fn with_file<'a>(names: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    names.iter().copied().chain([FILE]).collect()
}
