//! The conversation's page.

mod announcer;
mod attachments;
mod composer;
mod follow;
mod transcript;
mod turn;

use web_sys::File;
use yew::prelude::*;

use self::announcer::Announcer;
use self::composer::composer;
use self::transcript::{Transcript, Turns};
use super::dialog::{closing, dialog, show};
use super::files::files_of;
use super::ui::{App, Ui};
use crate::state::chat::Chat;
use crate::state::store::Subscription;

#[derive(Properties, PartialEq)]
pub struct ChatPageProps {
    /// The reader.
    pub ui: Ui,
    /// The app.
    pub app: App,
}

/// Transcript above, composer below; images may be dropped anywhere.
pub struct ChatPage {
    announcer: Announcer,
    is_dragging: bool,
    is_asking: bool,
    question: NodeRef,
    textarea: NodeRef,
    _subscription: Subscription<Chat>,
}

/// What can happen.
pub enum Msg {
    /// The conversation or the composer changed.
    Changed,
    /// The next sign of life of a long answer.
    StillAnswering,
    /// Files are over the page, or no longer.
    Drag(bool),
    /// Files were dropped.
    Drop(Vec<File>),
    /// The user wants a new conversation: ask first.
    Ask(bool),
    /// The user wants it indeed.
    BeginAnew,
}

impl Component for ChatPage {
    type Message = Msg;
    type Properties = ChatPageProps;

    fn create(ctx: &Context<Self>) -> Self {
        let changed = ctx.link().callback(|()| Msg::Changed);
        let subscription = ctx
            .props()
            .app
            .commands
            .store()
            .subscribe(move || changed.emit(()));
        Self {
            announcer: Announcer::default(),
            is_dragging: false,
            is_asking: false,
            question: NodeRef::default(),
            textarea: NodeRef::default(),
            _subscription: subscription,
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        let commands = &ctx.props().app.commands;
        match msg {
            Msg::Changed => {}
            Msg::StillAnswering => self.announcer.go_on(),
            Msg::Drag(is_dragging) => {
                return std::mem::replace(&mut self.is_dragging, is_dragging) != is_dragging;
            }
            Msg::Drop(files) => {
                self.is_dragging = false;
                if !files.is_empty() {
                    commands.attach(files);
                }
            }
            Msg::Ask(is_asking) => self.is_asking = is_asking,
            Msg::BeginAnew => {
                super::dialog::close(&self.question);
                commands.new_conversation();
            }
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let (ChatPageProps { ui, app }, link) = (ctx.props(), ctx.link());
        let messages = ui.messages();
        let chat = app.commands.store().get();
        let ondragover = link.callback(|event: DragEvent| {
            event.prevent_default();
            Msg::Drag(true)
        });
        // Moving over a child leaves the parent, too: only an event of the parent's own counts.
        let ondragleave =
            link.callback(|event: DragEvent| Msg::Drag(event.target() != event.current_target()));
        let ondrop = link.callback(|event: DragEvent| {
            event.prevent_default();
            Msg::Drop(
                event
                    .data_transfer()
                    .map(|transfer| files_of(&transfer))
                    .unwrap_or_default(),
            )
        });
        html! {
            <section class="chat" {ondragover} {ondragleave} {ondrop}>
                <h1 class="visually-hidden">{ messages.chat_title }</h1>
                <Transcript ui={ui.clone()} app={app.clone()} turns={Turns(chat.turns.clone())} />
                { composer(ui, app, &chat, &self.textarea, link.callback(|_: MouseEvent| Msg::Ask(true))) }
                <div class="visually-hidden" role="status" aria-live="polite" aria-atomic="true">
                    { self.announcer.text(messages) }
                </div>
                if self.is_dragging {
                    <div class="drop-veil" aria-hidden="true">{ messages.drop_here }</div>
                }
                if self.is_asking {
                    { self.new_chat_dialog(ctx) }
                }
            </section>
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, is_first: bool) {
        if is_first {
            composer::focus(&self.textarea);
        }
        show(&self.question);
        let app = &ctx.props().app;
        if self
            .announcer
            .notice(&app.commands.store().get(), &app.config, ctx.link())
        {
            ctx.link().send_message(Msg::Changed);
        }
    }
}

impl ChatPage {
    fn new_chat_dialog(&self, ctx: &Context<Self>) -> Html {
        let (messages, link) = (ctx.props().ui.messages(), ctx.link());
        let children = html! {
            <>
                <p>{ messages.new_chat_question }</p>
                <div class="actions">
                    <button type="button" onclick={closing(&self.question)}>{ messages.cancel }</button>
                    <button data-testid="new-chat-confirm" class="primary" type="button"
                        onclick={link.callback(|_: MouseEvent| Msg::BeginAnew)}>{ messages.new_chat_confirm }</button>
                </div>
            </>
        };
        dialog(
            &self.question,
            messages.new_chat,
            link.callback(|_: Event| Msg::Ask(false)),
            children,
        )
    }
}
