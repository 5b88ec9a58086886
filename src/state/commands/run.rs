//! Running the form: what goes out, what comes back.

use std::rc::Rc;

use aicon_protocol::aicon::OutputKind;
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use super::super::form::{
    ChosenFile, FileFacts, Form, FormAction, KEPT_RUNS, Output, Progress, Run, Value,
};
use super::Commands;
use super::attach::{keep_blob, kept_blob, preview_of};
use super::form::{file_prefix, keys_of_run};
use crate::api::{ApiError, Fault, Field, FormAnswer, Upload, is_of_api, run_form, size_of};
use crate::browser::{now_ms, random::token};
use crate::config::FormDefinition;

impl Commands {
    /// Sends the form, unless something is wrong with it; says with which field then.
    pub fn run_form(&self) -> Option<usize> {
        let desk = self.0.desk.as_ref()?;
        if desk.store.get().is_running() {
            return None;
        }
        desk.store.dispatch(FormAction::Checked);
        let problem = desk.store.get().first_problem();
        if problem.is_none() {
            let handle = Upload::default();
            desk.transfer.replace(Some(handle.clone()));
            desk.store.dispatch(FormAction::Started);
            self.keep_form();
            let commands = self.clone();
            spawn_local(async move { commands.work(handle).await });
        }
        problem
    }

    /// Ends the run under way: the request ends, and with it the call to the model.
    pub fn cancel_run(&self) {
        if let Some(desk) = &self.0.desk
            && let Some(handle) = desk.transfer.take()
        {
            handle.abort();
            desk.store.dispatch(FormAction::Failed(None));
        }
    }

    /// Asks the server for the sizes of the files among the shown results, each once.
    pub(super) fn measure_files(&self) {
        let Some(store) = self.form() else { return };
        let form = store.get();
        for output in form.shown_run().iter().flat_map(|run| &run.outputs) {
            let is_file = output.kind != OutputKind::Text && output.kept.is_none();
            let is_new = is_file && form.facts_of(&output.value).is_none();
            if is_new && is_of_api(&self.0.config, &output.value) {
                let (commands, url) = (self.clone(), output.value.clone());
                spawn_local(async move {
                    if let Some(facts) = facts(size_of(&url).await) {
                        commands.change_form(FormAction::Measured(url, facts));
                    }
                });
            }
        }
    }

    async fn work(&self, handle: Upload) {
        let Some(desk) = &self.0.desk else { return };
        let form = desk.store.get();
        let on_progress = {
            let store = desk.store.clone();
            move |sent: f64, total: f64| {
                let progress = if sent < total {
                    Progress::Sending {
                        sent: sent as u64,
                        total: total as u64,
                    }
                } else {
                    Progress::Working
                };
                store.dispatch(FormAction::Progressed(progress));
            }
        };
        let key = match desk.unanswered.take() {
            Some((key, values)) if values == form.values => key,
            _ => token(),
        };
        let outcome = match fields(&form).await {
            Ok(fields) => {
                let Commands(inner) = self;
                let (config, auth) = (&inner.config, &inner.auth);
                run_form(config, auth, &fields, &key, &handle, on_progress).await
            }
            Err(lost) => {
                self.change_form(FormAction::Lost(lost));
                Err(ApiError::Aborted)
            }
        };
        if matches!(outcome, Err(ApiError::Fault(Fault::Network))) {
            let unanswered = (key, form.values.clone());
            desk.unanswered.replace(Some(unanswered));
        }
        // Cancelled: another run may be under way by now, and this one says nothing more.
        if handle.is_aborted() {
            return;
        }
        desk.transfer.take();
        let action = match outcome {
            Ok(answer) => FormAction::Finished(Run {
                at: now_ms() as u64,
                values: form.named_values(),
                outputs: self.outputs(&form.definition, answer).await,
            }),
            Err(ApiError::Fault(fault)) => FormAction::Failed(Some(fault)),
            // The login page says why; the values wait for the next session.
            Err(ApiError::Aborted | ApiError::SignedOut) => FormAction::Failed(None),
        };
        let is_finished = matches!(action, FormAction::Finished(_));
        // The oldest run gives way to the new one.
        let oldest = form.runs.get(KEPT_RUNS - 1).filter(|_| is_finished);
        desk.store.dispatch(action);
        if is_finished {
            self.keep_runs();
            self.measure_files();
            self.forget_files(oldest.map(|run| keys_of_run(run)).unwrap_or_default());
        }
    }

    /// The answer in the order of the page; what the definition does not name comes after it.
    async fn outputs(&self, definition: &FormDefinition, answer: FormAnswer) -> Vec<Output> {
        let rows = match answer {
            FormAnswer::Rows(rows) => rows,
            FormAnswer::Archive(blob) => return vec![self.kept_archive(blob).await],
        };
        let place = |name: &str| {
            let known = definition.outputs.iter();
            known
                .map(|row| &*row.param_name)
                .position(|known| known == name)
        };
        let mut rows = rows;
        rows.sort_by_key(|row| place(&row.param_name).unwrap_or(usize::MAX));
        let output = |row: &aicon_protocol::aicon::OutputRow| {
            Output::new(&row.param_name, row.kind, &row.value)
        };
        rows.iter().map(output).collect()
    }

    async fn kept_archive(&self, blob: Blob) -> Output {
        let user = self.form_user().unwrap_or_default();
        let (key, is_kept) = keep_blob(&file_prefix(&user), &blob).await;
        let url = preview_of(&blob).unwrap_or_default();
        self.change_form(measured(&url, &blob));
        let mut output = Output::new("", OutputKind::File, &url);
        output.kept = is_kept.then_some(key);
        output
    }
}

/// The size of a blob that this page has under a URL.
pub(super) fn measured(url: &Rc<str>, blob: &Blob) -> FormAction {
    FormAction::Measured(url.clone(), FileFacts::Size(blob.size() as u64))
}

fn facts(told: Result<Option<u64>, ApiError>) -> Option<FileFacts> {
    match told {
        Ok(size) => size.map(FileFacts::Size),
        Err(ApiError::Fault(Fault::Told {
            status: 404 | 410, ..
        })) => Some(FileFacts::Gone),
        Err(_) => None,
    }
}

/// What is sent; the key of a file that is gone otherwise.
async fn fields(form: &Form) -> Result<Vec<(Rc<str>, Field)>, Rc<str>> {
    let mut fields = Vec::new();
    for (input, value) in form.definition.inputs.iter().zip(&form.values) {
        match value {
            Value::Text(text) if text.trim().is_empty() => {}
            Value::Text(text) => fields.push((input.param_name.clone(), Field::Text(text.clone()))),
            Value::Files(files) => {
                for ChosenFile { key, name, .. } in files {
                    let blob = kept_blob(key).await.ok_or_else(|| key.clone())?;
                    fields.push((input.param_name.clone(), Field::File(blob, name.clone())));
                }
            }
        }
    }
    Ok(fields)
}
