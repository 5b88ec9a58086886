//! A multi-input model's page: the fields, the run, the results, the runs before.

mod field;
mod file;
mod outputs;
mod runs;

use aicon_markdown::Document;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::dialog::{dialog, show};
use super::fault::fault_text;
use super::notice;
use super::ui::{App, Ui};
use crate::browser::document;
use crate::state::form::{Form, Progress};
use crate::state::store::Subscription;

#[derive(Properties, PartialEq)]
pub struct FormPageProps {
    /// The reader.
    pub ui: Ui,
    /// The app.
    pub app: App,
}

/// The page. A model without a form shows nothing here.
pub struct FormPage {
    /// The field to focus once its error is on the page.
    wrong: Option<usize>,
    /// The picture that is shown large.
    zoomed: Option<AttrValue>,
    zoom: NodeRef,
    /// Runs seen: one more is announced.
    runs: usize,
    announced: &'static str,
    _subscription: Option<Subscription<Form>>,
}

/// What can happen.
pub enum Msg {
    /// The form or its runs changed.
    Changed,
    /// The user sends the form.
    Run,
    /// A picture is to be shown large, or no longer.
    Zoom(Option<AttrValue>),
}

impl Component for FormPage {
    type Message = Msg;
    type Properties = FormPageProps;

    fn create(ctx: &Context<Self>) -> Self {
        let changed = ctx.link().callback(|()| Msg::Changed);
        let store = ctx.props().app.commands.form();
        Self {
            wrong: None,
            zoomed: None,
            zoom: NodeRef::default(),
            runs: store.map_or(0, |store| store.get().runs.len()),
            announced: "",
            _subscription: store.map(|store| store.subscribe(move || changed.emit(()))),
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        let FormPageProps { ui, app } = ctx.props();
        match msg {
            Msg::Changed => {
                let Some(store) = app.commands.form() else {
                    return false;
                };
                let form = store.get();
                if form.is_running() {
                    self.announced = ui.messages().form_working;
                } else if self.announced == ui.messages().form_working {
                    self.announced = if form.fault.is_none() && form.runs.len() != self.runs {
                        ui.messages().form_done
                    } else {
                        ""
                    };
                }
                if !form.is_running() {
                    self.runs = form.runs.len();
                }
            }
            Msg::Run => self.wrong = app.commands.run_form(),
            Msg::Zoom(zoomed) => self.zoomed = zoomed,
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let FormPageProps { ui, app } = ctx.props();
        let Some(store) = app.commands.form() else {
            return Html::default();
        };
        let (form, link) = (store.get(), ctx.link());
        let onsubmit = link.callback(|event: SubmitEvent| {
            event.prevent_default();
            Msg::Run
        });
        let zoom = link.callback(|url: AttrValue| Msg::Zoom(Some(url)));
        let start = Document::from_text(&app.config.start_message.get(ui.locale));
        html! {
            <div class="form-page">
                <div class="column form-column">
                    <h1>{ app.config.title.get(ui.locale) }</h1>
                    { ui.markdown(start) }
                    <form class="form" novalidate={true} {onsubmit}>
                        { for (0..form.values.len()).map(|row| field::field(ui, app, &form, row)) }
                        { failure(ui, &form) }
                        { actions(ui, app, &form) }
                    </form>
                    { outputs::outputs(ui, app, &form, &zoom) }
                    { runs::runs(ui, app, &form) }
                </div>
                <div class="visually-hidden" role="status" aria-live="polite">{ self.announced }</div>
                { self.zoomed.as_ref().map(|url| self.zoomed_image(ctx, url)) }
            </div>
        }
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        show(&self.zoom);
        if let Some(row) = self.wrong.take() {
            let id = field::id(row);
            let field = document().get_element_by_id(&id);
            if let Some(field) = field.map(wasm_bindgen::JsCast::unchecked_into::<HtmlElement>) {
                drop(field.focus());
            }
        }
    }
}

impl FormPage {
    fn zoomed_image(&self, ctx: &Context<Self>, url: &AttrValue) -> Html {
        let messages = ctx.props().ui.messages();
        let close = super::dialog::closing(&self.zoom);
        let children = html! {
            <>
                <img class="zoomed" src={url.clone()} alt="" referrerpolicy="no-referrer" />
                <div class="actions"><button type="button" onclick={close}>{ messages.close }</button></div>
            </>
        };
        let closed = ctx.link().callback(|_: Event| Msg::Zoom(None));
        dialog(&self.zoom, messages.form_results, closed, children)
    }
}

/// Why the last run failed, and that nothing is lost.
fn failure(ui: &Ui, form: &Form) -> Html {
    let Some(fault) = &form.fault else {
        return Html::default();
    };
    let messages = ui.messages();
    let told = fault_text(fault, messages);
    notice::error(html! {
        <>
            <span>{ told.text }</span>
            if let Some(detail) = told.detail {
                <span class="muted">{ messages.server_says }{ " " }<bdi>{ detail }</bdi></span>
            }
            <span class="muted">{ messages.form_values_kept }</span>
        </>
    })
}

fn actions(ui: &Ui, app: &App, form: &Form) -> Html {
    let messages = ui.messages();
    let commands = app.commands.clone();
    if form.is_running() {
        let cancel = Callback::from(move |_: MouseEvent| commands.cancel_run());
        let (text, percent) = match form.progress {
            Progress::Sending { sent, total } => {
                let percent = sent.saturating_mul(100).checked_div(total).unwrap_or(0) as u8;
                ((messages.form_sending)(percent), Some(percent.to_string()))
            }
            _ => (messages.form_working.to_owned(), None),
        };
        return html! {
            <div class="form-actions">
                <div class="form-progress"><span>{ text }</span><progress max="100" value={percent} aria-hidden="true"></progress></div>
                <button data-testid="stop" type="button" onclick={cancel}>{ messages.form_cancel }</button>
            </div>
        };
    }
    let clear = Callback::from(move |_: MouseEvent| commands.clear_form());
    html! {
        <div class="form-actions">
            <button data-testid="submit" class="primary" type="submit">{ messages.form_run }</button>
            <button data-testid="form-clear" class="quiet" type="button" onclick={clear}>{ messages.form_clear }</button>
        </div>
    }
}
