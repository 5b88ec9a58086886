//! Blocks to Yew nodes.
//!
//! Each visitor pays for every component type, listener type and `html!` element of this module, so there are two component
//! types, one listener type ([`action::On`]) and one function that makes elements ([`tag::tag`]).

mod action;
mod clipboard;
mod colour;
mod direction;
mod formula;
mod labels;
mod node;
mod painter;
mod part;
mod tag;
mod widget;

use std::rc::Rc;

pub use clipboard::copy;
pub use labels::Labels;
pub use tag::long_text;
use yew::{AttrValue, Callback, Component, Context, Html, Properties, virtual_dom::VNode};

use self::{
    part::{Shared, Shown, block_part, part},
    tag::{keyed, list, plain, tag, with},
};
use crate::{document::Document, enricher::Enricher, link::Link, pace::Pace};

/// So many top-level blocks are one component for their parent: a document of n blocks costs n / 32 per push.
const GROUP: usize = 32;

/// What [`Markdown`] shows and says.
#[derive(Clone, Debug, Properties)]
pub struct MarkdownProps {
    /// The text.
    pub document: Document,
    /// Words in the reader's language. Keep one `Rc`: another one renders all blocks again.
    pub labels: Rc<Labels>,
    /// The reader activated a foreign link; nothing else happened: ask, then open. Keep one callback: a new one renders all
    /// blocks again.
    pub onlink: Callback<Link>,
    /// Level of the heading under which the text stands, 0 for none: the text's `#` is one level below, its `######` and
    /// what would be below 6 are level 6. The looks stay those of the text's own levels.
    #[prop_or_default]
    pub level: u8,
    /// Colours code and sets formulas, which are plain text without it.
    #[prop_or_default]
    pub enricher: Option<Enricher>,
}

/// Compares labels and callback by pointer.
impl PartialEq for MarkdownProps {
    fn eq(&self, other: &Self) -> bool {
        self.document == other.document
            && Rc::ptr_eq(&self.labels, &other.labels)
            && self.onlink == other.onlink
            && self.level == other.level
            && self.enricher == other.enricher
    }
}

/// Shows a document inside one element of class `md`; blocks that did not change are skipped.
#[derive(Debug)]
pub struct Markdown {
    shared: Rc<Shared>,
    pace: Pace,
}

impl Component for Markdown {
    type Message = ();
    type Properties = MarkdownProps;

    fn create(ctx: &Context<Self>) -> Self {
        let shared = Shared::new(ctx.props());
        let pace = Pace::of(ctx.props().document.text().len());
        Self { shared, pace }
    }

    fn changed(&mut self, ctx: &Context<Self>, _: &MarkdownProps) -> bool {
        let props = ctx.props();
        if !self.shared.serves(props) {
            self.shared = Shared::new(props);
        }
        if let Some(enricher) = &props.enricher {
            let length = props.document.text().len();
            if self.pace.is_unreadable(length, js_sys::Date::now()) {
                enricher.rush();
            }
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let document = &ctx.props().document;
        let mut body = Vec::with_capacity(document.blocks().len());
        // By number, because footnotes are numbered in the order of their references and defined in any.
        let mut notes: Vec<Vec<VNode>> = Vec::new();
        for block in document.blocks() {
            let Some(number) = block.footnote() else {
                body.push(Rc::clone(block));
                continue;
            };
            while notes.len() < number as usize {
                notes.push(Vec::new());
            }
            if let Some(same) = notes.get_mut(number as usize - 1) {
                same.push(block_part(&self.shared, block));
            }
        }
        let groups = body.chunks(GROUP).enumerate().map(|(place, blocks)| {
            let blocks = Shown::Blocks(blocks.into());
            part(&self.shared, blocks, place)
        });
        let body = list(groups.collect());
        // Each keyed: a sibling that comes or goes would make the diff take one for the other.
        let mut parts = vec![keyed(0, body)];
        if !notes.is_empty() {
            let notes = list(notes.into_iter().flatten().collect());
            let label = &ctx.props().labels.footnotes;
            let section = with(
                "section",
                &["aria-label", "class"],
                [Some(label), Some(&AttrValue::Static("md-footnotes"))],
                plain("ol", notes),
            );
            parts.push(keyed(1, section));
        }
        tag("div", "md", list(parts))
    }
}
