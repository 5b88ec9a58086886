//! What makes an answer richer but is too large for the page's first load: colours for code and formulas for TeX.
//!
//! ```text
//! page (markdown/src/rich)                         worker (main.rs)
//!   wire::Request  ── bytes, postMessage ──▶  engine ── code: syntect, a state per code block, new lines only
//!   wire::Response ◀───────────────────────             math: pulldown-latex → MathML → a tree of allowed elements
//! ```
//!
//! The page links [`wire`] and [`Language`] alone, which need no other package; the feature `engine` brings the rest.
//!
//! # Invariants
//!
//! - Spans cover the text that was sent, in order and to its last byte; they say nothing but how long they are and what
//!   they are. The text itself never comes back.
//! - Of MathML only [`wire::ELEMENTS`] and [`wire::ATTRIBUTES`] can be said on the wire: no link, no style, no script.
//! - Whatever a text contains, the work on it is bounded: see the limits in `code` and `math`.

#[cfg(feature = "engine")]
mod code;
#[cfg(feature = "engine")]
mod engine;
#[cfg(all(test, feature = "engine"))]
mod grammars;
mod language;
#[cfg(feature = "engine")]
mod math;
#[cfg(feature = "engine")]
mod scopes;
pub mod wire;

#[cfg(feature = "engine")]
pub use code::{MAX_BLOCKS, MAX_LINE, MAX_TIME};
#[cfg(feature = "engine")]
pub use engine::Engine;
pub use language::Language;
#[cfg(feature = "engine")]
pub use math::{MAX_DEPTH, MAX_OUTPUT, MAX_SOURCE};
