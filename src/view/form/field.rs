//! One field with its label, help and error, tied together for screen readers (promise U6).

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::super::fault::bytes_text;
use super::super::ui::{App, Ui};
use super::file::file_field;
use crate::config::{Choice, InputKind, InputRow};
use crate::i18n::{Locale, Messages};
use crate::state::form::{Form, Value};
use crate::state::form_check::FieldProblem;

/// The field's element.
pub(super) fn id(row: usize) -> String {
    ["field-", &row.to_string()].concat()
}

/// What the parts of a field share.
pub(super) struct Field<'a> {
    pub(super) ui: &'a Ui,
    pub(super) app: &'a App,
    pub(super) row: usize,
    pub(super) input: &'a InputRow,
    pub(super) is_disabled: bool,
    /// IDs of help and error.
    pub(super) described_by: String,
    pub(super) is_wrong: bool,
    pub(super) test_id: String,
}

pub(super) fn field(ui: &Ui, app: &App, form: &Form, row: usize) -> Html {
    let (Some(input), Some(value)) = (form.definition.inputs.get(row), form.values.get(row)) else {
        return Html::default();
    };
    let messages = ui.messages();
    let problem = form.problem(row).filter(|problem| is_shown(form, problem));
    let number = row.to_string();
    let (help_id, error_id) = (["help-", &number].concat(), ["error-", &number].concat());
    let field = Field {
        ui,
        app,
        row,
        input,
        is_disabled: form.is_running(),
        described_by: [&*help_id, " ", &error_id].concat(),
        is_wrong: problem.is_some(),
        test_id: ["field-", &input.param_name].concat(),
    };
    let control = match value {
        Value::Files(files) => file_field(&field, form, files),
        Value::Text(text) => field.control(text),
    };
    let help = input.help.get(ui.locale);
    html! {
        <div class="field" data-wrong={problem.is_some().then_some("")}>
            <label for={id(row)}>
                { input.label.get(ui.locale) }
                if input.required { <span class="required">{ messages.form_required }</span> }
            </label>
            <div id={help_id} class="muted">
                if !help.is_empty() { <p>{ help }</p> }
                { limits(&input.kind, messages) }
            </div>
            { control }
            <p id={error_id} class="field-error" data-testid={["error-", &input.param_name].concat()}>
                { problem.map(|problem| problem_text(&problem, messages)) }
            </p>
        </div>
    }
}

/// What is merely missing is told only after a try to send; what is wrong at once.
fn is_shown(form: &Form, problem: &FieldProblem) -> bool {
    form.is_checked || !matches!(problem, FieldProblem::Required | FieldProblem::NotANumber)
}

impl Field<'_> {
    fn control(&self, text: &str) -> Html {
        match &self.input.kind {
            InputKind::Choice(choices) => self.select(choices, text),
            InputKind::Text { is_long: true, .. } => self.textarea(text),
            kind => self.line(text, matches!(kind, InputKind::Number { .. })),
        }
    }

    fn line(&self, text: &str, is_number: bool) -> Html {
        html! {
            <input id={id(self.row)} data-testid={self.test_id.clone()} type="text" autocomplete="off"
                inputmode={is_number.then_some("decimal")} value={text.to_owned()} disabled={self.is_disabled}
                aria-required={flag(self.input.required)} aria-invalid={flag(self.is_wrong)}
                aria-describedby={self.described_by.clone()} oninput={self.entered()} />
        }
    }

    fn textarea(&self, text: &str) -> Html {
        html! {
            <textarea id={id(self.row)} data-testid={self.test_id.clone()} rows="6" value={text.to_owned()}
                disabled={self.is_disabled} aria-required={flag(self.input.required)} aria-invalid={flag(self.is_wrong)}
                aria-describedby={self.described_by.clone()} oninput={self.entered()} />
        }
    }

    fn select(&self, choices: &[Choice], text: &str) -> Html {
        let locale: Locale = self.ui.locale;
        let option = |choice: &Choice| {
            html! {
                <option value={choice.value.clone()} selected={&*choice.value == text}>{ choice.label.get(locale) }</option>
            }
        };
        html! {
            <select id={id(self.row)} data-testid={self.test_id.clone()} disabled={self.is_disabled}
                aria-required={flag(self.input.required)} aria-invalid={flag(self.is_wrong)}
                aria-describedby={self.described_by.clone()} oninput={self.entered()}>
                <option value="" selected={text.is_empty()}>{ self.ui.messages().form_choose }</option>
                { for choices.iter().map(option) }
            </select>
        }
    }

    fn entered(&self) -> Callback<InputEvent> {
        let (commands, row) = (self.app.commands.clone(), self.row);
        Callback::from(move |event: InputEvent| {
            // Every kind of field has a `value`.
            let input: HtmlInputElement = event.target_unchecked_into();
            commands.enter_field(row, input.value());
        })
    }
}

pub(super) fn flag(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}

/// Allowed types and sizes, told before choosing.
fn limits(kind: &InputKind, messages: &Messages) -> Html {
    let InputKind::File {
        accept,
        max_bytes,
        max_files,
    } = kind
    else {
        return Html::default();
    };
    let types = if accept.is_empty() {
        messages.form_any_type.to_owned()
    } else {
        accept.join(", ")
    };
    html! { <p>{ (messages.form_file_limits)(&types, &bytes_text(*max_bytes), *max_files) }</p> }
}

fn problem_text(problem: &FieldProblem, messages: &Messages) -> String {
    match problem {
        FieldProblem::Required => messages.problem_required.to_owned(),
        FieldProblem::TooLong(over) => (messages.too_long)(*over),
        FieldProblem::NotANumber => messages.problem_number.to_owned(),
        FieldProblem::TooSmall(min) => (messages.problem_min)(&number_text(*min)),
        FieldProblem::TooLarge(max) => (messages.problem_max)(&number_text(*max)),
        FieldProblem::TooManyFiles(most) => (messages.problem_files)(*most),
        FieldProblem::WrongType(name) => (messages.problem_type)(name),
        FieldProblem::TooBig(name, limit) => (messages.problem_size)(name, &bytes_text(*limit)),
        FieldProblem::Empty(name) => (messages.problem_empty)(name),
        FieldProblem::Lost(name) => (messages.problem_lost)(name),
    }
}

/// By the browser: printing a fraction takes some kilobytes of code.
fn number_text(number: f64) -> String {
    let text = js_sys::Number::from(number).to_string_with_radix(10);
    text.map(String::from).unwrap_or_default()
}
