use std::rc::Rc;

use aicon_markdown::{Document, Enricher, Labels, Link, Markdown};
use yew::prelude::*;

use crate::auth::Auth;
use crate::config::Config;
use crate::i18n::{Locale, Messages};
use crate::route::Route;
use crate::state::commands::Commands;

/// What everything shown may know of the reader, and how it speaks up. Cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Ui {
    /// The reader's language.
    pub locale: Locale,
    /// The words that rendered markdown needs.
    pub labels: Rc<Labels>,
    /// Goes to a place.
    pub go: Callback<Route>,
    /// Changes the language.
    pub set_locale: Callback<Locale>,
    /// A link in rendered markdown was clicked: asks before it leads away (promise S11).
    pub ask_link: Callback<Link>,
    /// Colours code and sets formulas.
    pub enricher: Enricher,
}

impl Ui {
    /// All texts in the reader's language.
    pub fn messages(&self) -> &'static Messages {
        self.locale.messages()
    }

    /// The same reader with another language.
    pub fn with_locale(&self, locale: Locale) -> Self {
        Self {
            locale,
            labels: labels(locale),
            ..self.clone()
        }
    }

    /// Renders markdown that stands under a heading of this level: its own headings are below it.
    pub(super) fn markdown(&self, document: Document, level: u8) -> Html {
        html! { <Markdown {document} {level} labels={self.labels.clone()} onlink={self.ask_link.clone()} enricher={self.enricher.clone()} /> }
    }
}

/// The running app, once the config is there. Cheap to clone and to compare: there is one, until the page goes.
#[derive(Clone)]
pub struct App {
    /// What the provider decided.
    pub config: Rc<Config>,
    /// The session.
    pub auth: Auth,
    /// What can be asked for.
    pub commands: Commands,
}

impl PartialEq for App {
    fn eq(&self, other: &Self) -> bool {
        self.commands == other.commands
    }
}

/// See [`Ui::labels`].
pub fn labels(locale: Locale) -> Rc<Labels> {
    let messages = locale.messages();
    Rc::new(Labels {
        copy: messages.md_copy.into(),
        wrap: messages.md_wrap.into(),
        copy_table: messages.md_copy_table.into(),
        heading_link: messages.md_heading_link.into(),
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
    })
}
