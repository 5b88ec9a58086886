//! The laws of a growing document, for texts that nobody wrote.
//!
//! | room | holds |
//! | --- | --- |
//! | [`laws`] | what holds for any text in any cut |
//! | [`input`] | the bytes of a fuzzer as a text and its cuts |
//! | `page` | what the document's HTML may hold |
//!
//! `src/bin/splitter.rs` is the target of libFuzzer, which keeps and changes the inputs that reach code no other has reached;
//! `examples/seeds.rs` writes what it begins with. `cargo xtask test --only fuzz` builds both for the stable compiler and runs
//! them: so many inputs from a fixed seed, or with `--long` for some minutes.

pub mod input;
pub mod laws;
mod page;
