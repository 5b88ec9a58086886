//! Where spans end whose beginning was read.

/// Where a run of exactly so many backticks begins.
pub(super) fn code_end(text: &str, ticks: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(step) = text[at..].find('`') {
        at += step;
        let run = text[at..].bytes().take_while(|b| *b == b'`').count();
        if run == ticks {
            return Some(at);
        }
        at += run;
    }
    None
}

/// Where the `]` stands that belongs to the `[` with which `text` begins.
pub(super) fn bracket_end(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut escaped = false;
    for (i, b) in text.bytes().enumerate() {
        match b {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'[' => depth += 1,
            b']' if depth == 1 => return Some(i),
            b']' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// What follows the text of a link.
pub(super) enum After<'a> {
    Nothing,
    /// May become a destination.
    Open,
    /// A destination, and the bytes that it takes.
    Destination(&'a str, usize),
}

pub(super) fn after_bracket(rest: &str, open: bool) -> After<'_> {
    let undecided = if open { After::Open } else { After::Nothing };
    if rest.is_empty() {
        return undecided;
    }
    if rest.starts_with('[') {
        return match bracket_end(rest) {
            Some(end) => After::Destination("", end + 1),
            None => undecided,
        };
    }
    if !rest.starts_with('(') {
        return After::Nothing;
    }
    let mut depth = 0_usize;
    for (i, b) in rest.bytes().enumerate() {
        match b {
            b'(' => depth += 1,
            b')' if depth == 1 => {
                let inside = rest[1..i].trim();
                let destination = inside.split([' ', '\n']).next().unwrap_or(inside);
                return After::Destination(destination.trim_matches(['<', '>']), i + 1);
            }
            b')' => depth -= 1,
            _ => {}
        }
    }
    undecided
}
