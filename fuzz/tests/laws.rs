//! The laws on parts of real texts put together by chance: what the fuzzer does, without its engine.

use aicon_corpora::{attacks, documents, examples};
use aicon_fuzz::{input::Input, laws};
use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{RngSeed, TestRunner},
};

/// Texts of which parts are taken.
fn texts() -> Vec<String> {
    let examples = [examples::commonmark(), examples::gfm()].concat();
    let mut texts: Vec<String> = examples.into_iter().map(|one| one.markdown).collect();
    texts.extend(attacks::payloads());
    texts.extend(documents::read_me_files().into_iter().map(|file| file.1));
    texts
}

/// From one place of a text to another, at most so many bytes.
fn part(text: &str, from: Index, length: usize) -> &str {
    if text.is_empty() {
        return text;
    }
    let from = text.floor_char_boundary(from.index(text.len()));
    &text[from..text.floor_char_boundary(from + length)]
}

#[test]
fn parts_of_texts_put_together_obey_the_laws() {
    let texts = texts();
    let one = (any::<Index>(), any::<Index>(), 1_usize..400);
    let gap = prop::sample::select(vec![
        "", "", "\n", "\n\n", "> ", "- ", "\n    ", "\r\n", "| ",
    ]);
    let parts = prop::collection::vec((one, gap), 1..6);
    let sizes = prop::collection::vec(1_usize..24, 1..4);
    let cases = if aicon_corpora::is_long() {
        60_000
    } else {
        1_500
    };
    let config = ProptestConfig {
        failure_persistence: None,
        cases,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    };
    let run = TestRunner::new(config).run(&(parts, sizes), |(parts, sizes)| {
        let mut text = String::new();
        for ((which, from, length), gap) in parts {
            text.push_str(part(which.get::<String>(&texts), from, length));
            text.push_str(gap);
        }
        let checked = std::panic::catch_unwind(|| {
            laws::check(&Input {
                text: text.clone(),
                sizes,
            })
        });
        prop_assert!(checked.is_ok(), "{text:?}");
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}
