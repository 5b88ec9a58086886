//! A button that copies and says for a moment whether it worked.

use yew::prelude::*;

use super::icon::{CHECK, CLOSE, COPY, icon};
use super::ui::Ui;

/// How long "copied" is shown.
pub(super) const COPIED_MS: u32 = 2_000;

/// `copied`: whether it worked, while that is shown.
pub(super) fn copy_button(ui: &Ui, copied: Option<bool>, onclick: Callback<MouseEvent>) -> Html {
    let messages = ui.messages();
    let (path, label) = match copied {
        None => (COPY, messages.copy_answer),
        Some(true) => (CHECK, messages.copied),
        Some(false) => (CLOSE, messages.copy_failed),
    };
    html! {
        <button data-testid="copy-answer" class="quiet" type="button" {onclick}>
            { icon(path) }<span aria-live="polite">{ label }</span>
        </button>
    }
}
