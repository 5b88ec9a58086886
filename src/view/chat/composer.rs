//! Where the user writes. Enter sends, Shift+Enter breaks the line; Enter that ends a composition of an input method
//! (Hangul) does neither.

use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::super::fault::bytes_text;
use super::super::files::{files_of, list};
use super::super::icon::{ATTACH, PLUS, SEND, STOP, icon};
use super::super::notice;
use super::super::ui::{App, Ui};
use super::attachments::attachments;
use crate::api::attachment_formats;
use crate::i18n::Messages;
use crate::state::chat::Chat;
use crate::state::composer::Blocked;

/// The composer; `textarea` keeps the focus after sending and stopping, `begin_anew` asks for a new conversation.
pub(super) fn composer(
    ui: &Ui,
    app: &App,
    chat: &Chat,
    textarea: &NodeRef,
    begin_anew: Callback<MouseEvent>,
) -> Html {
    let (messages, config) = (ui.messages(), &app.config);
    let composer = &chat.composer;
    let blocked = composer.blocked(config);
    let send = {
        let (commands, textarea) = (app.commands.clone(), textarea.clone());
        Callback::from(move |()| {
            commands.send();
            focus(&textarea);
        })
    };
    let onsubmit = send.reform(|event: SubmitEvent| event.prevent_default());
    html! {
        <form class="composer" {onsubmit}>
            <div class="column">
                { blocked_notice(blocked, config.max_files, messages) }
                { attachments(ui, app, &composer.attachments) }
                <div class="composer-box">
                    { attach_button(ui, app) }
                    <div class="grow" data-value={mirrored(&composer.draft)}>
                        { text_field(ui, app, chat, textarea, send, matches!(blocked, Some(Blocked::TooLong(_)))) }
                    </div>
                    { send_or_stop(ui, app, chat, textarea, blocked) }
                </div>
                <div class="composer-foot muted">
                    <span id="composer-hint">{ messages.composer_hint }</span>
                    { counter(composer.draft.chars().count(), config.max_text_length) }
                    if !chat.turns.is_empty() {
                        <button data-testid="new-chat" class="quiet new-chat" type="button" onclick={begin_anew}>
                            { icon(PLUS) }{ messages.new_chat }
                        </button>
                    }
                </div>
            </div>
        </form>
    }
}

/// What sets the height: no more of the draft than fills the screen, since it is laid out at each change.
fn mirrored(draft: &str) -> AttrValue {
    const ENOUGH: usize = 2_000;
    match draft.char_indices().nth(ENOUGH) {
        Some((end, _)) => draft[..end].to_owned().into(),
        None => draft.to_owned().into(),
    }
}

fn text_field(
    ui: &Ui,
    app: &App,
    chat: &Chat,
    node: &NodeRef,
    send: Callback<()>,
    is_invalid: bool,
) -> Html {
    let messages = ui.messages();
    let commands = app.commands.clone();
    let oninput = Callback::from(move |event: InputEvent| {
        commands.type_draft(event.target_unchecked_into::<HtmlTextAreaElement>().value());
    });
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        // 229: browsers that tell of a composition only by the key code.
        let is_composing = event.is_composing() || event.key_code() == 229;
        if event.key() == "Enter" && !event.shift_key() && !is_composing {
            event.prevent_default();
            send.emit(());
        }
    });
    let commands = app.commands.clone();
    let onpaste = Callback::from(move |event: Event| {
        let event: web_sys::ClipboardEvent = wasm_bindgen::JsCast::unchecked_into(event);
        let files = event
            .clipboard_data()
            .map(|transfer| files_of(&transfer))
            .unwrap_or_default();
        if !files.is_empty() {
            event.prevent_default();
            commands.attach(files);
        }
    });
    html! {
        <textarea ref={node} data-testid="composer" rows="1" enterkeyhint="send" aria-label={messages.composer_label}
            aria-describedby="composer-hint composer-notice" aria-invalid={if is_invalid { "true" } else { "false" }}
            placeholder={messages.composer_placeholder} value={chat.composer.draft.clone()} {oninput} {onkeydown} {onpaste} />
    }
}

fn send_or_stop(
    ui: &Ui,
    app: &App,
    chat: &Chat,
    textarea: &NodeRef,
    blocked: Option<Blocked>,
) -> Html {
    let messages = ui.messages();
    if chat.streaming().is_none() {
        return html! {
            <button data-testid="send" class="primary icon-button" type="submit" aria-label={messages.send}
                title={messages.send} disabled={blocked.is_some()}>{ icon(SEND) }</button>
        };
    }
    let (commands, textarea) = (app.commands.clone(), textarea.clone());
    let stop = Callback::from(move |_: MouseEvent| {
        commands.stop();
        focus(&textarea);
    });
    html! {
        <button data-testid="stop" class="primary icon-button" type="button" aria-label={messages.stop}
            title={messages.stop} onclick={stop}>{ icon(STOP) }</button>
    }
}

/// The file input with its limits told first (promise U6).
fn attach_button(ui: &Ui, app: &App) -> Html {
    let config = &app.config;
    if config.max_files == 0 {
        return Html::default();
    }
    let formats = attachment_formats(config);
    let accept: Vec<String> = formats.iter().map(|one| [".", one].concat()).collect();
    let limit = bytes_text(config.max_file_bytes);
    let label = AttrValue::from((ui.messages().attach)(
        &formats.join(", "),
        &limit,
        config.max_files,
    ));
    let commands = app.commands.clone();
    let onchange = Callback::from(move |event: Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        let files = input.files().map(list).unwrap_or_default();
        // So that the same file can be chosen again after it was removed.
        input.set_value("");
        commands.attach(files);
    });
    html! {
        <label class="attach quiet icon-button" title={label.clone()}>
            <input data-testid="attach-input" class="visually-hidden" type="file" multiple={true}
                accept={accept.join(",")} aria-label={label} {onchange} />
            { icon(ATTACH) }
        </label>
    }
}

fn counter(length: usize, limit: usize) -> Html {
    // Shown from four fifths of the limit on: before, it is noise.
    if length < limit / 5 * 4 {
        return Html::default();
    }
    let text = [&length.to_string(), " / ", &limit.to_string()].concat();
    html! { <span data-testid="counter" data-over={(length > limit).then_some("")}>{ text }</span> }
}

fn blocked_notice(blocked: Option<Blocked>, max_files: usize, messages: &Messages) -> Html {
    let notice = match blocked {
        None | Some(Blocked::Blank) => return Html::default(),
        Some(Blocked::TooLong(over)) => notice::error((messages.too_long)(over).into()),
        Some(Blocked::TooManyFiles) => notice::error((messages.too_many_files)(max_files).into()),
        Some(Blocked::FailedAttachment) => notice::error(messages.failed_attachment.into()),
        Some(Blocked::Uploading) => notice::hint(messages.wait_for_upload.into()),
    };
    html! { <div id="composer-notice">{ notice }</div> }
}

pub(super) fn focus(textarea: &NodeRef) {
    if let Some(element) = textarea.cast::<HtmlTextAreaElement>() {
        drop(element.focus());
    }
}
