//! A field for files: choose or drop, each with its size and the way to take it out.

use web_sys::{DragEvent, HtmlInputElement};
use yew::prelude::*;

use super::super::fault::bytes_text;
use super::super::files::{file_name, files_of, list};
use super::super::icon::{ATTACH, CLOSE, icon};
use super::field::{Field, flag, id};
use crate::config::InputKind;
use crate::state::form::{ChosenFile, Form};

pub(super) fn file_field(field: &Field<'_>, form: &Form, files: &[ChosenFile]) -> Html {
    let InputKind::File {
        accept, max_files, ..
    } = &field.input.kind
    else {
        return Html::default();
    };
    let messages = field.ui.messages();
    let accept: Vec<String> = accept.iter().map(|one| [".", one].concat()).collect();
    let (commands, row) = (field.app.commands.clone(), field.row);
    let onchange = Callback::from({
        let commands = commands.clone();
        move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let files = input.files().map(list).unwrap_or_default();
            // So that the same file can be chosen again after it was taken out.
            input.set_value("");
            commands.choose_files(row, files);
        }
    });
    let is_disabled = field.is_disabled;
    let ondrop = Callback::from(move |event: DragEvent| {
        event.prevent_default();
        if !is_disabled {
            let files = event.data_transfer().map(|transfer| files_of(&transfer));
            commands.choose_files(row, files.unwrap_or_default());
        }
    });
    html! {
        <div class="files" {ondrop}>
            if !files.is_empty() {
                <ul class="attachments" aria-label={field.input.label.get(field.ui.locale)}>
                    { for files.iter().map(|file| item(field, form, file)) }
                </ul>
            }
            <div class="file-choice">
                <label class="button attach" data-disabled={is_disabled.then_some("")}>
                    <input id={id(row)} data-testid={field.test_id.clone()} class="visually-hidden" type="file"
                        multiple={*max_files > 1} accept={accept.join(",")} disabled={is_disabled}
                        aria-required={flag(field.input.required)} aria-invalid={flag(field.is_wrong)}
                        aria-label={field.input.label.get(field.ui.locale)}
                        aria-describedby={field.described_by.clone()} {onchange} />
                    { icon(ATTACH) }<span aria-hidden="true">{ messages.form_choose_file }</span>
                </label>
                <span class="muted" aria-hidden="true">{ messages.form_drop }</span>
            </div>
        </div>
    }
}

fn item(field: &Field<'_>, form: &Form, file: &ChosenFile) -> Html {
    let messages = field.ui.messages();
    let sent = form.sent_percent(&file.key);
    let (status, text) = match sent {
        _ if file.is_lost => ("error", bytes_text(file.size)),
        Some(percent @ 0..100) => ("uploading", (messages.uploading)(percent)),
        _ => ("ready", bytes_text(file.size)),
    };
    let (commands, row, key) = (field.app.commands.clone(), field.row, file.key.clone());
    let onclick = Callback::from(move |_: MouseEvent| commands.remove_file(row, &key));
    let label = (messages.remove)(&file.name);
    html! {
        <li key={&*file.key} class="attachment" data-testid="attachment" data-status={status}>
            <div class="attachment-text">
                { file_name(&file.name) }
                <span class="attachment-status">{ text }</span>
                if let Some(percent) = sent {
                    <progress max="100" value={percent.to_string()} aria-hidden="true"></progress>
                }
            </div>
            <button class="quiet icon-button" type="button" aria-label={label} disabled={field.is_disabled} {onclick}>
                { icon(CLOSE) }
            </button>
        </li>
    }
}
