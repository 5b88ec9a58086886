//! The laws of a growing document.

#![cfg(not(target_arch = "wasm32"))]

use std::rc::Rc;

use aicon_markdown::{Document, PARSE_CREDIT};
use proptest::prelude::*;

fn streamed(chunks: &[&str]) -> Document {
    let mut document = Document::new();
    for chunk in chunks {
        document.push(chunk);
    }
    document
}

fn same_blocks(a: &Document, b: &Document) -> bool {
    a.blocks()
        .map(|block| &**block)
        .eq(b.blocks().map(|block| &**block))
}

/// Text made of what markdown reacts to.
fn markdown() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n"),
        Just("\n\n"),
        Just("\r\n"),
        Just(" "),
        Just("    "),
        Just("- "),
        Just("* "),
        Just("1. "),
        Just("> "),
        Just("```"),
        Just("`"),
        Just("~~~\n"),
        Just("**"),
        Just("_"),
        Just("~~"),
        Just("# "),
        Just("==="),
        Just("---"),
        Just("| a | b |\n"),
        Just("|---|:-:|\n"),
        Just("[x]"),
        Just("[x]: https://e.com\n"),
        Just("[^1]"),
        Just("[^1]: "),
        Just("![i]("),
        Just("https://e.com"),
        Just(")"),
        Just("<div>"),
        Just("<!--"),
        Just("&amp;"),
        Just("\\"),
        Just("가나"),
        Just("😀"),
        Just("[ ] "),
        Just("[x] "),
        Just("word"),
        Just("\t"),
        Just("\u{202e}"),
        Just("\0"),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Cuts `text` at character boundaries into pieces of the given sizes, cyclically.
fn cut<'a>(mut text: &'a str, sizes: &[usize]) -> Vec<&'a str> {
    let mut chunks = Vec::new();
    for size in sizes.iter().cycle() {
        if text.is_empty() {
            break;
        }
        let end = text
            .char_indices()
            .nth(*size)
            .map_or(text.len(), |(i, _)| i);
        let (chunk, rest) = text.split_at(end);
        chunks.push(chunk);
        text = rest;
    }
    chunks
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_chunking_ends_in_the_blocks_of_one_parse(
        text in prop_oneof![markdown(), any::<String>()],
        sizes in prop::collection::vec(1_usize..12, 1..8),
    ) {
        let mut document = streamed(&cut(&text, &sizes));
        prop_assert_eq!(document.text(), &text);
        prop_assert!(document.bytes_parsed() <= PARSE_CREDIT * text.len());
        document.finish();
        prop_assert_eq!(document.text(), &text);
        prop_assert!(same_blocks(&document, &Document::from_text(&text)));
        prop_assert!(document.bytes_parsed() <= (PARSE_CREDIT + 1) * text.len());
        let keys: Vec<_> = document.blocks().map(|block| block.key()).collect();
        prop_assert_eq!(keys, (0..document.blocks().count()).collect::<Vec<_>>());
    }
}

#[test]
fn a_finished_block_stays_the_same_object() {
    let mut document = streamed(&["first\n\n", "second\n\n", "third"]);
    let first = Rc::clone(document.blocks().next().expect("a block"));
    document.push(" grows\n\nfourth\n\n");
    document.finish();
    assert!(Rc::ptr_eq(
        &first,
        document.blocks().next().expect("a block")
    ));
    assert_eq!(document.blocks().count(), 4);
}

#[test]
fn a_clone_is_equal_until_one_of_them_grows() {
    let mut document = streamed(&["text"]);
    let clone = document.clone();
    assert_eq!(document, clone);
    document.push("!");
    assert_ne!(document, clone);
    assert_eq!(clone.text(), "text");
    assert_ne!(
        Document::from_text("text"),
        Document::from_text("text"),
        "two documents, two sets of anchors"
    );
}

#[test]
fn paragraphs_cost_little_because_they_freeze() {
    let text = "A sentence of some words, **bold** and plain.\n\n".repeat(4_000);
    let document = streamed(&cut(&text, &[64]));
    assert!(
        document.bytes_parsed() <= 4 * text.len(),
        "{} of {}",
        document.bytes_parsed(),
        text.len()
    );
}

#[test]
fn one_long_line_in_tiny_pushes_is_not_quadratic() {
    let text = "긴 줄 word ".repeat(5_000_000 / 12);
    let mut document = streamed(&cut(&text, &[7]));
    assert!(document.bytes_parsed() <= PARSE_CREDIT * text.len());
    document.finish();
    assert!(document.bytes_parsed() <= (PARSE_CREDIT + 1) * text.len());
    assert_eq!(document.text(), text);
    assert_eq!(document.blocks().count(), 1);
}

#[test]
fn definitions_that_come_later_are_found_at_the_end() {
    let text = "see [x] and [^1]\n\nmore\n\n[x]: https://example.com\n\n[^1]: note\n";
    let mut document = streamed(&cut(text, &[5]));
    let before = Rc::clone(document.blocks().next().expect("a block"));
    document.finish();
    assert_ne!(&*before, &**document.blocks().next().expect("a block"));
    assert!(same_blocks(&document, &Document::from_text(text)));
}
