//! What a line begins with: the block markers of CommonMark 0.31 and of GFM's tables, read from one line at a time.

use crate::html;

/// `#` to `######`: the level and the heading's text.
pub(crate) fn heading(text: &str) -> Option<(u8, &str)> {
    let rest = text.trim_start_matches('#');
    let level = text.len() - rest.len();
    if !(1..=6).contains(&level) || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    let rest = rest.trim_matches([' ', '\t']);
    let without = rest.trim_end_matches('#');
    let closed = without.is_empty() || without.ends_with([' ', '\t']);
    let title = if closed {
        without.trim_end_matches([' ', '\t'])
    } else {
        rest
    };
    u8::try_from(level).ok().map(|level| (level, title))
}

/// The underline of a setext heading: its level.
pub(crate) fn underline(text: &str) -> Option<u8> {
    let line = text.trim_end_matches([' ', '\t']);
    let of = |mark: char| !line.is_empty() && line.chars().all(|c| c == mark);
    if of('=') {
        Some(1)
    } else {
        of('-').then_some(2)
    }
}

pub(crate) fn is_rule(text: &str) -> bool {
    let Some(mark @ ('*' | '-' | '_')) = text.chars().next() else {
        return false;
    };
    let mut marks = 0;
    for c in text.chars() {
        match c {
            ' ' | '\t' => {}
            _ if c == mark => marks += 1,
            _ => return false,
        }
    }
    marks >= 3
}

/// The opening line of a fenced code block.
pub(crate) struct Fence<'a> {
    pub(crate) mark: char,
    pub(crate) length: usize,
    pub(crate) info: &'a str,
}

pub(crate) fn fence(text: &str) -> Option<Fence<'_>> {
    let mark = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let info = text.trim_start_matches(mark);
    let length = text.len() - info.len();
    let valid = length >= 3 && !(mark == '`' && info.contains('`'));
    valid.then(|| Fence {
        mark,
        length,
        info: info.trim_matches([' ', '\t']),
    })
}

/// Whether the line ends a fenced code block that was opened by `length` marks.
pub(crate) fn closes_fence(text: &str, mark: char, length: usize) -> bool {
    let rest = text.trim_start_matches(mark);
    text.len() - rest.len() >= length && rest.trim_start_matches([' ', '\t']).is_empty()
}

/// A list item's marker.
#[derive(Clone, Copy)]
pub(crate) struct Marker {
    /// `-`, `+`, `*`, `.` or `)`: items of one list have the same.
    pub(crate) mark: u8,
    /// Of an ordered list.
    pub(crate) number: Option<u32>,
    /// Bytes.
    pub(crate) length: usize,
}

pub(crate) fn marker(text: &str) -> Option<Marker> {
    let bytes = text.as_bytes();
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let (number, mark) = match digits {
        0 => (
            None,
            bytes.first().filter(|b| matches!(b, b'-' | b'+' | b'*'))?,
        ),
        1..=9 => {
            let mark = bytes.get(digits).filter(|b| matches!(b, b'.' | b')'))?;
            (text[..digits].parse().ok(), mark)
        }
        _ => return None,
    };
    let length = digits + 1;
    let ends = matches!(bytes.get(length), None | Some(b' ' | b'\t'));
    ends.then_some(Marker {
        mark: *mark,
        number,
        length,
    })
}

/// `[ ]` or `[x]`, before white space or the line's end: whether it is done, and what follows.
pub(crate) fn task(text: &str) -> Option<(bool, &str)> {
    let done = match text.as_bytes().get(..3)? {
        b"[ ]" | b"[\t]" => false,
        b"[x]" | b"[X]" => true,
        _ => return None,
    };
    let rest = &text[3..];
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then_some((done, rest))
}

/// `[^label]:` and what follows.
pub(crate) fn footnote(text: &str) -> Option<(&str, &str)> {
    let label = label(text.strip_prefix("[^")?)?;
    let rest = text[2 + label.len() + 1..].strip_prefix(':')?;
    Some((label, rest))
}

/// Longest label of a link or a footnote, in characters.
const MAX_LABEL: usize = 999;

/// What stands before the `]` that ends a label.
fn label(text: &str) -> Option<&str> {
    let mut escaped = false;
    for (i, c) in text.char_indices().take(MAX_LABEL) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' => return Some(&text[..i]).filter(|label| !label.trim().is_empty()),
            '[' => return None,
            _ => {}
        }
    }
    None
}

/// Whether a paragraph that begins like this may turn out to begin with link reference definitions.
pub(crate) fn may_define_link(text: &str) -> bool {
    let Some(inside) = text.strip_prefix('[') else {
        return false;
    };
    match label(inside) {
        Some(label) => {
            let rest = &inside[label.len() + 1..];
            rest.is_empty() || rest.strip_prefix(':').is_some_and(may_be_destination)
        }
        None => {
            let mut escaped = false;
            inside.chars().count() < MAX_LABEL
                && inside.chars().all(|c| {
                    let bracket = !escaped && matches!(c, '[' | ']');
                    escaped = c == '\\' && !escaped;
                    !bracket
                })
        }
    }
}

/// Whether nothing but a title stands behind the first word.
fn may_be_destination(text: &str) -> bool {
    let text = text.trim_start_matches([' ', '\t']);
    if text.starts_with('<') {
        return true;
    }
    let behind = text.find([' ', '\t']).map_or("", |end| &text[end..]);
    let behind = behind.trim_start_matches([' ', '\t']);
    behind.is_empty() || behind.starts_with(['"', '\'', '('])
}

/// Whether a single line is a whole link reference definition; one that goes over several lines is not seen.
pub(crate) fn is_definition(line: &str) -> bool {
    let definition = line.strip_prefix('[').and_then(|inside| {
        let label = label(inside)?;
        inside[label.len() + 1..].strip_prefix(':')
    });
    let Some(definition) = definition.map(|text| text.trim_matches([' ', '\t'])) else {
        return false;
    };
    let title = definition
        .find([' ', '\t'])
        .map_or("", |end| &definition[end..]);
    let title = title.trim_start_matches([' ', '\t']);
    let closing = match title.bytes().next() {
        Some(b'(') => ')',
        Some(quote) => char::from(quote),
        None => return !definition.is_empty() && !definition.contains('\n'),
    };
    title.len() > 1 && title.ends_with(closing) && !definition.contains(['\n', '\\'])
}

/// Whether a line could begin another block where a paragraph is open.
pub(crate) fn may_begin_block(line: &str) -> bool {
    line.starts_with('>')
        || html::begins(line)
        || heading(line).is_some()
        || fence(line).is_some()
        || is_rule(line)
        || marker(line).is_some()
        || underline(line).is_some()
}

/// Whether a line that begins like this is text of a paragraph or of code, whatever follows on the line.
pub(crate) fn is_surely_text(line: &str) -> bool {
    let text = after_markers(line);
    let Some(first) = text.chars().next() else {
        return false;
    };
    let rest = text.trim_start_matches(first);
    let run = (text.len() - rest.len()) / first.len_utf8();
    match first {
        '>' | '|' | '<' | ' ' | '\t' | '\r' => false,
        '#' => run > 6 || !rest.is_empty() && !rest.starts_with([' ', '\t']),
        '*' | '_' | '+' => !rest.is_empty() && !rest.starts_with([' ', '\t']),
        '-' => !rest.is_empty() && !rest.starts_with([' ', '\t', ':', '|']),
        '=' => !rest.trim_start_matches([' ', '\t']).is_empty(),
        ':' => run > 1 || !rest.is_empty() && !rest.starts_with('-'),
        '`' | '~' => run < 3 && !rest.is_empty(),
        '$' => run == 1 && !rest.is_empty(),
        '\\' => run == 1 && !rest.is_empty() && !rest.starts_with('['),
        '0'..='9' => is_no_number(text),
        '[' => !may_define_link(text) && !text.starts_with("[^"),
        _ => true,
    }
}

/// Whether the line so far may be nothing but marks, which are not shown until it is clear what they mean.
pub(crate) fn may_be_marks(line: &str) -> bool {
    let text = after_markers(line);
    let marks = |c: char| {
        matches!(
            c,
            '#' | '-' | '+' | '*' | '_' | '=' | '`' | '~' | '|' | ':' | '<' | '$' | ' ' | '\t'
        )
    };
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    text.chars().all(marks)
        || matches!(digits, "" | "." | ")")
        || matches!(
            text,
            "\\" | "\\[" | "[" | "[ " | "[ ]" | "[x" | "[x]" | "[X" | "[X]" | "[^"
        )
}

fn is_no_number(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &text[digits..];
    let mut after = rest.chars();
    match after.next() {
        None => false,
        Some('.' | ')') if digits <= 9 => after.next().is_some_and(|c| !matches!(c, ' ' | '\t')),
        Some(_) => true,
    }
}

/// The text behind quote and list markers.
fn after_markers(line: &str) -> &str {
    let mut text = line;
    loop {
        let before = text.len();
        text = text.trim_start_matches([' ', '\t', '>']);
        if let Some(marker) = marker(text).filter(|marker| marker.length < text.len())
            && !may_be_rule(text)
        {
            text = text[marker.length..].trim_start_matches([' ', '\t']);
            text = task(text).map_or(text, |(_, rest)| rest.trim_start_matches([' ', '\t']));
        } else if let Some((_, rest)) = footnote(text) {
            text = rest;
        }
        if text.len() == before {
            return text;
        }
    }
}

fn may_be_rule(text: &str) -> bool {
    let mark = text.chars().next();
    text.chars()
        .all(|c| Some(c) == mark || matches!(c, ' ' | '\t'))
}
