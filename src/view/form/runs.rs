//! Earlier runs of this browser: look at one, take its values again.

use yew::prelude::*;

use super::super::icon::{CLOSE, icon};
use super::super::ui::{App, Ui};
use crate::state::form::{Form, Named, Run, Value};

pub(super) fn runs(ui: &Ui, app: &App, form: &Form) -> Html {
    if form.runs.is_empty() {
        return Html::default();
    }
    let messages = ui.messages();
    let forget = {
        let commands = app.commands.clone();
        Callback::from(move |_: MouseEvent| commands.forget_runs())
    };
    html! {
        <details class="runs" data-testid="runs">
            <summary>{ messages.form_history }{ " (" }{ form.runs.len() }{ ")" }</summary>
            <ul>
                { for form.runs.iter().enumerate().map(|(at, run)| item(ui, app, form, at, run)) }
            </ul>
            <button class="quiet" type="button" onclick={forget}>{ messages.form_forget }</button>
        </details>
    }
}

fn item(ui: &Ui, app: &App, form: &Form, at: usize, run: &Run) -> Html {
    let messages = ui.messages();
    let commands = app.commands.clone();
    let look = Callback::from(move |_: MouseEvent| commands.show_run(at));
    let commands = app.commands.clone();
    let refill = Callback::from(move |_: MouseEvent| commands.refill(at));
    let commands = app.commands.clone();
    let forget = Callback::from(move |_: MouseEvent| commands.forget_run(at));
    let time = time_text(ui, run.at);
    let current = (form.shown == at).then_some("true");
    html! {
        <li key={run.at.to_string()}>
            <button class="quiet run" type="button" aria-current={current} onclick={look}>
                <time>{ &time }</time>
                <span class="run-summary">{ summary(run) }</span>
            </button>
            <button class="quiet" type="button" disabled={form.is_running()} onclick={refill}>{ messages.form_refill }</button>
            <button class="quiet icon-button" type="button" aria-label={(messages.remove)(&time)} disabled={form.is_running()} onclick={forget}>
                { icon(CLOSE) }
            </button>
        </li>
    }
}

fn time_text(ui: &Ui, at: u64) -> String {
    let date = js_sys::Date::new(&(at as f64).into());
    let options = js_sys::Object::new();
    date.to_locale_string(ui.locale.tag(), &options).into()
}

/// What went in, in a few words.
fn summary(run: &Run) -> String {
    const ENOUGH: usize = 60;
    let part = |(_, value): &Named| match value {
        Value::Text(text) => text.trim().to_owned(),
        Value::Files(files) => {
            let names: Vec<&str> = files.iter().map(|file| &*file.name).collect();
            names.join(", ")
        }
    };
    let parts: Vec<String> = run.values.iter().map(part).collect();
    let parts: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(" · ").chars().take(ENOUGH).collect()
}
