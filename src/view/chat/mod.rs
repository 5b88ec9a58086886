//! The conversation's page.

mod announcer;
mod attachments;
mod composer;
mod follow;
mod link_dialog;
mod transcript;
mod turn;

use aicon_markdown::Link;
use web_sys::{DataTransfer, File};
use yew::prelude::*;

use self::announcer::Announcer;
use self::composer::ComposerView;
use self::link_dialog::LinkDialog;
pub(super) use self::link_dialog::open_tab;
use self::transcript::Transcript;
use super::context::{use_app, use_chat, use_ui};
use super::dialog::Dialog;
use super::icon::{Icon, IconView};

/// Transcript above, composer below; images may be dropped anywhere.
#[component]
pub fn ChatPage() -> Html {
    let (ui, app, chat) = (use_ui(), use_app(), use_chat());
    let messages = ui.messages();
    let link = use_state(|| None::<Link>);
    let is_asking = use_state(|| false);
    let is_dragging = use_state(|| false);

    let onlink = use_callback((), {
        let link = link.setter();
        move |clicked: Link, ()| link.set(Some(clicked))
    });
    let close_link = use_callback((), {
        let link = link.setter();
        move |(), ()| link.set(None)
    });
    let ask = {
        let is_asking = is_asking.setter();
        Callback::from(move |_: MouseEvent| is_asking.set(true))
    };
    let close_question = {
        let is_asking = is_asking.setter();
        Callback::from(move |()| is_asking.set(false))
    };
    let begin_anew = {
        let (commands, close) = (app.commands.clone(), close_question.clone());
        Callback::from(move |_: MouseEvent| {
            commands.new_conversation();
            close.emit(());
        })
    };
    let ondragover = {
        let is_dragging = is_dragging.setter();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            is_dragging.set(true);
        })
    };
    let ondragleave = {
        let is_dragging = is_dragging.setter();
        Callback::from(move |event: DragEvent| {
            // Moving over a child leaves the parent, too: only an event of the parent's own counts.
            if event.target() == event.current_target() {
                is_dragging.set(false);
            }
        })
    };
    let ondrop = {
        let (is_dragging, commands) = (is_dragging.setter(), app.commands.clone());
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            is_dragging.set(false);
            let files = event.data_transfer().map(|transfer| files_of(&transfer)).unwrap_or_default();
            if !files.is_empty() {
                commands.attach(files);
            }
        })
    };
    html! {
        <section class={classes!("chat", is_dragging.then_some("dragging"))} {ondragover} {ondragleave} {ondrop}>
            <h1 class="visually-hidden">{ messages.chat_title }</h1>
            if !chat.turns.is_empty() {
                <button data-testid="new-chat" class="quiet new-chat" type="button" onclick={ask}>
                    <IconView icon={Icon::Plus} />{ messages.new_chat }
                </button>
            }
            <Transcript turns={chat.turns.clone()} {onlink} />
            <ComposerView composer={chat.composer.clone()} streaming={chat.streaming()} />
            <Announcer turn={chat.turns.last().cloned()} />
            if *is_dragging {
                <div class="drop-veil" aria-hidden="true">{ messages.drop_here }</div>
            }
            if let Some(link) = &*link {
                <LinkDialog link={link.clone()} onclose={close_link} />
            }
            if *is_asking {
                <Dialog title={messages.new_chat} onclose={close_question.clone()}>
                    <p>{ messages.new_chat_question }</p>
                    <div class="actions">
                        <button type="button" onclick={close_question.reform(|_: MouseEvent| ())}>{ messages.cancel }</button>
                        <button data-testid="new-chat-confirm" class="primary" type="button" onclick={begin_anew}>{ messages.new_chat_confirm }</button>
                    </div>
                </Dialog>
            }
        </section>
    }
}

/// The files of a drop or a paste.
fn files_of(transfer: &DataTransfer) -> Vec<File> {
    transfer.files().map(|files| (0..files.length()).filter_map(|at| files.get(at)).collect()).unwrap_or_default()
}
