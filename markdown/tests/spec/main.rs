//! The examples of CommonMark and of GitHub Flavored Markdown: what a reader gets of them, whole and cut anywhere.

#![cfg(not(target_arch = "wasm32"))]

mod differences;
mod dom;
mod raw;
#[path = "../support/mod.rs"]
mod support;

use aicon_corpora::{
    documents,
    examples::{self, Example},
    is_long,
};
use aicon_markdown::{Document, PARSE_LIMIT};

use self::{differences::DIFFERENCES, support::html_of};

fn all() -> Vec<Example> {
    let mut all = examples::commonmark();
    all.extend(examples::gfm());
    all
}

/// What a reader gets, and what the example wants.
fn both(example: &Example) -> (String, String) {
    let html = html_of(&[&example.markdown], true).replace("<br></br>", "<br>");
    let wanted = raw::as_text(&example.markdown, &example.html);
    (dom::shown(&html), dom::expected(&wanted))
}

#[test]
fn every_example_shows_what_its_specification_says_or_stands_in_the_list_of_differences() {
    let mut wrong = String::new();
    let mut count = 0;
    for example in all() {
        let name = example.name.as_str();
        let reason = DIFFERENCES.iter().find(|(listed, _)| *listed == name);
        let (ours, expected) = both(&example);
        match (ours == expected, reason) {
            (true, None) | (false, Some(_)) => continue,
            (true, Some((_, reason))) => {
                wrong.push_str(&format!("{name}: no longer different ({reason})\n"));
            }
            (false, None) => wrong.push_str(&format!(
                "{name}\n{}\n--- ours\n{ours}--- expected\n{expected}=====\n",
                example.markdown
            )),
        }
        count += 1;
    }
    assert!(count == 0, "{count} of them\n{wrong}");
}

#[test]
fn each_difference_is_one_of_an_example() {
    let all = all();
    for (name, _) in DIFFERENCES {
        let named = all.iter().filter(|example| example.name == *name);
        assert_eq!(named.count(), 1, "{name}");
    }
}

/// Ends as the whole does, and costs what it may.
fn check(name: &str, chunks: &[&str], whole: &Document) {
    let mut document = Document::new();
    for chunk in chunks {
        document.push(chunk);
    }
    document.finish();
    let is_same = document.blocks().eq(whole.blocks());
    assert!(is_same, "{name} in the pieces {chunks:?}");
    let limit = PARSE_LIMIT * whole.text().len();
    let parsed = document.bytes_parsed();
    assert!(parsed <= limit, "{name}: {parsed} bytes, at most {limit}");
}

/// In two pieces, cut at each character, and character by character.
fn check_every_cut(name: &str, text: &str) {
    let whole = Document::from_text(text);
    let cuts: Vec<usize> = text.char_indices().map(|(at, _)| at).skip(1).collect();
    for at in &cuts {
        check(name, &[&text[..*at], &text[*at..]], &whole);
    }
    let mut rest = text;
    let characters = std::iter::from_fn(|| {
        let end = rest.chars().next()?.len_utf8();
        let (character, after) = rest.split_at(end);
        rest = after;
        Some(character)
    });
    check(name, &characters.collect::<Vec<_>>(), &whole);
}

#[test]
fn an_example_cut_anywhere_ends_as_the_whole() {
    for example in all() {
        check_every_cut(&example.name, &example.markdown);
    }
}

/// In pieces of one to sixteen characters.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    for size in (1..=16).cycle() {
        let end = rest.char_indices().nth(size).map(|(at, _)| at);
        let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
        pieces.push(piece);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    pieces
}

#[test]
fn the_specification_as_one_text_ends_as_the_whole_and_costs_what_it_may() {
    for examples in [examples::commonmark(), examples::gfm()] {
        let parts = examples.iter().map(|example| {
            let Example {
                name,
                markdown,
                html,
            } = example;
            format!("# {name}\n\n{markdown}\n\n~~~ html\n{html}\n~~~\n\n")
        });
        let text: String = parts.collect();
        let whole = Document::from_text(&text);
        check(&examples[0].name, &pieces(&text), &whole);
    }
}

/// How often a long run cuts a read-me file in two: it is read again for each cut.
const CUTS: usize = 30;

#[test]
fn what_people_wrote_ends_as_the_whole_and_costs_what_it_may() {
    for (name, text) in documents::read_me_files() {
        let whole = Document::from_text(&text);
        check(&name, &pieces(&text), &whole);
        if is_long() {
            let cuts = text.char_indices().map(|(at, _)| at);
            for at in cuts.step_by(1 + text.len() / CUTS).skip(1) {
                check(&name, &[&text[..at], &text[at..]], &whole);
            }
        }
    }
}
