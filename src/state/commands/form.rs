//! Filling in a form, running it, keeping what it takes and gives.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::super::form::{ChosenFile, Form, FormAction, Run, Value};
use super::super::form_saved::{runs_of, runs_text, values_of, values_text};
use super::super::store::Store;
use super::Commands;
use super::attach::{keep_blob, kept_blob, preview_of};
use super::run::measured;
use crate::api::Upload;
use crate::browser::{idb, storage};
use crate::config::{Config, UiType};

const VALUES: &str = "aicon.form";
/// Between a key and the keeping of what it changed: a form may be long.
const SAVE_AFTER_MS: u32 = 300;

/// The form's part of the commands.
pub(super) struct Desk {
    pub(super) store: Store<Form>,
    /// The run under way.
    pub(super) transfer: RefCell<Option<Upload>>,
    /// The idempotency key of a run of which nothing came back, and what it sent: the same once more is the same use.
    pub(super) unanswered: RefCell<Option<(String, Vec<Value>)>>,
    saving: RefCell<Option<Timeout>>,
}

impl Desk {
    pub(super) fn of(config: &Config) -> Option<Self> {
        let UiType::MultiInput(definition) = &config.ui else {
            return None;
        };
        Some(Self {
            store: Store::new(Form::new(definition.clone())),
            transfer: RefCell::default(),
            unanswered: RefCell::default(),
            saving: RefCell::default(),
        })
    }
}

impl Commands {
    /// The form, where the model has one.
    pub fn form(&self) -> Option<&Store<Form>> {
        self.0.desk.as_ref().map(|desk| &desk.store)
    }

    /// The user typed or chose.
    pub fn enter_field(&self, row: usize, text: String) {
        self.change_form(FormAction::Entered(row, text.into()));
        self.keep_form_soon();
    }

    /// The user chose files: they are kept in this browser until they are taken out.
    pub fn choose_files(&self, row: usize, files: Vec<File>) {
        let Some(user) = self.form_user().filter(|_| !files.is_empty()) else {
            return;
        };
        let commands = self.clone();
        spawn_local(async move {
            let mut chosen = Vec::new();
            for file in files {
                let (key, is_kept) = keep_blob(&file_prefix(&user), &file).await;
                chosen.push(ChosenFile {
                    key,
                    name: file.name().into(),
                    size: file.size() as u64,
                    is_lost: !is_kept,
                });
            }
            commands.change_form(FormAction::Chosen(row, chosen));
            commands.keep_form();
        });
    }

    /// The user took a file out.
    pub fn remove_file(&self, row: usize, key: &Rc<str>) {
        self.change_form(FormAction::Removed(row, key.clone()));
        self.keep_form();
        self.forget_files(vec![key.clone()]);
    }

    /// Shows an earlier run.
    pub fn show_run(&self, run: usize) {
        self.change_form(FormAction::Shown(run));
        self.measure_files();
    }

    /// Puts an earlier run's values into the fields.
    pub fn refill(&self, run: usize) {
        let values = self
            .form()
            .and_then(|store| store.get().runs.get(run).map(|run| run.values.clone()));
        if let Some(values) = values {
            self.change_form(FormAction::Restored(values));
            self.keep_form();
            self.look_for_files();
        }
    }

    /// Empties the fields.
    pub fn clear_form(&self) {
        let values = self.form().map(|store| store.get().values.clone());
        self.change_form(FormAction::Cleared);
        self.keep_form();
        self.forget_files(keys_of(&values.unwrap_or_default()));
    }

    /// Forgets one run.
    pub fn forget_run(&self, run: usize) {
        let forgotten = self
            .form()
            .and_then(|store| store.get().runs.get(run).cloned());
        self.change_form(FormAction::RunForgotten(run));
        self.keep_runs();
        self.measure_files();
        self.forget_files(forgotten.map(|run| keys_of_run(&run)).unwrap_or_default());
    }

    /// Forgets all earlier runs.
    pub fn forget_runs(&self) {
        let runs = self.form().map(|store| store.get().runs.clone());
        self.change_form(FormAction::RunsForgotten);
        self.keep_runs();
        let keys = runs.iter().flatten().flat_map(|run| keys_of_run(run));
        self.forget_files(keys.collect());
    }

    pub(super) fn enter_form(&self, user: &str) {
        let Some(desk) = &self.0.desk else { return };
        let kept = storage::session().get(VALUES);
        if let Some(values) = kept.and_then(|text| values_of(&text, user)) {
            desk.store.dispatch(FormAction::Restored(values));
            self.look_for_files();
        }
        let (commands, user): (_, Rc<str>) = (self.clone(), user.into());
        spawn_local(async move {
            let text = idb::get(&runs_key(&user)).await;
            let mut runs = runs_of(&text.and_then(|text| text.as_string()).unwrap_or_default());
            for output in runs.iter_mut().flat_map(|run| &mut run.outputs) {
                let Some(key) = &output.kept else { continue };
                let blob = kept_blob(key).await;
                let url = blob.as_ref().and_then(preview_of).unwrap_or_default();
                if let Some(blob) = &blob {
                    commands.change_form(measured(&url, blob));
                }
                output.value = url;
            }
            if commands.form_user().is_some_and(|now| now == user) {
                commands.change_form(FormAction::RunsRestored(runs));
                commands.measure_files();
            }
        });
    }

    pub(super) fn leave_form(&self) {
        if let Some(desk) = &self.0.desk {
            self.cancel_run();
            desk.saving.take();
            storage::session().remove(VALUES);
            desk.store.dispatch(FormAction::Reset);
        }
    }

    pub(super) fn keep_form(&self) {
        if let (Some(desk), Some(user)) = (&self.0.desk, self.form_user()) {
            desk.saving.take();
            // A storage that is full or refused costs the values at a reload, and nothing now.
            let values = desk.store.get().named_values();
            storage::session().set(VALUES, &values_text(&user, &values));
        }
    }

    pub(super) fn change_form(&self, action: FormAction) {
        if let Some(desk) = &self.0.desk {
            desk.store.dispatch(action);
        }
    }

    pub(super) fn form_user(&self) -> Option<Rc<str>> {
        self.0
            .owner
            .borrow()
            .as_ref()
            .map(|owner| owner.user.clone())
    }

    fn keep_form_soon(&self) {
        if let Some(desk) = &self.0.desk {
            let commands = self.clone();
            let saving = Timeout::new(SAVE_AFTER_MS, move || commands.keep_form());
            desk.saving.replace(Some(saving));
        }
    }

    pub(super) fn keep_runs(&self) {
        if let (Some(store), Some(user)) = (self.form(), self.form_user()) {
            let text = runs_text(&store.get().runs);
            spawn_local(async move {
                idb::put(&runs_key(&user), &JsValue::from_str(&text)).await;
            });
        }
    }

    /// Marks chosen files that the browser no longer has.
    fn look_for_files(&self) {
        let Some(store) = self.form() else { return };
        for key in keys_of(&store.get().values) {
            let commands = self.clone();
            spawn_local(async move {
                if kept_blob(&key).await.is_none() {
                    commands.change_form(FormAction::Lost(key));
                }
            });
        }
    }

    /// Deletes those of these kept files that no field and no run names any more.
    pub(super) fn forget_files(&self, mut keys: Vec<Rc<str>>) {
        let Some(store) = self.form() else { return };
        let form = store.get();
        let mut named = keys_of(&form.values);
        named.extend(form.runs.iter().flat_map(|run| keys_of_run(run)));
        keys.retain(|key| !named.contains(key));
        spawn_local(async move {
            for key in keys {
                idb::remove_all(&key).await;
            }
        });
    }
}

pub(super) fn file_prefix(user: &str) -> String {
    ["form-file:", user, ":"].concat()
}

fn runs_key(user: &str) -> String {
    ["runs:", user].concat()
}

fn keys_of(values: &[Value]) -> Vec<Rc<str>> {
    let files = values.iter().flat_map(Value::files);
    files.map(|file| file.key.clone()).collect()
}

pub(super) fn keys_of_run(run: &Run) -> Vec<Rc<str>> {
    let files = run.values.iter().flat_map(|(_, value)| value.files());
    let mut keys: Vec<Rc<str>> = files.map(|file| file.key.clone()).collect();
    keys.extend(run.outputs.iter().filter_map(|output| output.kept.clone()));
    keys
}
