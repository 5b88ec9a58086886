//! A multi-input model's page: the fields, the run, the results, the runs before.

mod field;
mod file;
mod outputs;
mod runs;

use std::rc::Rc;

use aicon_markdown::Document;
use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use outputs::{Results, Zipping};

use super::copy::COPIED_MS;
use super::dialog::{dialog, show};
use super::fault::fault_text;
use super::notice;
use super::ui::{App, Ui};
use crate::browser::document;
use crate::state::form::{Form, Progress};
use crate::state::store::Subscription;

const RUN_ID: &str = "form-run";
const STOP_ID: &str = "form-stop";

#[derive(Properties, PartialEq)]
pub struct FormPageProps {
    /// The reader.
    pub ui: Ui,
    /// The app.
    pub app: App,
}

/// The page. A model without a form shows nothing here.
pub struct FormPage {
    /// Where the focus goes once the page is rendered.
    focus: Option<Focus>,
    /// The picture that is shown large.
    zoomed: Option<AttrValue>,
    zoom: NodeRef,
    /// Which text was copied, and whether it worked, while that is shown.
    copied: Option<(Rc<str>, bool)>,
    forgetting: Option<Timeout>,
    zipping: Zipping,
    is_running: bool,
    /// Something is dragged over the page: the fields show that they take files.
    is_dragging: bool,
    announced: &'static str,
    _subscription: Option<Subscription<Form>>,
}

enum Focus {
    /// The first field with an error.
    Wrong(usize),
    /// What takes the place of the control that had the focus and is gone.
    InsteadOf(&'static str),
}

/// What can happen.
pub enum Msg {
    /// The form or its runs changed.
    Changed,
    /// The user sends the form.
    Run,
    /// Something is dragged over the page, or no longer.
    Drag(bool),
    /// A picture is to be shown large, or no longer.
    Zoom(Option<AttrValue>),
    /// A result's text is to be copied.
    Copy(Rc<str>, Rc<str>, Option<Document>),
    /// It was, or could not be.
    Copied(Rc<str>, bool),
    /// Nobody needs to know any longer.
    Forget,
    /// All results are to be downloaded.
    DownloadAll,
    /// They were; but for these.
    Downloaded(Vec<String>),
}

impl Component for FormPage {
    type Message = Msg;
    type Properties = FormPageProps;

    fn create(ctx: &Context<Self>) -> Self {
        let changed = ctx.link().callback(|()| Msg::Changed);
        let store = ctx.props().app.commands.form();
        Self {
            focus: None,
            zoomed: None,
            zoom: NodeRef::default(),
            copied: None,
            forgetting: None,
            zipping: Zipping::Idle,
            is_running: store.is_some_and(|store| store.get().is_running()),
            is_dragging: false,
            announced: "",
            _subscription: store.map(|store| store.subscribe(move || changed.emit(()))),
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        let app = &ctx.props().app;
        match msg {
            Msg::Changed => self.follow(ctx),
            Msg::Run => self.focus = app.commands.run_form().map(Focus::Wrong),
            Msg::Drag(is_dragging) => {
                return std::mem::replace(&mut self.is_dragging, is_dragging) != is_dragging;
            }
            Msg::Zoom(zoomed) => self.zoomed = zoomed,
            Msg::Copy(name, text, document) => {
                let told = ctx.link().callback(move |is| Msg::Copied(name.clone(), is));
                let html = document.map(|document| document.to_html());
                app.commands
                    .copy(&text, html, move |is_copied| told.emit(is_copied));
            }
            Msg::Copied(name, is_copied) => {
                self.copied = Some((name, is_copied));
                let forget = ctx.link().callback(|()| Msg::Forget);
                self.forgetting = Some(Timeout::new(COPIED_MS, move || forget.emit(())));
            }
            Msg::Forget => self.copied = None,
            Msg::DownloadAll => {
                let form = app.commands.form().map(|store| store.get());
                if let Some(run) = form.as_ref().and_then(|form| form.shown_run()) {
                    self.zipping = Zipping::Busy;
                    let told = ctx.link().callback(Msg::Downloaded);
                    app.commands
                        .download_all(run, move |missing| told.emit(missing));
                }
            }
            Msg::Downloaded(missing) if missing.is_empty() => self.zipping = Zipping::Idle,
            Msg::Downloaded(missing) => self.zipping = Zipping::Missing(missing),
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
        // What misses the fields would take the place of the page.
        let dragged = |is_dragging| {
            link.callback(move |event: DragEvent| {
                event.prevent_default();
                Msg::Drag(is_dragging)
            })
        };
        let ondragleave =
            link.callback(|event: DragEvent| Msg::Drag(event.target() != event.current_target()));
        let start = Document::from_text(&app.config.start_message.get(ui.locale));
        let results = Results {
            ui,
            app,
            form: &form,
            link,
            copied: &self.copied,
            zipping: &self.zipping,
        };
        html! {
            <div class="form-page" data-dragging={self.is_dragging.then_some("")}
                ondragover={dragged(true)} ondrop={dragged(false)} {ondragleave}>
                <div class="column form-column">
                    <h1>{ app.config.title.get(ui.locale) }</h1>
                    { ui.markdown(start, 1) }
                    <form class="form" novalidate={true} {onsubmit}>
                        { for (0..form.values.len()).map(|row| field::field(ui, app, &form, row)) }
                        { failure(ui, &form) }
                        <>{ actions(ui, app, &form) }</>
                    </form>
                    { results.view() }
                    { runs::runs(ui, app, &form) }
                </div>
                <div class="visually-hidden" role="status" aria-live="polite">{ self.announced }</div>
                { self.zoomed.as_ref().map(|url| self.zoomed_image(ctx, url)) }
            </div>
        }
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        show(&self.zoom);
        match self.focus.take() {
            Some(Focus::Wrong(row)) => focus(&field::id(row)),
            Some(Focus::InsteadOf(id)) if is_focus_lost() => {
                focus(id);
                if id == outputs::TITLE_ID
                    && let Some(title) = document().get_element_by_id(id)
                {
                    // The focus alone shows no more than the heading at the page's lower edge.
                    title.scroll_into_view();
                }
            }
            _ => {}
        }
    }
}

impl FormPage {
    /// What began or ended is announced, and the focus goes where the next step is.
    fn follow(&mut self, ctx: &Context<Self>) {
        let FormPageProps { ui, app } = ctx.props();
        let Some(form) = app.commands.form().map(|store| store.get()) else {
            return;
        };
        let was_running = std::mem::replace(&mut self.is_running, form.is_running());
        match (was_running, self.is_running) {
            (false, true) => {
                self.announced = ui.messages().form_working;
                self.zipping = Zipping::Idle;
                self.focus = Some(Focus::InsteadOf(STOP_ID));
            }
            (true, false) => {
                let is_finished = form.is_fresh;
                self.announced = if is_finished {
                    ui.messages().form_done
                } else {
                    ""
                };
                let next = if is_finished {
                    outputs::TITLE_ID
                } else {
                    RUN_ID
                };
                self.focus = Some(Focus::InsteadOf(next));
            }
            _ => {}
        }
    }

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

fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        drop(element.unchecked_into::<HtmlElement>().focus());
    }
}

/// A control that went away or was disabled leaves the focus on the page as a whole, where no key leads on.
fn is_focus_lost() -> bool {
    let active = document().active_element();
    active.is_none_or(|active| {
        active.tag_name() == "BODY" || active.matches(":disabled").unwrap_or_default()
    })
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

/// Keyed, so that the focus never stays on a button that has become another one.
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
            <div key="running" class="form-actions">
                <div class="form-progress"><span>{ text }</span><progress max="100" value={percent} aria-hidden="true"></progress></div>
                <button id={STOP_ID} data-testid="stop" type="button" onclick={cancel}>{ messages.form_cancel }</button>
            </div>
        };
    }
    let clear = Callback::from(move |_: MouseEvent| commands.clear_form());
    html! {
        <div key="idle" class="form-actions">
            <button id={RUN_ID} data-testid="submit" class="primary" type="submit">{ messages.form_run }</button>
            <button data-testid="form-clear" class="quiet" type="button" onclick={clear}>{ messages.form_clear }</button>
        </div>
    }
}
