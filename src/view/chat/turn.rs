use std::rc::Rc;

use aicon_markdown::long_text;
use gloo::timers::callback::Timeout;
use yew::prelude::*;

use super::super::copy::{COPIED_MS, copy_button};
use super::super::fault::fault_text;
use super::super::files::file_name;
use super::super::icon::{DOWN, RETRY, icon};
use super::super::notice;
use super::super::ui::{App, Ui};
use crate::state::commands::ARCHIVE_NAME;
use crate::state::turn::{Answer, Archive, Question, Said, SentImage, Status, Turn};

#[derive(Properties)]
pub(super) struct TurnProps {
    pub(super) ui: Ui,
    pub(super) app: App,
    pub(super) turn: Rc<Turn>,
    pub(super) is_last: bool,
}

impl PartialEq for TurnProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.turn, &other.turn) && self.is_last == other.is_last && self.ui == other.ui
    }
}

/// One message.
pub(super) struct TurnView {
    /// Whether copying worked, while that is shown.
    copied: Option<bool>,
    forgetting: Option<Timeout>,
}

pub(super) enum Msg {
    Copy,
    Copied(bool),
    Forget,
}

impl Component for TurnView {
    type Message = Msg;
    type Properties = TurnProps;

    fn create(_: &Context<Self>) -> Self {
        Self {
            copied: None,
            forgetting: None,
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        let TurnProps { app, turn, .. } = ctx.props();
        match msg {
            Msg::Copy => {
                if let Said::Assistant(answer) = &turn.said {
                    let told = ctx.link().callback(Msg::Copied);
                    let (text, document) = (answer.document.text(), &answer.document);
                    let html = (!app.config.is_plain_text).then(|| document.to_html());
                    app.commands
                        .copy(text, html, move |is_copied| told.emit(is_copied));
                }
            }
            Msg::Copied(is_copied) => {
                self.copied = Some(is_copied);
                let forget = ctx.link().callback(|()| Msg::Forget);
                self.forgetting = Some(Timeout::new(COPIED_MS, move || forget.emit(())));
            }
            Msg::Forget => self.copied = None,
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        match &ctx.props().turn.said {
            Said::User(question) => question_view(&ctx.props().ui, question),
            Said::Assistant(answer) => self.answer_view(ctx, answer),
        }
    }
}

impl TurnView {
    fn answer_view(&self, ctx: &Context<Self>, answer: &Answer) -> Html {
        let TurnProps {
            ui,
            app,
            turn,
            is_last,
        } = ctx.props();
        let messages = ui.messages();
        let status_name = match &answer.status {
            Status::Streaming => "streaming",
            Status::Done => "done",
            Status::Stopped => "stopped",
            Status::Failed(_) => "error",
        };
        let is_streaming = answer.status == Status::Streaming;
        let is_empty = answer.document.text().is_empty();
        let copy = ctx.link().callback(|_: MouseEvent| Msg::Copy);
        html! {
            <article class="turn turn-assistant" data-testid="message" data-role="assistant" data-status={status_name}
                aria-label={messages.assistant} aria-busy={if is_streaming { "true" } else { "false" }}>
                { body(ui, app, answer) }
                if is_streaming && is_empty {
                    <div class="waiting" aria-hidden="true"><i></i><i></i><i></i></div>
                }
                { answer.archive.as_ref().map(|archive| archive_link(ui, archive)) }
                { ending(ui, app, turn.key, &answer.status, *is_last) }
                if !is_streaming && !is_empty {
                    <footer class="turn-tools">{ copy_button(ui, self.copied, copy) }{ tokens(ui, answer) }</footer>
                }
            </article>
        }
    }
}

fn body(ui: &Ui, app: &App, answer: &Answer) -> Html {
    if app.config.is_plain_text {
        let text = long_text(answer.document.text());
        return html! { <div class="plain" data-testid="message-body" dir="auto">{ text }</div> };
    }
    html! { <div data-testid="message-body">{ ui.markdown(answer.document.clone(), 1) }</div> }
}

fn archive_link(ui: &Ui, archive: &Archive) -> Html {
    let messages = ui.messages();
    match &archive.url {
        Some(url) => html! {
            <p>
                <a data-testid="archive" class="button" href={url.clone()} download={ARCHIVE_NAME}>
                    { icon(DOWN) }{ messages.form_archive }
                </a>
            </p>
        },
        None => html! { <p class="muted">{ messages.form_file_gone }</p> },
    }
}

fn question_view(ui: &Ui, question: &Question) -> Html {
    let image = |image: &SentImage| match &image.preview {
        Some(url) => html! { <li><img src={url.clone()} alt={image.name.clone()} /></li> },
        None => html! { <li>{ file_name(&image.name) }</li> },
    };
    html! {
        <article class="turn turn-user" data-testid="message" data-role="user" data-status="done" aria-label={ui.messages().you}>
            if !question.images.is_empty() {
                <ul class="sent-images">{ for question.images.iter().map(image) }</ul>
            }
            <div class="bubble" data-testid="message-body" dir="auto">{ long_text(&question.text) }</div>
        </article>
    }
}

/// How an answer ended that is not whole, and the way on.
fn ending(ui: &Ui, app: &App, key: u32, status: &Status, is_last: bool) -> Html {
    let messages = ui.messages();
    let (text, detail) = match status {
        Status::Streaming | Status::Done => return Html::default(),
        Status::Stopped => (messages.stopped.to_owned(), None),
        Status::Failed(fault) => {
            let told = fault_text(fault, messages);
            (told.text, told.detail)
        }
    };
    let commands = app.commands.clone();
    let retry = Callback::from(move |_: MouseEvent| commands.retry(key));
    let children = html! {
        <>
            <p>{ text }</p>
            if let Some(detail) = detail {
                <p class="muted">{ messages.server_says }{ " " }<bdi>{ detail }</bdi></p>
            }
            if is_last {
                <button data-testid="retry" type="button" onclick={retry}>{ icon(RETRY) }{ messages.retry }</button>
            }
        </>
    };
    if *status == Status::Stopped {
        notice::hint(children)
    } else {
        notice::error(children)
    }
}

fn tokens(ui: &Ui, answer: &Answer) -> Html {
    let Some(usage) = answer.usage else {
        return Html::default();
    };
    let count = js_sys::Number::from(usage.total_tokens as f64).to_locale_string(ui.locale.tag());
    html! { <span class="muted">{ (ui.messages().tokens)(&String::from(count)) }</span> }
}
