//! Markdown for an answer that is still being written: growing text becomes frozen blocks and open ones, and those become
//! Yew nodes.
//!
//! ```text
//!                 line by line                      character by character             once per piece
//! push(delta) → Document ── parser (containers) ── leaf ── flow (running text) ── inline (pulldown-cmark → nodes)
//!                  │           └ scan, html, row               └ spans, preview         └ guard, build, link, autolink
//!                  ├ resolve: references that are defined later
//!                  ↓
//!            Block … Block | open blocks ── <Markdown> ── view: one memoised part per block and per 32 children
//!                  └ rich, text: HTML and tab-separated values for the clipboard, text to be read out
//! ```
//!
//! # How it costs O(n)
//!
//! - **Blocks** are read by a parser of our own, each line once (CommonMark 0.31's container algorithm, GFM tables, task lists
//!   and footnotes). A line settles what it ends: an item, a row, a line of code is frozen although its list, table or
//!   fence goes on. A line of which only the beginning is there is read as soon as nothing that follows can make it anything
//!   but text; before that it is shown by a copy of the parser that is thrown away.
//! - **Running text** without marks needs no parser. From the word on in which a mark stands, text waits until all spans that
//!   it began have ended (`spans`), and goes to pulldown-cmark once. Meanwhile `preview` shows it.
//! - **References** are looked up by us, so that pulldown-cmark never needs the document. A piece that names an undefined
//!   label keeps its source; a definition has the pieces that name its label parsed again, and no others.
//! - **Children** are shared, and those behind the first 32 stand in runs of 32: a list of n items costs n / 32 per push.
//!
//! # Invariants
//!
//! - The blocks of a finished document depend on its text alone, never on how it was cut: whatever decides where text is
//!   settled reads it from left to right.
//! - They are those of one parse by pulldown-cmark, apart from what `oracle` (a test) lists, emphasis next to Korean
//!   letters (`flanking`), and the caps.
//! - Bytes parsed ≤ [`PARSE_LIMIT`] × bytes received, for any text in any cut.
//! - A frozen block stays the same object until a label that it names is defined. Footnotes are numbered in the order in which
//!   their labels are met, so that no number ever changes.
//! - While text may follow, marks that are open are shown as closed, and the beginnings of marks are left out.
//!
//! ```
//! use aicon_markdown::Document;
//!
//! let mut document = Document::new();
//! for delta in ["# Ti", "tle\n\nSome *te", "xt*\n\n- an", " item"] {
//!     document.push(delta);
//! }
//! document.finish();
//! assert_eq!(document.blocks().count(), 3);
//! assert_eq!(document.text(), "# Title\n\nSome *text*\n\n- an item");
//! ```
//!
//! # What untrusted text cannot do
//!
//! - Nodes come from the parser's events alone. A link is http, https or mailto by a browser's reading of it ([`Link::judge`]), its
//!   host shown so that it cannot pass for another one (`host`), and beside a text that names another one (`claim`).
//! - What reorders text stands in a box of its own, named (`view::direction`).
//! - A heading's ID has a prefix and the document's number: it takes no name of the page.
//!
//! Deliberately absent: raw HTML (it is shown as text), `innerHTML`, any request that the reader did not ask for (images
//! load on click), and any language (see [`Labels`]).
//!
//! What untrusted text can cost is capped: see [`MAX_DEPTH`], [`MAX_COLUMNS`], [`MAX_FOOTNOTES`], [`MAX_SPAN`] and the cost
//! law at [`Document::push`].

mod autolink;
mod block;
mod build;
mod claim;
mod container;
mod cursor;
mod document;
mod enricher;
mod flanking;
mod flow;
mod footnote;
mod guard;
mod host;
mod html;
mod inline;
mod leaf;
mod link;
mod math;
mod math_block;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod oracle;
mod pace;
mod paragraph;
mod parser;
mod preview;
mod resolve;
mod rich;
mod row;
mod scan;
mod siblings;
mod sight;
mod spans;
mod table;
mod text;
mod view;

pub use block::Block;
pub use document::{Document, PARSE_LIMIT};
pub use enricher::Enricher;
pub use flow::MAX_SPAN;
pub use footnote::MAX_FOOTNOTES;
pub use link::Link;
pub use parser::MAX_DEPTH;
pub use table::MAX_COLUMNS;
pub use view::{Labels, Markdown, MarkdownProps, copy, long_text};
