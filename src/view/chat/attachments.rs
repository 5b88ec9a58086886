use yew::prelude::*;

use super::super::context::{use_app, use_ui};
use super::super::fault::{bytes_text, file_problem_text};
use super::super::icon::{Icon, IconView};
use crate::state::composer::{Attachment, AttachmentStatus};

#[derive(Properties, PartialEq)]
pub(super) struct AttachmentsProps {
    pub(super) attachments: Vec<Attachment>,
}

/// The chosen images, each with its progress and the way to take it out.
#[component]
pub(super) fn Attachments(props: &AttachmentsProps) -> Html {
    let messages = use_ui().messages();
    if props.attachments.is_empty() {
        return Html::default();
    }
    let item = |attachment: &Attachment| html! { <AttachmentView key={&*attachment.key} attachment={attachment.clone()} /> };
    html! {
        <ul class="attachments" aria-label={messages.attachments}>{ for props.attachments.iter().map(item) }</ul>
    }
}

#[derive(Properties, PartialEq)]
struct AttachmentProps {
    attachment: Attachment,
}

#[component]
fn AttachmentView(props: &AttachmentProps) -> Html {
    let (ui, app) = (use_ui(), use_app());
    let messages = ui.messages();
    let Attachment { key, name, size, preview, status } = &props.attachment;
    let remove = {
        let (commands, key) = (app.commands.clone(), key.clone());
        Callback::from(move |_: MouseEvent| commands.remove_attachment(&key))
    };
    let retry = match status {
        AttachmentStatus::Failed(problem) if problem.can_retry() => {
            let (commands, key) = (app.commands.clone(), key.clone());
            let onclick = Callback::from(move |_: MouseEvent| commands.retry_attachment(&key));
            let label = (messages.retry_upload)(name);
            html! { <button class="quiet icon-button" type="button" aria-label={label} {onclick}><IconView icon={Icon::Retry} /></button> }
        }
        _ => Html::default(),
    };
    let (status_name, text) = match status {
        AttachmentStatus::Uploading(percent) => ("uploading", (messages.uploading)(*percent)),
        AttachmentStatus::Ready(_) if *size > 0 => ("ready", bytes_text(*size)),
        AttachmentStatus::Ready(_) => ("ready", messages.upload_ready.to_owned()),
        AttachmentStatus::Failed(problem) => ("error", file_problem_text(problem, messages)),
    };
    html! {
        <li class="attachment" data-testid="attachment" data-status={status_name}>
            if let Some(url) = preview.as_ref().filter(|_| status_name != "error") {
                <img src={url.to_string()} alt="" />
            }
            <div class="attachment-text">
                <bdi class="file-name">{ &**name }</bdi>
                <span class={classes!("attachment-status", (status_name == "error").then_some("over"))} role="status">{ text }</span>
                if let AttachmentStatus::Uploading(percent) = status {
                    <progress max="100" value={percent.to_string()} aria-hidden="true"></progress>
                }
            </div>
            { retry }
            <button data-testid="attachment-remove" class="quiet icon-button" type="button" aria-label={(messages.remove)(name)} onclick={remove}>
                <IconView icon={Icon::Close} />
            </button>
        </li>
    }
}
