//! Blocks to Yew nodes.

mod block;
mod code;
mod image;
mod labels;
mod link;

use std::rc::Rc;

pub use labels::Labels;
use yew::{AttrValue, Callback, ContextProvider, Html, Properties, component, html, use_context};

use self::block::BlockView;
use crate::{block::Block, document::Document, link::Link};

/// What [`Markdown`] shows and says.
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct MarkdownProps {
    /// The text.
    pub document: Document,
    /// Words in the reader's language. Keep one `Rc`: equal ones are compared word by word.
    pub labels: Rc<Labels>,
    /// The reader activated a foreign link; nothing else happened: ask, then open. Keep one callback: a new one renders all
    /// blocks again.
    pub onlink: Callback<Link>,
}

/// Shows a document inside one element of class `md`; blocks that did not change are skipped.
#[component]
pub fn Markdown(props: &MarkdownProps) -> Html {
    let MarkdownProps {
        document,
        labels,
        onlink,
    } = props;
    let last = document.blocks().last().map_or(0, |block| block.key());
    let view = |block: &Rc<Block>| {
        let open = document.is_open() && block.key() == last;
        html! {
            <BlockView key={block.key()} block={BlockRef(Rc::clone(block))} {open}
                document={document.id()} {labels} {onlink} />
        }
    };
    // A list of its own: one without a key among its siblings would make the diff ignore all keys.
    let body: Html = document
        .blocks()
        .filter(|block| block.footnote().is_none())
        .map(view)
        .collect();
    let mut notes: Vec<_> = document
        .blocks()
        .filter(|block| block.footnote().is_some())
        .collect();
    notes.sort_by_key(|block| block.footnote());
    let nothing_parsed = document.is_open() && document.blocks().next().is_none();
    html! {
        <ContextProvider<Pending> context={Pending(AttrValue::from(document.pending().to_owned()))}>
            <div class="md">
                { body }
                if nothing_parsed {
                    <p key="pending" class="md-pending"><PendingText /></p>
                }
                if !notes.is_empty() {
                    <section key="footnotes" class="md-footnotes" aria-label={&labels.footnotes}>
                        <ol>{ for notes.into_iter().map(view) }</ol>
                    </section>
                }
            </div>
        </ContextProvider<Pending>>
    }
}

/// Compares by pointer: a block never changes.
#[derive(Clone, Debug)]
struct BlockRef(Rc<Block>);

impl PartialEq for BlockRef {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Text that is not parsed yet. A context, so that it reaches the end of the open block without rendering that block.
#[derive(Clone, Debug, PartialEq)]
struct Pending(AttrValue);

#[component]
fn PendingText() -> Html {
    let text = use_context::<Pending>()
        .map(|Pending(text)| text)
        .unwrap_or_default();
    html! { {text} }
}
