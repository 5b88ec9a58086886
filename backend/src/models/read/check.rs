//! A whole definition.

use std::collections::BTreeSet;

use aicon_documents::Format;
use toml::Spanned;

use super::KnowsLlm;
use super::inputs::{self, DEFAULT_MAX_LENGTH, at_least_one, file_rule};
use super::mistakes::{Mistake, Mistakes, Place, place};
use super::outputs::{self, Prompts};
use super::raw::{Raw, RawKind, RawOutputType};
use crate::models::definition::{Definition, FileContent, InputRow, Kind, OutputRow, Source};
use crate::models::template::Prompt;

/// Files that a message may have where the definition does not say.
const DEFAULT_CHAT_FILES: usize = 4;

pub(super) fn check(
    raw: Raw,
    knows: KnowsLlm<'_>,
    others: &[Definition],
) -> Result<Definition, Vec<Mistake>> {
    let mut mistakes = Mistakes::default();
    let is_chat = *raw.kind.get_ref() == RawKind::Chat;
    check_name(&raw, knows, others, &mut mistakes);
    check_clients(&raw, is_chat, others, &mut mistakes);
    if let Some(llm) = &raw.llm
        && let Err(known) = knows(llm.get_ref())
    {
        let expected = format!(
            "no provider has the model `{}`; expected one of {}",
            llm.get_ref(),
            known.join(", ")
        );
        mistakes.add::<()>(llm, "llm", expected);
    }
    let kind = if is_chat {
        chat(&raw, &mut mistakes)
    } else {
        multi_input(&raw, &mut mistakes)
    };
    let system = raw.system.as_ref();
    // The rows of a form's system prompt have been checked with its rows.
    let system = system.and_then(|text| prompt(text, "system", &names_of(&raw), &mut mistakes));
    let definition = kind.map(|kind| Definition {
        name: raw.name.get_ref().trim().to_owned(),
        clients: raw.clients.into_iter().map(Spanned::into_inner).collect(),
        llm: raw.llm.map(Spanned::into_inner),
        system,
        title: raw.title,
        start_message: raw.start_message,
        kind,
    });
    mistakes.finish(definition)
}

/// A template over these names.
pub(super) fn prompt(
    text: &Spanned<String>,
    key: &str,
    names: &BTreeSet<&str>,
    mistakes: &mut Mistakes,
) -> Option<Prompt> {
    match Prompt::new(text.get_ref(), names) {
        Ok(prompt) => Some(prompt),
        Err(error) => mistakes.add(text, key, error),
    }
}

fn check_name(raw: &Raw, knows: KnowsLlm<'_>, others: &[Definition], mistakes: &mut Mistakes) {
    let name = raw.name.get_ref().trim();
    if name.is_empty() {
        mistakes.add::<()>(&raw.name, "name", "expected a name that is not empty");
    } else if others.iter().any(|other| other.name == name) {
        let expected = format!("another file defines the model `{name}` already");
        mistakes.add::<()>(&raw.name, "name", expected);
    } else if knows(name).is_ok() {
        let expected = format!("`{name}` is an LLM's name: expected another one");
        mistakes.add::<()>(&raw.name, "name", expected);
    }
}

fn check_clients(raw: &Raw, is_chat: bool, others: &[Definition], mistakes: &mut Mistakes) {
    for client in &raw.clients {
        let id = client.get_ref();
        let taken = others
            .iter()
            .find(|other| other.is_chat() == is_chat && other.clients.contains(id));
        if id.trim().is_empty() {
            mistakes.add::<()>(client, "clients", "expected AICON's client IDs");
        } else if let Some(other) = taken {
            let expected = format!(
                "client `{id}` has the model `{}` of the same kind already",
                other.name
            );
            mistakes.add::<()>(client, "clients", expected);
        }
    }
}

fn chat(raw: &Raw, mistakes: &mut Mistakes) -> Option<Kind> {
    let first = |rows: Option<&dyn Place>, key: &str, mistakes: &mut Mistakes| {
        if let Some(row) = rows {
            only_for("multi-input", row, key, mistakes);
        }
    };
    first(place(&raw.prompt), "prompt", mistakes);
    first(
        raw.inputs.first().map(|row| row as &dyn Place),
        "inputs",
        mistakes,
    );
    first(
        raw.outputs.first().map(|row| row as &dyn Place),
        "outputs",
        mistakes,
    );
    let max_files = match &raw.max_files {
        // Unlike a field, a conversation does without files.
        Some(none) if *none.get_ref() == 0 => 0,
        other => file_rule(&None, &None, other, DEFAULT_CHAT_FILES, mistakes)?.max_files,
    };
    let files = file_rule(&raw.accept, &raw.max_bytes, &None, 1, mistakes)?;
    Some(Kind::Chat {
        files: crate::models::definition::FileRule { max_files, ..files },
        max_text_length: at_least_one(
            &raw.max_text_length,
            "max_text_length",
            DEFAULT_MAX_LENGTH,
            mistakes,
        )?,
        is_markdown: raw
            .output_type
            .as_ref()
            .is_none_or(|kind| *kind.get_ref() == RawOutputType::Markdown),
    })
}

fn multi_input(raw: &Raw, mistakes: &mut Mistakes) -> Option<Kind> {
    for (value, key) in [
        (place(&raw.max_files), "max_files"),
        (place(&raw.max_bytes), "max_bytes"),
        (place(&raw.accept), "accept"),
        (place(&raw.max_text_length), "max_text_length"),
        (place(&raw.output_type), "output_type"),
    ] {
        if let Some(value) = value {
            only_for("chat", value, key, mistakes);
        }
    }
    for (is_empty, key) in [
        (raw.inputs.is_empty(), "inputs"),
        (raw.outputs.is_empty(), "outputs"),
    ] {
        if is_empty {
            let expected = format!("expected at least one [[{key}]]");
            mistakes.add::<()>(&raw.kind, key, expected);
        }
    }
    let names = names_of(raw);
    let main = raw.prompt.as_ref();
    let main = main.and_then(|text| prompt(text, "prompt", &names, mistakes));
    let inputs = inputs::read(&raw.inputs, mistakes);
    let prompts = Prompts {
        has_main: raw.prompt.is_some(),
        names: &names,
        inputs: &inputs,
    };
    let outputs = outputs::read(&raw.outputs, &prompts, mistakes);
    check_uses(raw, &names, main.as_ref(), &inputs, &outputs, mistakes);
    Some(Kind::MultiInput {
        inputs,
        outputs,
        prompt: main,
    })
}

/// An input that no question names would be asked of people for nothing, and so would a question of the LLM's that no
/// output takes its answer from.
fn check_uses(
    raw: &Raw,
    names: &BTreeSet<&str>,
    main: Option<&Prompt>,
    inputs: &[InputRow],
    outputs: &[OutputRow],
    mistakes: &mut Mistakes,
) {
    let takes_main = |row: &OutputRow| matches!(row.source, Source::Answer | Source::Field(_));
    if let Some(text) = &raw.prompt
        && outputs.len() == raw.outputs.len()
        && !outputs.iter().any(takes_main)
    {
        let expected =
            "every output has a prompt of its own: expected one that has none, or no prompt here";
        mistakes.add::<()>(text, "prompt", expected);
    }
    check_members(raw, outputs, mistakes);
    let system = raw.system.as_ref();
    let system = system.and_then(|text| Prompt::new(text.get_ref(), names).ok());
    let own = outputs.iter().filter_map(|row| match &row.source {
        Source::Prompt(prompt) | Source::Each { prompt, .. } => Some(prompt),
        Source::Answer | Source::Field(_) => None,
    });
    let prompts: Vec<&Prompt> = main.into_iter().chain(system.as_ref()).chain(own).collect();
    let each = |name: &str| {
        let is_its =
            |row: &OutputRow| matches!(&row.source, Source::Each { input, .. } if input == name);
        outputs.iter().any(is_its)
    };
    for row in inputs {
        let name = row.param_name.as_str();
        if each(name) || prompts.iter().any(|prompt| prompt.names(name)) {
            continue;
        }
        let place = raw.inputs.iter().map(Spanned::get_ref);
        if let Some(raw) = place
            .map(|row| &row.param_name)
            .find(|raw| raw.get_ref() == name)
        {
            let expected = format!("no prompt names the input: expected `{{{{ {name} }}}}` in one");
            mistakes.add::<()>(raw, "param_name", expected);
        }
    }
}

/// Where some outputs are members of the answer, all of the answer is JSON: nothing to be read, and of files only a JSON file.
fn check_members(raw: &Raw, outputs: &[OutputRow], mistakes: &mut Mistakes) {
    let has_members = outputs
        .iter()
        .any(|row| matches!(row.source, Source::Field(_)));
    let is_json = |row: &OutputRow| {
        let content = row.file.as_ref().map(|file| &file.content);
        matches!(content, Some(FileContent::Written(Format::Json)))
    };
    let wrong = |row: &&OutputRow| matches!(row.source, Source::Answer) && !is_json(row);
    for row in outputs.iter().filter(wrong).filter(|_| has_members) {
        let mut names = raw.outputs.iter().map(|raw| &raw.get_ref().param_name);
        if let Some(name) = names.find(|name| *name.get_ref() == row.param_name) {
            let expected = "other outputs are members of the answer: expected one here too, a prompt, or a JSON file";
            mistakes.add::<()>(name, "field", expected);
        }
    }
}

/// The names that templates may use.
fn names_of(raw: &Raw) -> BTreeSet<&str> {
    let rows = raw.inputs.iter();
    rows.map(|row| row.get_ref().param_name.get_ref().as_str())
        .collect()
}

/// A key that the other kind knows only.
fn only_for(kind: &str, value: &dyn Place, key: &str, mistakes: &mut Mistakes) {
    let expected = format!("only a model of kind `{kind}` has it");
    mistakes.add::<()>(value, key, expected);
}
