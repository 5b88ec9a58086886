//! The laws of a growing document.

#![cfg(not(target_arch = "wasm32"))]

use std::rc::Rc;

use aicon_markdown::{Block, Document, PARSE_LIMIT};
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
    let piece = prop::sample::select(vec![
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        " ",
        "  ",
        "    ",
        "- ",
        "* ",
        "-",
        "*",
        "1. ",
        "2) ",
        "1",
        ".",
        "> ",
        ">",
        "```",
        "`",
        "~~~\n",
        "~~~",
        "**",
        "***",
        "_",
        "__",
        "~~",
        "# ",
        "#",
        "===",
        "=",
        "---",
        "| a | b |\n",
        "|---|:-:|\n",
        "|--",
        "|",
        "[x]",
        "[x]: https://e.com\n",
        "[X]",
        "[X]: https://e.com/X\n",
        "[^N]",
        "[^n]: ",
        "[x]:",
        "[^1]",
        "[^1]: ",
        "[^",
        "[",
        "]",
        "![i](",
        "![",
        "https://e.com",
        "(",
        ")",
        "<div>",
        "<!--",
        "-->",
        "<",
        ">",
        "&amp;",
        "&",
        "\\",
        "가나",
        "😀",
        "[ ] ",
        "[x] ",
        "word",
        "a",
        "\t",
        "\u{202e}",
        "\0",
        "\"",
        "'",
        ":",
        "!",
        "$",
        "$",
        "$$",
        "$$\n",
        "$x$",
        "$5",
        "\\(",
        "\\)",
        "\\[",
        "\\[\n",
        "\\]",
        "^2",
    ]);
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

fn check(text: &str, sizes: &[usize]) -> Result<(), TestCaseError> {
    let mut document = streamed(&cut(text, sizes));
    prop_assert_eq!(document.text(), text);
    let within = |document: &Document| document.bytes_parsed() <= PARSE_LIMIT * text.len();
    prop_assert!(
        within(&document),
        "{} of {}",
        document.bytes_parsed(),
        text.len()
    );
    document.finish();
    prop_assert_eq!(document.text(), text);
    let whole = Document::from_text(text);
    prop_assert!(same_blocks(&document, &whole), "{document:#?}\n{whole:#?}");
    prop_assert!(
        within(&document),
        "{} of {}",
        document.bytes_parsed(),
        text.len()
    );
    let keys: Vec<_> = document.blocks().map(|block| block.key()).collect();
    prop_assert_eq!(keys, (0..document.blocks().count()).collect::<Vec<_>>());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn any_chunking_ends_in_the_blocks_of_the_whole_text(
        text in prop_oneof![4 => markdown(), 1 => any::<String>()],
        sizes in prop::collection::vec(1_usize..12, 1..8),
    ) {
        check(&text, &sizes)?;
    }

    #[test]
    fn a_frozen_block_stays_the_same_object_unless_a_definition_comes(
        text in markdown().prop_filter("definitions", |text| !text.contains("]:")),
        sizes in prop::collection::vec(1_usize..12, 1..8),
    ) {
        let mut document = Document::new();
        let mut seen: Vec<Rc<Block>> = Vec::new();
        for chunk in cut(&text, &sizes) {
            document.push(chunk);
            let frozen = document.frozen();
            prop_assert!(frozen >= seen.len(), "what is frozen stays so");
            for (block, seen) in document.blocks().zip(&seen) {
                prop_assert!(Rc::ptr_eq(block, seen));
            }
            seen = document.blocks().take(frozen).cloned().collect();
        }
    }
}

/// Texts of the kinds that answers have.
fn fixtures() -> Vec<(&'static str, String)> {
    let answer = include_str!("answer.md").to_owned();
    let items: String = (0..10_000)
        .map(|i| format!("- item **{i}** with `code` and a [link](https://e.com/{i})\n"))
        .collect();
    let rows: String = (0..10_000)
        .map(|i| format!("| {i} | **셀** | `x` |\n"))
        .collect();
    let references: String = (0..2_000)
        .map(|i| format!("see [l{i}] and [^{}] here\n\n", i % 300))
        .chain((0..2_000).map(|i| format!("[l{i}]: https://e.com/{i}\n")))
        .chain((0..300).map(|i| format!("\n[^{i}]: note\n")))
        .collect();
    let long = "긴 문단 with *some* **marks** and `code`, ";
    vec![
        ("answer", answer),
        ("items", items),
        (
            "loose items",
            (0..5_000)
                .map(|i| format!("{i}. a\n\n   b **c**\n\n"))
                .collect(),
        ),
        ("rows", format!("| a | b | c |\n|---|:-:|--:|\n{rows}")),
        ("paragraph", long.repeat(1_000_000 / long.len())),
        (
            "paragraph with a lonely star",
            "*".to_owned() + &"word ".repeat(200_000),
        ),
        (
            "paragraph of lines",
            "some words of a line\nand *more*\n".repeat(30_000),
        ),
        (
            "fence",
            format!("```rust\n{}", "let x = 1; // 값\n".repeat(50_000)),
        ),
        (
            "closed fence",
            format!("```\n{}```\nend\n", "line\n".repeat(200_000)),
        ),
        ("brackets", "[".repeat(100_000)),
        ("bracket pairs", "[".repeat(50_000) + &"]".repeat(50_000)),
        ("quotes", ">".repeat(10_000) + " deep"),
        ("quoted lines", "> quoted **text** here\n".repeat(20_000)),
        (
            "nested lists",
            (0..200)
                .map(|i| format!("{}- x\n", "  ".repeat(i)))
                .collect(),
        ),
        ("list markers", "- ".repeat(5_000)),
        ("emphasis", "*a ".repeat(20_000) + &" a*".repeat(20_000)),
        ("backticks", "` `` ".repeat(20_000)),
        ("angles", "<a ".repeat(30_000)),
        (
            "html",
            "<div>\n".to_owned() + &"<p>text</p>\n".repeat(20_000),
        ),
        (
            "html lines",
            "a\n".to_owned() + &"<b>text</b>\n".repeat(20_000),
        ),
        ("references", references),
        ("definitions", "[a]: https://e.com\n".repeat(20_000)),
        ("headings", "# title **bold**\n".repeat(10_000)),
        (
            "blank lines",
            "- a\n".to_owned() + &"\n".repeat(100_000) + "- b",
        ),
        ("entities", "&amp;".repeat(50_000)),
        ("backslashes", "\\".repeat(100_000)),
        ("dollars", "$".repeat(100_000)),
        ("money", "it costs $5 and ".repeat(10_000)),
        (
            "formulas",
            "the value $x_i^2$ of \\(y\\) and ".repeat(10_000),
        ),
        (
            "formulas in lines of their own",
            "text\n$$\nx = 1\n$$\n\\[\ny\n\\]\n".repeat(5_000),
        ),
        ("formulas without an end", "$$ \\x\ny\n".repeat(10_000)),
        (
            "formulas of blanks",
            "\\(".repeat(20_000) + &"\\[ ".repeat(20_000),
        ),
    ]
}

#[test]
fn fixtures_cost_at_most_the_limit_and_end_as_one_parse() {
    for (name, text) in fixtures() {
        // In deltas of 4 to 16 characters, or in some thousand.
        let size = 4.max(text.len() / 1_500);
        let mut document = streamed(&cut(&text, &[size, 4 * size, 2 * size, 3 * size]));
        let while_open = document.bytes_parsed();
        document.finish();
        let limit = PARSE_LIMIT * text.len();
        assert!(
            document.bytes_parsed() <= limit,
            "{name}: {while_open}, {} of {}",
            document.bytes_parsed(),
            text.len()
        );
        assert!(
            same_blocks(&document, &Document::from_text(&text)),
            "{name}"
        );
    }
}

#[test]
fn an_answer_cut_anywhere_ends_as_one_parse() {
    let text = include_str!("answer.md");
    let whole = Document::from_text(text);
    for (cut, _) in text.char_indices() {
        let mut document = streamed(&[&text[..cut], &text[cut..]]);
        document.finish();
        assert!(same_blocks(&document, &whole), "cut at {cut}");
    }
    let mut document = streamed(&cut(text, &[1]));
    document.finish();
    assert!(same_blocks(&document, &whole));
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
fn a_finished_document_can_go_on() {
    let (start, end) = (
        "see [x] and [^1]\n\n- a **b",
        "** c\n- d\n\n[x]: https://e.com\n\n[^1]: note",
    );
    let mut document = streamed(&[start]);
    document.finish();
    document.push(end);
    document.finish();
    assert!(same_blocks(
        &document,
        &Document::from_text(&(start.to_owned() + end))
    ));
}

#[test]
fn a_label_may_be_a_link_s_and_a_footnote_s() {
    for text in [
        "[^o]\n\n[^o\n]: https://e.com\nt",
        "[a][^o] [^o]\n\n[^o]: note\n\n[^o\n]: https://e.com\n\nt",
        "[a][^o] [^o]\n\n[^o\n]: https://e.com\n\nt\n\n[^o]: note",
    ] {
        for size in 1..text.len() {
            check(text, &[size]).unwrap_or_else(|error| panic!("{size}: {error}"));
        }
    }
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
fn definitions_that_come_later_are_found_when_they_come_in_any_case_of_letters() {
    let text = "see [Straẞe]\n\nmore\n\n[STRASSE]: https://example.com\n\n";
    let mut document = streamed(&cut(text, &[5]));
    assert!(
        same_blocks(&document, &Document::from_text(text)),
        "before the end"
    );
    let linked = Rc::clone(document.blocks().next().expect("a block"));
    document.push("end");
    document.finish();
    assert!(Rc::ptr_eq(
        &linked,
        document.blocks().next().expect("a block")
    ));
}
