//! What is wrong with a form's values, before they are sent. Pure.

use std::rc::Rc;

use aicon_protocol::json::ReadJson;

use super::form::{ChosenFile, Form, Value};
use crate::api::has_extension;
use crate::config::InputKind;
use crate::json::Json;

/// Why a field cannot be sent.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldProblem {
    /// It is empty and must not be.
    Required,
    /// Characters over the limit.
    TooLong(usize),
    /// No number.
    NotANumber,
    /// Below the least.
    TooSmall(f64),
    /// Above the most.
    TooLarge(f64),
    /// More files than allowed.
    TooManyFiles(usize),
    /// A file of a type that the field does not take; its name.
    WrongType(Rc<str>),
    /// A file over the limit in bytes; its name.
    TooBig(Rc<str>, u64),
    /// An empty file; its name.
    Empty(Rc<str>),
    /// The browser no longer has the file; its name.
    Lost(Rc<str>),
}

impl Form {
    /// What is wrong with a field; `None`: nothing.
    pub fn problem(&self, row: usize) -> Option<FieldProblem> {
        let (input, value) = (self.definition.inputs.get(row)?, self.values.get(row)?);
        match value {
            Value::Text(text) if text.trim().is_empty() => {
                input.required.then_some(FieldProblem::Required)
            }
            Value::Text(text) => text_problem(&input.kind, text),
            Value::Files(files) if files.is_empty() => {
                input.required.then_some(FieldProblem::Required)
            }
            Value::Files(files) => files_problem(&input.kind, files),
        }
    }

    /// The first field that something is wrong with.
    pub fn first_problem(&self) -> Option<usize> {
        (0..self.values.len()).find(|row| self.problem(*row).is_some())
    }
}

fn text_problem(kind: &InputKind, text: &str) -> Option<FieldProblem> {
    match kind {
        InputKind::Text { max_length, .. } => {
            let length = text.chars().count();
            (length > *max_length).then(|| FieldProblem::TooLong(length - max_length))
        }
        InputKind::Number { min, max } => {
            let Some(number) = number_of(text) else {
                return Some(FieldProblem::NotANumber);
            };
            let too_small = min.filter(|min| number < *min).map(FieldProblem::TooSmall);
            too_small.or(max.filter(|max| number > *max).map(FieldProblem::TooLarge))
        }
        // A list that has changed since the value was kept.
        InputKind::Choice(choices) => {
            let is_known = choices.iter().any(|choice| &*choice.value == text);
            (!is_known).then_some(FieldProblem::Required)
        }
        InputKind::File { .. } => None,
    }
}

fn files_problem(kind: &InputKind, files: &[ChosenFile]) -> Option<FieldProblem> {
    let InputKind::File {
        accept,
        max_bytes,
        max_files,
    } = kind
    else {
        return None;
    };
    if files.len() > *max_files {
        return Some(FieldProblem::TooManyFiles(*max_files));
    }
    files.iter().find_map(|file| {
        let name = || file.name.clone();
        let is_accepted = accept.is_empty() || has_extension(&file.name, accept);
        match file {
            _ if file.is_lost => Some(FieldProblem::Lost(name())),
            _ if !is_accepted => Some(FieldProblem::WrongType(name())),
            _ if file.size == 0 => Some(FieldProblem::Empty(name())),
            _ if file.size > *max_bytes => Some(FieldProblem::TooBig(name(), *max_bytes)),
            _ => None,
        }
    })
}

/// Digits, with a sign and a decimal point. By the parser of JSON: the browser has it.
fn number_of(text: &str) -> Option<f64> {
    let text = text.trim();
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"-.".contains(&byte));
    Json::parse(text).ok().filter(|_| is_plain)?.number()
}
