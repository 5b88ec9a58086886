use std::rc::Rc;

use aicon_markdown::{Link, Markdown};
use gloo::timers::callback::Timeout;
use wasm_bindgen_futures::JsFuture;
use yew::prelude::*;

use super::super::context::{use_app, use_labels, use_ui};
use super::super::fault::fault_text;
use super::super::icon::{Icon, IconView};
use super::super::notice::{Notice, Tone};
use crate::browser::window;
use crate::state::chat::{Answer, Question, Said, Status, Turn};

/// How long "copied" is shown.
const COPIED_MS: u32 = 2_000;

#[derive(Properties)]
pub(super) struct TurnProps {
    pub(super) turn: Rc<Turn>,
    pub(super) is_last: bool,
    pub(super) onlink: Callback<Link>,
}

impl PartialEq for TurnProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.turn, &other.turn) && self.is_last == other.is_last
    }
}

/// One message.
#[component]
pub(super) fn TurnView(props: &TurnProps) -> Html {
    let ui = use_ui();
    let messages = ui.messages();
    match &props.turn.said {
        Said::User(question) => html! {
            <article class="turn turn-user" data-testid="message" data-role="user" data-status="done" aria-label={messages.you}>
                { images(question) }
                <div class="bubble" data-testid="message-body" dir="auto">{ &*question.text }</div>
            </article>
        },
        Said::Assistant(answer) => html! {
            <AnswerView turn_key={props.turn.key} answer={answer.clone()} is_last={props.is_last} onlink={props.onlink.clone()} />
        },
    }
}

fn images(question: &Question) -> Html {
    if question.images.is_empty() {
        return Html::default();
    }
    let image = |image: &crate::state::chat::SentImage| match &image.preview {
        Some(url) => html! { <li><img src={url.to_string()} alt={image.name.to_string()} /></li> },
        None => html! { <li class="file-name"><bdi>{ &*image.name }</bdi></li> },
    };
    html! { <ul class="sent-images">{ for question.images.iter().map(image) }</ul> }
}

#[derive(Properties, PartialEq)]
struct AnswerProps {
    turn_key: u32,
    answer: Answer,
    is_last: bool,
    onlink: Callback<Link>,
}

#[component]
fn AnswerView(props: &AnswerProps) -> Html {
    let (ui, labels) = (use_ui(), use_labels());
    let messages = ui.messages();
    let Answer { document, status, usage, .. } = &props.answer;
    let status_name = match status {
        Status::Streaming => "streaming",
        Status::Done => "done",
        Status::Stopped => "stopped",
        Status::Failed(_) => "error",
    };
    let is_waiting = *status == Status::Streaming && document.text().is_empty();
    let tokens = usage.map(|usage| {
        let count = js_sys::Number::from(usage.total_tokens as f64).to_locale_string(ui.locale.tag());
        (messages.tokens)(&String::from(count))
    });
    html! {
        <article class="turn turn-assistant" data-testid="message" data-role="assistant" data-status={status_name}
            aria-label={messages.assistant} aria-busy={(*status == Status::Streaming).to_string()}>
            <div data-testid="message-body">
                <Markdown document={document.clone()} {labels} onlink={props.onlink.clone()} />
            </div>
            if is_waiting {
                <div class="waiting" aria-hidden="true"><i></i><i></i><i></i></div>
            }
            <Ending turn_key={props.turn_key} status={status.clone()} is_last={props.is_last} />
            if *status != Status::Streaming {
                <footer class="turn-tools">
                    if !document.text().is_empty() {
                        <CopyAnswer document={document.clone()} />
                    }
                    if let Some(tokens) = tokens {
                        <span class="muted">{ tokens }</span>
                    }
                </footer>
            }
        </article>
    }
}

#[derive(Properties, PartialEq)]
struct EndingProps {
    turn_key: u32,
    status: Status,
    is_last: bool,
}

/// How an answer ended that is not whole, and the way on.
#[component]
fn Ending(props: &EndingProps) -> Html {
    let (ui, app) = (use_ui(), use_app());
    let messages = ui.messages();
    let (tone, text, detail) = match &props.status {
        Status::Streaming | Status::Done => return Html::default(),
        Status::Stopped => (Tone::Hint, messages.stopped.to_owned(), None),
        Status::Failed(fault) => {
            let told = fault_text(fault, messages);
            (Tone::Error, told.text, told.detail)
        }
    };
    let retry = {
        let (commands, key) = (app.commands, props.turn_key);
        Callback::from(move |_: MouseEvent| commands.retry(key))
    };
    html! {
        <Notice {tone}>
            <p>{ text }</p>
            if let Some(detail) = detail {
                <p class="muted">{ messages.server_says }{ " " }<bdi>{ detail }</bdi></p>
            }
            if props.is_last {
                <button data-testid="retry" type="button" onclick={retry}><IconView icon={Icon::Retry} />{ messages.retry }</button>
            }
        </Notice>
    }
}

#[derive(Properties, PartialEq)]
struct CopyAnswerProps {
    document: aicon_markdown::Document,
}

/// Copies the answer's markdown.
#[component]
fn CopyAnswer(props: &CopyAnswerProps) -> Html {
    let messages = use_ui().messages();
    let outcome = use_state(|| None::<bool>);
    let onclick = {
        let (outcome, document) = (outcome.setter(), props.document.clone());
        Callback::from(move |_: MouseEvent| {
            let outcome = outcome.clone();
            let copied = JsFuture::from(window().navigator().clipboard().write_text(document.text()));
            yew::platform::spawn_local(async move {
                outcome.set(Some(copied.await.is_ok()));
                Timeout::new(COPIED_MS, move || outcome.set(None)).forget();
            });
        })
    };
    let (icon, label) = match *outcome {
        None => (Icon::Copy, messages.copy_answer),
        Some(true) => (Icon::Check, messages.copied),
        Some(false) => (Icon::Close, messages.copy_failed),
    };
    html! {
        <button class="quiet" type="button" {onclick}><IconView {icon} /><span aria-live="polite">{ label }</span></button>
    }
}
