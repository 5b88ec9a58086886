//! Makes the character classes of a grammar's patterns small.
//!
//! `\p{L}` has 650 ranges. A compiled pattern holds each of them several times over, and a grammar names such classes hundreds
//! of times: one short answer in TypeScript made the worker hold 54 MiB.

use regex_syntax::{
    Parser,
    hir::{ClassUnicode, ClassUnicodeRange, Hir, HirKind},
};

/// Ranges beyond ASCII up to which a class stays as it is: somebody chose them one by one.
const MAX_RANGES: usize = 2;
const BEYOND_ASCII: char = '\u{80}';
/// Decides for all that is beyond ASCII: a letter, as most of it.
const LETTER: char = '가';
/// What Oniguruma understands by `\h`.
const HEXADECIMAL: &str = "0-9A-Fa-f";

/// The pattern with classes that are exact in ASCII. Beyond it a class that names many ranges takes all or nothing, and of two
/// complementary classes one takes all.
pub(crate) fn narrowed(pattern: &str) -> String {
    let is_spaced = pattern.contains("(?x");
    let folds_case = pattern.contains("(?i") || pattern.contains("(?xi");
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\\' => escape_length(rest),
            '[' => class_length(rest),
            '#' if is_spaced => rest.find('\n').unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (piece, after) = rest.split_at(length);
        let small = match first {
            '[' => class(piece, folds_case),
            '\\' if is_class(piece) => class(&["[", piece, "]"].concat(), folds_case),
            _ => None,
        };
        out.push_str(small.as_deref().unwrap_or(piece));
        rest = after;
    }
    out
}

/// Escapes that stand for more than one character, apart from those which are small anyway.
fn is_class(escape: &str) -> bool {
    escape[1..].starts_with(['w', 'W', 'd', 'D', 's', 'S', 'p', 'P'])
}

fn escape_length(rest: &str) -> usize {
    let kind = rest[1..].chars().next().map_or(0, char::len_utf8);
    let braces = rest[1 + kind..]
        .strip_prefix('{')
        .filter(|_| rest[1..].starts_with(['p', 'P', 'x', 'u']))
        .and_then(|inside| inside.find('}'));
    1 + kind + braces.map_or(0, |end| end + 2)
}

/// Up to the bracket that ends the class; a bracket that comes first in it stands for itself.
fn class_length(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while let Some(first) = rest[at..].chars().next() {
        match first {
            '\\' => at += escape_length(&rest[at..]),
            '[' => {
                depth += 1;
                at += 1 + usize::from(rest[at + 1..].starts_with('^'));
                at += usize::from(rest[at..].starts_with(']'));
            }
            ']' if depth == 1 => return at + 1,
            ']' => {
                depth -= 1;
                at += 1;
            }
            _ => at += first.len_utf8(),
        }
    }
    rest.len()
}

/// The class in few ranges; nothing if it is small as it is, or in words of Oniguruma that only it understands.
fn class(class: &str, folds_case: bool) -> Option<String> {
    let inside = class.strip_prefix('[')?.strip_suffix(']')?;
    // A class that excludes something is written as one: cases are folded before it is turned round.
    let (sign, inside) = match inside.strip_prefix('^') {
        Some(excluded) => ("^", excluded),
        None => ("", inside),
    };
    if folds_case
        && ["[^", "\\W", "\\D", "\\S", "\\P"]
            .iter()
            .any(|part| inside.contains(part))
    {
        return None;
    }
    let plain = inside.replace("\\h", HEXADECIMAL);
    let hir = Parser::new().parse(&["[", &plain, "]"].concat()).ok()?;
    let ranges = ranges(&hir)?;
    let beyond = ranges.iter().filter(|range| range.end() >= BEYOND_ASCII);
    if beyond.count() <= MAX_RANGES {
        return None;
    }
    let takes_all = ranges
        .iter()
        .any(|range| (range.start()..=range.end()).contains(&LETTER));
    let mut small = ClassUnicode::new(ranges.iter().copied());
    small.intersect(&ClassUnicode::new([ClassUnicodeRange::new('\0', '\u{7f}')]));
    if takes_all {
        small.push(ClassUnicodeRange::new(BEYOND_ASCII, char::MAX));
    }
    let written: String = small.ranges().iter().map(written).collect();
    (!written.is_empty()).then(|| ["[", sign, &written, "]"].concat())
}

fn written(range: &ClassUnicodeRange) -> String {
    let end = |c: char| match c {
        '0'..='9' | 'A'..='Z' | 'a'..='z' | ' ' => c.to_string(),
        _ => format!("\\x{{{:x}}}", u32::from(c)),
    };
    if range.start() == range.end() {
        end(range.start())
    } else {
        [&end(range.start()), "-", &end(range.end())].concat()
    }
}

fn ranges(hir: &Hir) -> Option<Vec<ClassUnicodeRange>> {
    match hir.kind() {
        HirKind::Class(class) => match class {
            regex_syntax::hir::Class::Unicode(class) => Some(class.ranges().to_vec()),
            regex_syntax::hir::Class::Bytes(_) => None,
        },
        _ => None,
    }
}
