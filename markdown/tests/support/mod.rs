//! What the tests of the rendered HTML share.

use std::rc::Rc;

use aicon_markdown::{Document, Labels, Markdown, MarkdownProps};
use yew::{Callback, ServerRenderer};

/// The HTML of a document that came in these pieces, rendered by Yew on the host without the hydration comments and
/// without the elements around its blocks.
pub(crate) fn html_of(chunks: &[&str], finish: bool) -> String {
    html_at(0, chunks, finish)
}

/// Like that, with headings that begin below this level.
pub(crate) fn html_at(level: u8, chunks: &[&str], finish: bool) -> String {
    let chunks: Vec<String> = chunks.iter().copied().map(str::to_owned).collect();
    let render = async move {
        ServerRenderer::<Markdown>::with_props(move || {
            let mut document = Document::new();
            for chunk in &chunks {
                document.push(chunk);
            }
            if finish {
                document.finish();
            }
            MarkdownProps {
                enricher: None,
                document,
                labels: Rc::new(Labels::default()),
                onlink: Callback::noop(),
                level,
            }
        })
        .hydratable(false)
        .render()
        .await
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let html = tokio::task::LocalSet::new().block_on(&runtime, render);
    let inner = html
        .strip_prefix("<div class=\"md\">")
        .and_then(|html| html.strip_suffix("</div>"));
    let inner = inner.unwrap_or_else(|| panic!("not one element of class md: {html}"));
    without_groups(inner)
}

/// The blocks without the elements that group them.
fn without_groups(html: &str) -> String {
    const GROUP: &str = "<div class=\"md-group\">";
    let Some(blocks) = html.strip_prefix(GROUP) else {
        return html.to_owned();
    };
    let blocks = blocks.replace(&["</div>", GROUP].concat(), "");
    let notes = blocks.rfind("<section ").unwrap_or(blocks.len());
    let (blocks, notes) = blocks.split_at(notes);
    let blocks = blocks.strip_suffix("</div>").expect("the last group ends");
    [blocks, notes].concat()
}
