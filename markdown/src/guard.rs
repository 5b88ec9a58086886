//! Text as pulldown-cmark may see it: a piece of running text must not be taken for a block, and some marks need help.

use crate::{
    flanking::{is_cjk, is_punctuation},
    scan,
};

/// Stands before each text, so that the parser takes its first line for a paragraph's.
pub(crate) const PREFIX: &str = "a ";
/// Indents a line that could begin a block, which a paragraph's further lines then cannot. The parser keeps it in code, where it is
/// found again because nobody writes such a row of blanks.
pub(crate) const INDENT: &str = "\t \t ";
/// A punctuation character that no text of these days has (Kharoshthi); it stands for "punctuation" and is taken out again.
pub(crate) const GUARD: char = '\u{10a57}';

/// The text as the parser may see it.
pub(crate) fn guard(source: &str) -> String {
    let mut guarded = String::with_capacity(source.len() + 8);
    guarded.push_str(PREFIX);
    let guarding = !source.contains(GUARD);
    for (i, line) in source.split('\n').enumerate() {
        if i > 0 {
            guarded.push('\n');
            indent(line, &mut guarded);
        }
        if guarding {
            guard_marks(line, &mut guarded);
        } else {
            guarded.push_str(line);
        }
    }
    guarded
}

/// The text of a paragraph whose further lines cannot begin a block.
pub(crate) fn guard_lines(paragraph: &str) -> String {
    let mut guarded = String::with_capacity(paragraph.len());
    for (i, line) in paragraph.split('\n').enumerate() {
        if i > 0 {
            guarded.push('\n');
            guarded.push_str(INDENT);
        }
        guarded.push_str(line);
    }
    guarded
}

fn indent(line: &str, guarded: &mut String) {
    if scan::may_begin_block(line) {
        guarded.push_str(INDENT);
    }
}

/// Appends a line and the marks that its emphasis and its footnotes need.
pub(crate) fn guard_marks(line: &str, out: &mut String) {
    let mut before = ' ';
    let mut rest = line;
    while let Some(start) = rest.find(['*', '~', ']']) {
        let (text, marked) = rest.split_at(start);
        out.push_str(text);
        if let Some(after) = marked.strip_prefix(']') {
            // A footnote is no second bracket of a link, and has none itself.
            out.push(']');
            let note = out
                .rfind('[')
                .is_some_and(|open| out[open..].starts_with("[^"));
            if after.starts_with("[^") || note && after.starts_with("[]") {
                out.push(GUARD);
            }
            (before, rest) = (']', after);
            continue;
        }
        before = text.chars().next_back().unwrap_or(before);
        let mark = if marked.starts_with('*') { '*' } else { '~' };
        let after_run = marked.trim_start_matches(mark);
        let run = &marked[..marked.len() - after_run.len()];
        let after = after_run.chars().next().unwrap_or(' ');
        if is_punctuation(after) && is_cjk(before) {
            out.push(GUARD);
        }
        out.push_str(run);
        if is_punctuation(before) && before != '\\' && is_cjk(after) {
            out.push(GUARD);
        }
        before = mark;
        rest = after_run;
    }
    out.push_str(rest);
}
