//! Markdown with the HTML that a specification expects.

use crate::{literal, package::Package};

/// One example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// Where it is from and which one it is there, counted from 1: `spec 12`.
    pub name: String,
    /// What is written.
    pub markdown: String,
    /// What a reader is to get.
    pub html: String,
}

/// The examples of CommonMark 0.31.
///
/// # Panics
///
/// When the package that holds them is not there or is not what it was.
pub fn commonmark() -> Vec<Example> {
    let examples = suite("spec");
    assert!(examples.len() >= 652, "{} examples", examples.len());
    examples
}

/// The examples of GitHub Flavored Markdown beyond CommonMark: tables, task lists, strikethrough, bare addresses.
///
/// # Panics
///
/// When a package that holds some is not there or is not what it was.
pub fn gfm() -> Vec<Example> {
    let suites = ["gfm_table", "gfm_tasklist", "gfm_strikethrough"];
    let mut examples: Vec<Example> = suites.into_iter().flat_map(suite).collect();
    examples.extend(addresses());
    assert!(examples.len() >= 22, "{} examples", examples.len());
    examples
}

/// A suite of pulldown-cmark's by the name of its file: strings by turns what is written and what is to come of it.
///
/// # Panics
///
/// When the package has no such suite.
pub fn suite(name: &str) -> Vec<Example> {
    let source = Package::named("pulldown-cmark").read(&format!("tests/suite/{name}.rs"));
    let code = source.lines().filter(|line| !line.starts_with("//"));
    let strings = literal::strings(&code.collect::<Vec<_>>().join("\n"));
    let pairs = strings.chunks_exact(2).enumerate();
    pairs
        .map(|(i, pair)| Example {
            name: format!("{name} {}", i + 1),
            markdown: pair[0].clone(),
            html: pair[1].clone(),
        })
        .collect()
}

/// The examples of GFM's "Autolinks (extension)" and some more.
fn addresses() -> Vec<Example> {
    let text = Package::named("rushdown").read("tests/fixtures/linkify.txt");
    let examples = text.split("//= = = = = = = = = = = = = = = = = = = = = = = =//");
    examples.filter_map(address).collect()
}

fn address(example: &str) -> Option<Example> {
    let mut parts = example.split("//- - - - - - - - -//\n");
    let title = parts.next()?.trim();
    let number = title.split([':', '\n']).next()?;
    Some(Example {
        name: format!("linkify {number}"),
        markdown: parts.next()?.to_owned(),
        html: parts.next()?.to_owned(),
    })
}
