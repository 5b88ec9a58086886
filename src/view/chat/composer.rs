use aicon_protocol::ai::UPLOAD_FORMATS;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::super::context::{App, use_app, use_ui};
use super::super::fault::bytes_text;
use super::super::icon::{Icon, IconView};
use super::super::notice::{Notice, Tone};
use super::attachments::Attachments;
use super::files_of;
use crate::i18n::Messages;
use crate::state::composer::{Blocked, Composer};

/// From this share of the limit on, the counter is shown.
const COUNTER_FROM: f64 = 0.8;

#[derive(Properties, PartialEq)]
pub(super) struct ComposerProps {
    pub(super) composer: Composer,
    pub(super) streaming: Option<u32>,
}

/// Where the user writes. Enter sends, Shift+Enter breaks the line; Enter that ends a composition of an input method
/// (Hangul) does neither.
#[component]
pub(super) fn ComposerView(props: &ComposerProps) -> Html {
    let (ui, app) = (use_ui(), use_app());
    let messages = ui.messages();
    let App { commands, config, .. } = &app;
    let textarea = use_node_ref();
    let blocked = props.composer.blocked(config);
    let is_streaming = props.streaming.is_some();
    use_effect_with((), {
        let textarea = textarea.clone();
        move |()| focus(&textarea)
    });
    let send = {
        let (commands, textarea) = (commands.clone(), textarea.clone());
        Callback::from(move |()| {
            commands.send();
            focus(&textarea);
        })
    };
    let stop = {
        let (commands, textarea) = (commands.clone(), textarea.clone());
        Callback::from(move |_: MouseEvent| {
            commands.stop();
            focus(&textarea);
        })
    };
    let oninput = {
        let commands = commands.clone();
        Callback::from(move |event: InputEvent| commands.type_draft(event.target_unchecked_into::<HtmlTextAreaElement>().value()))
    };
    let onkeydown = {
        let send = send.clone();
        Callback::from(move |event: KeyboardEvent| {
            // 229: browsers that tell of a composition only by the key code.
            let is_composing = event.is_composing() || event.key_code() == 229;
            if event.key() == "Enter" && !event.shift_key() && !is_composing {
                event.prevent_default();
                send.emit(());
            }
        })
    };
    let onpaste = {
        let commands = commands.clone();
        Callback::from(move |event: Event| {
            let event: web_sys::ClipboardEvent = wasm_bindgen::JsCast::unchecked_into(event);
            let files = event.clipboard_data().map(|transfer| files_of(&transfer)).unwrap_or_default();
            if !files.is_empty() {
                event.prevent_default();
                commands.attach(files);
            }
        })
    };
    let length = props.composer.draft.chars().count();
    let limit = config.max_text_length;
    let shows_counter = length as f64 >= limit as f64 * COUNTER_FROM;
    let notice = blocked.and_then(|blocked| blocked_text(blocked, config.max_files, messages));
    let onsubmit = send.reform(|event: SubmitEvent| event.prevent_default());
    html! {
        <form class="composer" {onsubmit}>
            <div class="column">
                if let Some((tone, text)) = notice {
                    <Notice {tone} id="composer-notice">{ text }</Notice>
                }
                <Attachments attachments={props.composer.attachments.clone()} />
                <div class="composer-box">
                    <AttachButton />
                    <div class="grow" data-value={props.composer.draft.to_string()}>
                        <textarea ref={textarea} data-testid="composer" rows="1" dir="auto" enterkeyhint="send"
                            aria-label={messages.composer_label} aria-describedby="composer-hint composer-notice"
                            aria-invalid={matches!(blocked, Some(Blocked::TooLong(_))).to_string()}
                            placeholder={messages.composer_placeholder}
                            value={props.composer.draft.to_string()} {oninput} {onkeydown} {onpaste} />
                    </div>
                    if is_streaming {
                        <button data-testid="stop" class="primary icon-button" type="button" aria-label={messages.stop}
                            title={messages.stop} onclick={stop}><IconView icon={Icon::Stop} /></button>
                    } else {
                        <button data-testid="send" class="primary icon-button" type="submit" aria-label={messages.send}
                            title={messages.send} disabled={blocked.is_some()}><IconView icon={Icon::Send} /></button>
                    }
                </div>
                <div class="composer-foot muted">
                    <span id="composer-hint">{ messages.composer_hint }</span>
                    if shows_counter {
                        <span data-testid="counter" class={classes!((length > limit).then_some("over"))}>
                            { [&length.to_string(), " / ", &limit.to_string()].concat() }
                        </span>
                    }
                </div>
            </div>
        </form>
    }
}

/// The file input with its limits told first (promise U6).
#[component]
fn AttachButton() -> Html {
    let (ui, app) = (use_ui(), use_app());
    let App { config, commands, .. } = &app;
    if config.max_files == 0 {
        return Html::default();
    }
    let label = (ui.messages().attach)(&UPLOAD_FORMATS.join(", "), &bytes_text(config.max_file_bytes), config.max_files);
    let onchange = {
        let commands = commands.clone();
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let files: Vec<_> =
                input.files().map(|files| (0..files.length()).filter_map(|at| files.get(at)).collect()).unwrap_or_default();
            // So that the same file can be chosen again after it was removed.
            input.set_value("");
            commands.attach(files);
        })
    };
    let accept = UPLOAD_FORMATS.map(|format| [".", format].concat()).join(",");
    html! {
        <label class="attach quiet icon-button" title={label.clone()}>
            <input data-testid="attach-input" class="visually-hidden" type="file" multiple={true} {accept} aria-label={label} {onchange} />
            <IconView icon={Icon::Attach} />
        </label>
    }
}

fn blocked_text(blocked: Blocked, max_files: usize, messages: &Messages) -> Option<(Tone, String)> {
    match blocked {
        Blocked::Blank => None,
        Blocked::TooLong(over) => Some((Tone::Error, (messages.too_long)(over))),
        Blocked::TooManyFiles => Some((Tone::Error, (messages.too_many_files)(max_files))),
        Blocked::FailedAttachment => Some((Tone::Error, messages.failed_attachment.to_owned())),
        Blocked::Uploading => Some((Tone::Hint, messages.wait_for_upload.to_owned())),
    }
}

fn focus(textarea: &NodeRef) {
    if let Some(element) = textarea.cast::<HtmlTextAreaElement>() {
        drop(element.focus());
    }
}
