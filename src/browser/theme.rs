//! Light or dark: the system's choice until the user makes one.

use super::{document, storage, window};

const KEY: &str = "aicon.theme";

/// Applies the user's choice, if there is one.
pub fn restore() {
    if let Some(theme) = storage::local()
        .get(KEY)
        .filter(|theme| theme == "light" || theme == "dark")
    {
        apply(&theme);
    }
}

/// Switches to the other one and remembers it.
pub fn switch() {
    let chosen = document()
        .document_element()
        .and_then(|root| root.get_attribute("data-theme"));
    let is_dark = match chosen {
        Some(theme) => theme == "dark",
        None => window()
            .match_media("(prefers-color-scheme: dark)")
            .ok()
            .flatten()
            .is_some_and(|query| query.matches()),
    };
    let theme = if is_dark { "light" } else { "dark" };
    storage::local().set(KEY, theme);
    apply(theme);
}

fn apply(theme: &str) {
    if let Some(root) = document().document_element() {
        drop(root.set_attribute("data-theme", theme));
    }
}
