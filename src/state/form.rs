//! A multi-input model's form as a reducer: values, what is wrong with them, the run under way, the runs before. Pure.

use std::rc::Rc;

use aicon_markdown::Document;
use aicon_protocol::aicon::OutputKind;

use super::store::Reduce;
use crate::api::Fault;
use crate::config::{FormDefinition, InputKind, InputRow};

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
    /// The last run came to its end.
    pub is_fresh: bool,
    /// Newest first.
    pub runs: Vec<Rc<Run>>,
    /// Which of them is shown.
    pub shown: usize,
    /// What is known of the files among the results, by their URLs.
    pub facts: Vec<(Rc<str>, FileFacts)>,
}

/// What a server says of a file without sending it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFacts {
    /// Bytes.
    Size(u64),
    /// It had its time, and is no longer there.
    Gone,
}

/// A value under its parameter name: what is kept may outlive the order of the fields.
pub type Named = (Rc<str>, Value);

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
    pub values: Vec<Named>,
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
    Restored(Vec<Named>),
    /// Earlier runs came back.
    RunsRestored(Vec<Run>),
    /// The user looks at a run.
    Shown(usize),
    /// A server told of the file under this URL.
    Measured(Rc<str>, FileFacts),
    /// The user begins with empty fields.
    Cleared,
    /// The user forgets a run.
    RunForgotten(usize),
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
                self.is_fresh = false;
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
                self.is_fresh = true;
            }
            FormAction::Failed(fault) => {
                self.progress = Progress::Idle;
                self.fault = fault;
            }
            FormAction::Restored(values) => {
                for (name, value) in values {
                    let mut rows = self.definition.inputs.iter();
                    if let Some(row) = rows.position(|row| row.param_name == name) {
                        self.set(row, value);
                    }
                }
            }
            FormAction::RunsRestored(runs) => {
                self.runs.extend(runs.into_iter().map(Rc::new));
                self.runs.truncate(KEPT_RUNS);
            }
            FormAction::Shown(run) => self.shown = run,
            FormAction::Measured(url, facts) => {
                self.facts.retain(|(known, _)| *known != url);
                self.facts.push((url, facts));
            }
            FormAction::Cleared => {
                self.values = empty_values(&self.definition);
                self.is_checked = false;
                self.fault = None;
            }
            FormAction::RunForgotten(run) => {
                if run < self.runs.len() {
                    self.runs.remove(run);
                    // Whoever looks at an older one goes on looking at it.
                    self.shown -= usize::from(self.shown > run);
                }
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
            is_fresh: false,
            runs: Vec::new(),
            shown: 0,
            facts: Vec::new(),
        }
    }

    /// The values under their parameter names.
    pub fn named_values(&self) -> Vec<Named> {
        let names = self.definition.inputs.iter();
        let names = names.map(|row| row.param_name.clone());
        names.zip(self.values.iter().cloned()).collect()
    }

    /// Whether a run is under way.
    pub fn is_running(&self) -> bool {
        self.progress != Progress::Idle
    }

    /// How much of a chosen file is on the server while the form is being sent, in percent.
    pub fn sent_percent(&self, key: &str) -> Option<u8> {
        let Progress::Sending { sent, total } = self.progress else {
            return None;
        };
        let files: Vec<&ChosenFile> = self.values.iter().flat_map(Value::files).collect();
        let at = files.iter().position(|file| &*file.key == key)?;
        let sizes: Vec<u64> = files.iter().map(|file| file.size).collect();
        sent_percents(&sizes, sent, total).get(at).copied()
    }

    /// What is known of the file under this URL.
    pub fn facts_of(&self, url: &str) -> Option<FileFacts> {
        let known = self.facts.iter().find(|(known, _)| &**known == url);
        known.map(|(_, facts)| *facts)
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

impl Value {
    /// The chosen files; none where the value is a text.
    pub fn files(&self) -> &[ChosenFile] {
        match self {
            Self::Files(files) => files,
            Self::Text(_) => &[],
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

/// Where in the files, one after the other in a multipart body, a transfer stands. What is not of the files (boundaries, heads,
/// texts) is a few hundred bytes for each and taken as spread evenly.
fn sent_percents(sizes: &[u64], sent: u64, total: u64) -> Vec<u8> {
    let overhead = total.saturating_sub(sizes.iter().sum()) / (sizes.len() as u64 + 1);
    let mut start = 0;
    let percent = |size: &u64| {
        start += overhead;
        let of_file = sent.saturating_sub(start).min(*size);
        start += size;
        (of_file * 100).checked_div(*size).unwrap_or(100) as u8
    };
    sizes.iter().map(percent).collect()
}

fn empty_values(definition: &FormDefinition) -> Vec<Value> {
    let empty = |input: &InputRow| match input.kind {
        InputKind::File { .. } => Value::Files(Vec::new()),
        _ => Value::Text("".into()),
    };
    definition.inputs.iter().map(empty).collect()
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
