//! Markdown for an answer that is still being written: growing text becomes stable blocks and an open tail, and those
//! become Yew nodes.
//!
//! ```text
//! push(delta) → Document ── tree (pulldown-cmark events → owned nodes) ── Block … Block | open tail | pending text
//!                                    └ link, autolink (what may be clicked)          │
//!                                                         <Markdown> ── view ────────┘  one memoised part per block
//! ```
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
//! Deliberately absent: raw HTML (it is shown as text), `innerHTML`, any request that the reader did not ask for (images
//! load on click), and any language (see [`Labels`]).
//!
//! What untrusted text can cost is capped: see [`MAX_DEPTH`], [`MAX_COLUMNS`], [`MAX_FOOTNOTES`] and the cost law at
//! [`Document::push`].

mod autolink;
mod block;
mod document;
mod footnote;
mod link;
mod tree;
mod view;

pub use block::Block;
pub use document::{Document, PARSE_CREDIT};
pub use footnote::MAX_FOOTNOTES;
pub use link::Link;
pub use tree::{MAX_COLUMNS, MAX_DEPTH};
pub use view::{Labels, Markdown, MarkdownProps, long_text};
