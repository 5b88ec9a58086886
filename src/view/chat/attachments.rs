//! The chosen images, each with its progress and the way to take it out.

use yew::prelude::*;

use super::super::fault::{bytes_text, file_problem_text};
use super::super::files::file_name;
use super::super::icon::{CLOSE, RETRY, icon};
use super::super::ui::{App, Ui};
use crate::state::composer::{Attachment, AttachmentStatus};

pub(super) fn attachments(ui: &Ui, app: &App, attachments: &[Attachment]) -> Html {
    if attachments.is_empty() {
        return Html::default();
    }
    html! {
        <ul class="attachments" aria-label={ui.messages().attachments}>
            { for attachments.iter().map(|attachment| item(ui, app, attachment)) }
        </ul>
    }
}

fn item(ui: &Ui, app: &App, attachment: &Attachment) -> Html {
    let messages = ui.messages();
    let Attachment {
        key,
        name,
        size,
        preview,
        status,
    } = attachment;
    let (status_name, text) = match status {
        AttachmentStatus::Uploading(percent) => ("uploading", (messages.uploading)(*percent)),
        AttachmentStatus::Ready(_) if *size > 0 => ("ready", bytes_text(*size)),
        AttachmentStatus::Ready(_) => ("ready", messages.upload_ready.to_owned()),
        AttachmentStatus::Failed(problem) => ("error", file_problem_text(problem, messages)),
    };
    let is_error = status_name == "error";
    html! {
        <li key={&**key} class="attachment" data-testid="attachment" data-status={status_name}>
            if let Some(url) = preview.as_ref().filter(|_| !is_error) {
                <img src={url.clone()} alt="" />
            }
            <div class="attachment-text">
                { file_name(name) }
                <span class="attachment-status" role="status">{ text }</span>
                if let AttachmentStatus::Uploading(percent) = status {
                    <progress max="100" value={percent.to_string()} aria-hidden="true"></progress>
                }
            </div>
            { retry_button(ui, app, attachment) }
            { remove_button(ui, app, attachment) }
        </li>
    }
}

fn retry_button(ui: &Ui, app: &App, attachment: &Attachment) -> Html {
    match &attachment.status {
        AttachmentStatus::Failed(problem) if problem.can_retry() => {}
        _ => return Html::default(),
    }
    let (commands, key) = (app.commands.clone(), attachment.key.clone());
    let onclick = Callback::from(move |_: MouseEvent| commands.retry_attachment(&key));
    let label = (ui.messages().retry_upload)(&attachment.name);
    html! { <button class="quiet icon-button" type="button" aria-label={label} {onclick}>{ icon(RETRY) }</button> }
}

fn remove_button(ui: &Ui, app: &App, attachment: &Attachment) -> Html {
    let (commands, key) = (app.commands.clone(), attachment.key.clone());
    let onclick = Callback::from(move |_: MouseEvent| commands.remove_attachment(&key));
    let label = (ui.messages().remove)(&attachment.name);
    html! {
        <button data-testid="attachment-remove" class="quiet icon-button" type="button" aria-label={label} {onclick}>
            { icon(CLOSE) }
        </button>
    }
}
