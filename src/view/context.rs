use std::rc::Rc;

use aicon_markdown::Labels;
use yew::prelude::*;

use crate::auth::Auth;
use crate::config::Config;
use crate::i18n::{Locale, Messages};
use crate::route::Route;
use crate::state::chat::Chat;
use crate::state::commands::Commands;

/// What every component may know of the reader and the place.
#[derive(Clone, PartialEq)]
pub struct Ui {
    /// The reader's language.
    pub locale: Locale,
    /// The present place.
    pub route: Route,
    /// Where a login leads.
    pub return_to: Route,
    /// Changes the language.
    pub set_locale: Callback<Locale>,
    /// Goes to a place.
    pub go: Callback<Route>,
}

impl Ui {
    /// All texts in the reader's language.
    pub fn messages(&self) -> &'static Messages {
        self.locale.messages()
    }
}

/// The running app, once the config is there.
#[derive(Clone, PartialEq)]
pub struct App {
    /// What the provider decided.
    pub config: Rc<Config>,
    /// The session.
    pub auth: Auth,
    /// What can be asked for.
    pub commands: Commands,
}

/// The reader's language and the place.
#[hook]
pub(super) fn use_ui() -> Ui {
    #[expect(clippy::expect_used, reason = "the root component provides it to all")]
    use_context::<Ui>().expect("`Main` provides the context")
}

/// The running app.
#[hook]
pub(super) fn use_app() -> App {
    #[expect(clippy::expect_used, reason = "the root component provides it to all pages that need it")]
    use_context::<App>().expect("`Main` provides the context")
}

/// The conversation as it is; the component is rendered again when it changes.
#[hook]
pub(super) fn use_chat() -> Rc<Chat> {
    let store = use_app().commands.store().clone();
    let update = use_force_update();
    use_effect_with(store.clone(), move |store| {
        let subscription = store.subscribe(move || update.force_update());
        move || drop(subscription)
    });
    store.get()
}

/// The words that rendered markdown needs.
#[hook]
pub(super) fn use_labels() -> Rc<Labels> {
    let ui = use_ui();
    let labels = use_memo(ui.locale, |locale| {
        let messages = locale.messages();
        Labels {
            copy: messages.md_copy.into(),
            copied: messages.copied.into(),
            copy_failed: messages.copy_failed.into(),
            code: messages.md_code.into(),
            table: messages.md_table.into(),
            load_image: messages.md_load_image.into(),
            image_from: messages.md_image_from.into(),
            image_failed: messages.md_image_failed.into(),
            footnotes: messages.md_footnotes.into(),
            footnote_back: messages.md_footnote_back.into(),
            task_done: messages.md_task_done.into(),
            task_open: messages.md_task_open.into(),
            truncated: messages.md_truncated.into(),
        }
    });
    labels
}
