//! Input rows.

use aicon_documents::Kind;
use toml::Spanned;

use super::mistakes::{Mistakes, Place, place};
use super::raw::{RawInput, RawInputType};
use crate::models::definition::{FileRule, InputKind, InputRow, Localized};

/// Characters of a text where the definition does not say.
pub(super) const DEFAULT_MAX_LENGTH: usize = 4_000;

const DEFAULT_MAX_BYTES: u64 = 10 * 1024 * 1024;

/// Files of one row at most: each is an open file while a request runs.
const MOST_FILES: usize = 100;

/// Extensions of files that can be read into a prompt.
pub const READABLE: [&str; 9] = [
    "txt", "md", "csv", "json", "pdf", "png", "jpg", "jpeg", "webp",
];

/// The field by which a request names the definition.
pub(crate) const RESERVED: &str = "model";

pub(super) fn read(raw: &[Spanned<RawInput>], mistakes: &mut Mistakes) -> Vec<InputRow> {
    let mut rows: Vec<InputRow> = Vec::new();
    for input in raw.iter().map(Spanned::get_ref) {
        let Some(row) = row(input, mistakes) else {
            continue;
        };
        if rows.iter().any(|known| known.param_name == row.param_name) {
            mistakes.add::<()>(
                &input.param_name,
                "param_name",
                "another input has this name",
            );
        } else {
            rows.push(row);
        }
    }
    rows
}

/// What templates can name: a letter or `_`, then letters, digits and `_`.
pub(super) fn param_name(name: &Spanned<String>, mistakes: &mut Mistakes) -> Option<String> {
    let text = name.get_ref();
    let is_name = text.chars().enumerate().all(|(at, char)| {
        char == '_' || char.is_ascii_alphabetic() || at > 0 && char.is_ascii_digit()
    });
    if text.is_empty() || !is_name {
        let expected = format!("found `{text}`, expected letters, digits and `_`, no digit first");
        return mistakes.add(name, "param_name", expected);
    }
    Some(text.clone())
}

/// What people read: the label, or the name where there is none.
pub(super) fn label(label: &Localized, param_name: &str) -> Localized {
    if label.is_empty() {
        Localized::same(param_name)
    } else {
        label.clone()
    }
}

/// Which files are taken, with what is true where the definition does not say.
pub(super) fn file_rule(
    accept: &Option<Spanned<Vec<String>>>,
    max_bytes: &Option<Spanned<u64>>,
    max_files: &Option<Spanned<usize>>,
    default_files: usize,
    mistakes: &mut Mistakes,
) -> Option<FileRule> {
    let accept = extensions(accept, mistakes);
    let max_bytes = at_least_one(max_bytes, "max_bytes", DEFAULT_MAX_BYTES, mistakes);
    let files = at_least_one(max_files, "max_files", default_files, mistakes);
    if let (Some(raw), Some(files)) = (max_files, files)
        && files > MOST_FILES
    {
        return mistakes.add(raw, "max_files", format!("expected at most {MOST_FILES}"));
    }
    Some(FileRule {
        accept: accept?,
        max_bytes: max_bytes?,
        max_files: files?,
    })
}

/// A number that must not be 0.
pub(super) fn at_least_one<T: Copy + Default + PartialEq>(
    value: &Option<Spanned<T>>,
    key: &str,
    default: T,
    mistakes: &mut Mistakes,
) -> Option<T> {
    match value {
        Some(value) if *value.get_ref() == T::default() => {
            mistakes.add(value, key, "expected a number above 0")
        }
        Some(value) => Some(*value.get_ref()),
        None => Some(default),
    }
}

fn row(raw: &RawInput, mistakes: &mut Mistakes) -> Option<InputRow> {
    check_keys(raw, mistakes);
    let mut param_name = param_name(&raw.param_name, mistakes);
    if param_name.as_deref() == Some(RESERVED) {
        let expected = "`model` names the definition in requests: expected another name";
        param_name = mistakes.add(&raw.param_name, "param_name", expected);
    }
    let kind = kind(raw, mistakes);
    let param_name = param_name?;
    Some(InputRow {
        label: label(&raw.label, &param_name),
        help: raw.help.clone(),
        required: raw.required,
        kind: kind?,
        param_name,
    })
}

/// Keys that the row's type does not know.
fn check_keys(raw: &RawInput, mistakes: &mut Mistakes) {
    use RawInputType::{Choice, File, LongText, Number, Text};
    let keys: [(&str, Option<&dyn Place>, &[RawInputType]); 7] = [
        ("max_length", place(&raw.max_length), &[Text, LongText]),
        ("choices", place(&raw.choices), &[Choice]),
        ("min", place(&raw.min), &[Number]),
        ("max", place(&raw.max), &[Number]),
        ("accept", place(&raw.accept), &[File]),
        ("max_bytes", place(&raw.max_bytes), &[File]),
        ("max_files", place(&raw.max_files), &[File]),
    ];
    for (key, value, types) in keys {
        if let Some(value) = value
            && !types.contains(raw.r#type.get_ref())
        {
            mistakes.add::<()>(value, key, "an input of this type has none");
        }
    }
}

fn kind(raw: &RawInput, mistakes: &mut Mistakes) -> Option<InputKind> {
    match raw.r#type.get_ref() {
        kind @ (RawInputType::Text | RawInputType::LongText) => {
            let max_length = &raw.max_length;
            Some(InputKind::Text {
                max_length: at_least_one(max_length, "max_length", DEFAULT_MAX_LENGTH, mistakes)?,
                is_long: *kind == RawInputType::LongText,
            })
        }
        RawInputType::Choice => choices(raw, mistakes),
        RawInputType::Number => number(raw, mistakes),
        RawInputType::File => {
            file_rule(&raw.accept, &raw.max_bytes, &raw.max_files, 1, mistakes).map(InputKind::File)
        }
    }
}

fn choices(raw: &RawInput, mistakes: &mut Mistakes) -> Option<InputKind> {
    let place = place(&raw.choices).unwrap_or(&raw.r#type);
    let choices = raw.choices.as_ref().map(Spanned::get_ref);
    let Some(choices) = choices.filter(|choices| !choices.is_empty()) else {
        return mistakes.add(place, "choices", "expected a list with at least one entry");
    };
    for (at, choice) in choices.iter().enumerate() {
        if choice.value.is_empty() {
            return mistakes.add(place, "choices", "expected values that are not empty");
        }
        if choices[..at]
            .iter()
            .any(|other| other.value == choice.value)
        {
            let expected = format!("expected each value once, found `{}` twice", choice.value);
            return mistakes.add(place, "choices", expected);
        }
    }
    Some(InputKind::Choice(choices.clone()))
}

fn number(raw: &RawInput, mistakes: &mut Mistakes) -> Option<InputKind> {
    for (key, bound) in [("min", &raw.min), ("max", &raw.max)] {
        if let Some(bound) = bound
            && !bound.get_ref().is_finite()
        {
            return mistakes.add(bound, key, "expected a finite number");
        }
    }
    let value = |bound: &Option<Spanned<f64>>| bound.as_ref().map(|bound| *bound.get_ref());
    if let (Some(min), Some(max)) = (value(&raw.min), &raw.max)
        && min > *max.get_ref()
    {
        return mistakes.add(max, "max", "expected a number that is not below `min`");
    }
    Some(InputKind::Number {
        min: value(&raw.min),
        max: value(&raw.max),
    })
}

fn extensions(raw: &Option<Spanned<Vec<String>>>, mistakes: &mut Mistakes) -> Option<Vec<String>> {
    let Some(raw) = raw else {
        return Some(READABLE.map(str::to_owned).to_vec());
    };
    let extensions: Vec<String> = raw
        .get_ref()
        .iter()
        .map(|text| text.trim().trim_start_matches('.').to_ascii_lowercase())
        .collect();
    let is_unknown = |extension: &&String| Kind::of_extension(extension).is_none();
    match extensions.iter().find(is_unknown) {
        Some(unknown) => {
            let readable = READABLE.join(", ");
            let expected = format!("`{unknown}` cannot be read; expected of {readable}");
            mistakes.add(raw, "accept", expected)
        }
        None if extensions.is_empty() => mistakes.add(raw, "accept", "expected at least one"),
        None => Some(extensions),
    }
}
