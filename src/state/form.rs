//! A multi-input model's form as a reducer: values, what is wrong with them, the run under way, the runs before. Pure.

use std::rc::Rc;

use aicon_markdown::Document;
use aicon_protocol::aicon::OutputKind;
use aicon_protocol::json::ReadJson;

use super::store::Reduce;
use crate::api::Fault;
use crate::config::{FormDefinition, InputKind, InputRow};
use crate::json::Json;

/// Runs that are kept; older ones go.
pub const KEPT_RUNS: usize = 50;

/// The form and its results.
#[derive(Clone)]
pub struct Form {
    /// What is asked and what comes.
    pub definition: Rc<FormDefinition>,
    /// One for each input row, in its order.
    pub values: Vec<Value>,
    /// Whether what is wrong is shown at every field: after the first try to send.
    pub is_checked: bool,
    /// The run under way.
    pub progress: Progress,
    /// Why the last run failed.
    pub fault: Option<Fault>,
    /// Newest first.
    pub runs: Vec<Rc<Run>>,
    /// Which of them is shown.
    pub shown: usize,
}

/// What stands in a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// As typed or chosen; a number too.
    Text(Rc<str>),
    /// In the order of choosing.
    Files(Vec<ChosenFile>),
}

/// A chosen file.
#[derive(Clone, Debug, PartialEq)]
pub struct ChosenFile {
    /// Unique; the blob's key in the browser's store.
    pub key: Rc<str>,
    /// Untrusted.
    pub name: Rc<str>,
    /// Bytes.
    pub size: u64,
    /// The browser no longer has it.
    pub is_lost: bool,
}

/// See [`Form::progress`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing runs.
    Idle,
    /// So many bytes are on the server.
    Sending {
        /// Bytes of the form, its own included.
        sent: u64,
        /// Bytes in all.
        total: u64,
    },
    /// Everything is there; the model works.
    Working,
}

/// A run that came to its end.
#[derive(Clone, PartialEq)]
pub struct Run {
    /// Milliseconds since the epoch, by the user's clock.
    pub at: u64,
    /// What went in.
    pub values: Vec<Value>,
    /// What came out.
    pub outputs: Vec<Output>,
}

/// One result.
#[derive(Clone, PartialEq)]
pub struct Output {
    /// Which output row; empty for a ZIP of all.
    pub param_name: Rc<str>,
    /// What it is.
    pub kind: OutputKind,
    /// Text, or the URL of a file or a picture.
    pub value: Rc<str>,
    /// The text, to be shown.
    pub document: Option<Document>,
    /// A file that this browser keeps: its blob's key. Its URL holds until the page goes.
    pub kept: Option<Rc<str>>,
}

impl Output {
    /// A result as the server told it.
    pub fn new(param_name: &str, kind: OutputKind, value: &str) -> Self {
        Self {
            param_name: param_name.into(),
            kind,
            value: value.into(),
            document: (kind == OutputKind::Text).then(|| Document::from_text(value)),
            kept: None,
        }
    }
}

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

/// What can happen.
pub enum FormAction {
    /// The user typed or chose.
    Entered(usize, Rc<str>),
    /// The user chose files.
    Chosen(usize, Vec<ChosenFile>),
    /// The user took a file out.
    Removed(usize, Rc<str>),
    /// A chosen file is gone from the browser's store.
    Lost(Rc<str>),
    /// The user tried to send.
    Checked,
    /// A run began.
    Started,
    /// Bytes went.
    Progressed(Progress),
    /// The run came to its end.
    Finished(Run),
    /// The run failed, or was cancelled (`None`).
    Failed(Option<Fault>),
    /// Values came back after a reload.
    Restored(Vec<Value>),
    /// Earlier runs came back.
    RunsRestored(Vec<Run>),
    /// The user looks at a run.
    Shown(usize),
    /// The user begins with empty fields.
    Cleared,
    /// The user forgets all runs.
    RunsForgotten,
    /// Another user is here: nothing stays.
    Reset,
}

impl Reduce for Form {
    type Action = FormAction;

    fn reduce(&mut self, action: FormAction) {
        match action {
            FormAction::Entered(row, text) => self.set(row, Value::Text(text)),
            FormAction::Chosen(row, files) => {
                if let Some(Value::Files(known)) = self.values.get_mut(row) {
                    // A field for one file takes the new one instead.
                    if self.definition.inputs[row].max_files() == 1 {
                        known.clear();
                    }
                    known.extend(files);
                }
            }
            FormAction::Removed(row, key) => {
                if let Some(Value::Files(files)) = self.values.get_mut(row) {
                    files.retain(|file| file.key != key);
                }
            }
            FormAction::Lost(key) => {
                for value in &mut self.values {
                    if let Value::Files(files) = value {
                        files
                            .iter_mut()
                            .filter(|file| file.key == key)
                            .for_each(|file| file.is_lost = true);
                    }
                }
            }
            FormAction::Checked => self.is_checked = true,
            FormAction::Started => {
                self.progress = Progress::Sending { sent: 0, total: 1 };
                self.fault = None;
            }
            FormAction::Progressed(progress) => {
                if self.progress != Progress::Idle {
                    self.progress = progress;
                }
            }
            FormAction::Finished(run) => {
                self.progress = Progress::Idle;
                self.runs.insert(0, Rc::new(run));
                self.runs.truncate(KEPT_RUNS);
                self.shown = 0;
                self.is_checked = false;
            }
            FormAction::Failed(fault) => {
                self.progress = Progress::Idle;
                self.fault = fault;
            }
            FormAction::Restored(values) => values
                .into_iter()
                .enumerate()
                .for_each(|(row, value)| self.set(row, value)),
            FormAction::RunsRestored(runs) => {
                self.runs.extend(runs.into_iter().map(Rc::new));
                self.runs.truncate(KEPT_RUNS);
            }
            FormAction::Shown(run) => self.shown = run,
            FormAction::Cleared => {
                self.values = empty_values(&self.definition);
                self.is_checked = false;
                self.fault = None;
            }
            FormAction::RunsForgotten => self.runs.clear(),
            FormAction::Reset => *self = Self::new(self.definition.clone()),
        }
    }
}

impl Form {
    /// An empty form.
    pub fn new(definition: Rc<FormDefinition>) -> Self {
        Self {
            values: empty_values(&definition),
            definition,
            is_checked: false,
            progress: Progress::Idle,
            fault: None,
            runs: Vec::new(),
            shown: 0,
        }
    }

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

    /// Whether a run is under way.
    pub fn is_running(&self) -> bool {
        self.progress != Progress::Idle
    }

    /// The run to show.
    pub fn shown_run(&self) -> Option<&Rc<Run>> {
        self.runs.get(self.shown)
    }

    /// A value takes the place of one of its kind only: the definition may have changed since it was kept.
    fn set(&mut self, row: usize, value: Value) {
        if let Some(old) = self.values.get_mut(row)
            && std::mem::discriminant(old) == std::mem::discriminant(&value)
        {
            *old = value;
        }
    }
}

impl InputRow {
    /// Files that the field takes.
    pub fn max_files(&self) -> usize {
        match self.kind {
            InputKind::File { max_files, .. } => max_files,
            _ => 0,
        }
    }
}

fn empty_values(definition: &FormDefinition) -> Vec<Value> {
    let empty = |input: &InputRow| match input.kind {
        InputKind::File { .. } => Value::Files(Vec::new()),
        _ => Value::Text("".into()),
    };
    definition.inputs.iter().map(empty).collect()
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
        let extension = file.name.rsplit_once('.').map(|(_, extension)| extension);
        let is_accepted = accept.is_empty()
            || accept.iter().any(|accepted| {
                extension.is_some_and(|extension| extension.eq_ignore_ascii_case(accepted))
            });
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

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
