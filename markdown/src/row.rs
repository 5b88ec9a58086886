//! The lines of a table.

use crate::block::Align;

/// The alignments of a table's delimiter row.
pub(crate) fn delimiter_row(text: &str) -> Option<Vec<Align>> {
    let only = |b: u8| matches!(b, b'|' | b'-' | b':' | b' ' | b'\t');
    if !text.contains('|') || !text.contains('-') || !text.bytes().all(only) {
        return None;
    }
    cells(text).map(align).collect()
}

fn align(cell: &str) -> Option<Align> {
    let dashes = cell.trim_matches(':');
    let (left, right) = (cell.starts_with(':'), cell.ends_with(':'));
    let valid = !dashes.is_empty()
        && dashes.bytes().all(|b| b == b'-')
        && cell.len() - dashes.len() == usize::from(left) + usize::from(right);
    valid.then_some(match (left, right) {
        (true, true) => Align::Center,
        (true, false) => Align::Left,
        (false, true) => Align::Right,
        (false, false) => Align::None,
    })
}

/// The cells of a table's row, without the white space around; `\|` is left as it is.
pub(crate) fn cells(row: &str) -> impl Iterator<Item = &str> {
    let mut rest = row.trim_matches([' ', '\t']);
    rest = rest.strip_prefix('|').unwrap_or(rest);
    std::iter::from_fn(move || {
        let end = pipe(rest);
        if rest.is_empty() {
            return None;
        }
        let cell = &rest[..end.unwrap_or(rest.len())];
        rest = end.map_or("", |end| &rest[end + 1..]);
        Some(cell.trim_matches([' ', '\t']))
    })
}

/// Where the next pipe stands that no backslash escapes.
pub(crate) fn pipe(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len()).find(|&i| bytes[i] == b'|' && (i == 0 || bytes[i - 1] != b'\\'))
}
