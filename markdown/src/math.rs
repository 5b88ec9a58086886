//! Formulas in running text: `$…$` and `$$…$$`, and `\(…\)` and `\[…\]`, which models write too.
//!
//! A dollar sign is money unless it is plainly none (the rule of pandoc): no blank behind the opening one, none before the
//! closing one and no digit behind it, and the closing one is the next. A formula counts like a letter for the marks around
//! it, so that the parser gets a letter in its place.

use std::rc::Rc;

use yew::AttrValue;

use crate::block::{Math, Node};

/// Longest formula in bytes.
pub(crate) const MAX_FORMULA: usize = 8 * 1024;
/// Longest formula between single dollar signs.
const MAX_INLINE: usize = 1024;
/// The first of the characters that stand for formulas: of a plane for private use, with room for more than a text can have.
const FIRST: u32 = 0xf_0000;
/// So many.
const ROOM: u32 = 0x8000;

/// What stands around a formula.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Delimiter {
    Dollar,
    Dollars,
    Parenthesis,
    Bracket,
}

impl Delimiter {
    pub(crate) fn at(text: &str) -> Option<Self> {
        [
            Self::Dollars,
            Self::Dollar,
            Self::Parenthesis,
            Self::Bracket,
        ]
        .into_iter()
        .find(|delimiter| text.starts_with(delimiter.opening()))
    }

    pub(crate) fn opening(self) -> &'static str {
        match self {
            Self::Dollar => "$",
            Self::Dollars => "$$",
            Self::Parenthesis => "\\(",
            Self::Bracket => "\\[",
        }
    }

    pub(crate) fn closing(self) -> &'static str {
        match self {
            Self::Dollar => "$",
            Self::Dollars => "$$",
            Self::Parenthesis => "\\)",
            Self::Bracket => "\\]",
        }
    }

    pub(crate) fn is_display(self) -> bool {
        matches!(self, Self::Dollars | Self::Bracket)
    }

    pub(crate) fn limit(self) -> usize {
        if self == Self::Dollar {
            MAX_INLINE
        } else {
            MAX_FORMULA
        }
    }

    /// Whether a formula may begin between these characters.
    pub(crate) fn may_open(self, before: Option<char>, after: char) -> bool {
        self != Self::Dollar
            || !after.is_whitespace() && !before.is_some_and(|c| c.is_ascii_alphanumeric())
    }

    /// Whether a formula cannot go on behind this character.
    pub(crate) fn ends_at(self, c: char) -> bool {
        c == '`' || c == '\n' && self == Self::Dollar
    }

    /// Whether this is a formula, with the character behind it.
    pub(crate) fn accepts(self, source: &str, after: Option<char>) -> bool {
        match self {
            Self::Dollar => {
                !source.is_empty()
                    && !source.ends_with(char::is_whitespace)
                    && !after.is_some_and(|c| c.is_ascii_digit())
            }
            // A pair of escaped brackets may be nothing else, or stand around a link.
            _ => source.contains(char::is_alphanumeric) && !source.contains("]("),
        }
    }
}

/// A formula that was found.
pub(crate) struct Found<'a> {
    pub(crate) source: &'a str,
    pub(crate) is_display: bool,
    /// Bytes, with the delimiters.
    pub(crate) length: usize,
}

/// The formula that the text begins with.
pub(crate) fn formula(text: &str, before: Option<char>) -> Option<Found<'_>> {
    let delimiter = Delimiter::at(text)?;
    let opening = delimiter.opening().len();
    let inside = &text[opening..];
    if !delimiter.may_open(before, inside.chars().next()?) {
        return None;
    }
    let end = end(inside, delimiter)?;
    let source = &inside[..end];
    let length = opening + end + delimiter.closing().len();
    let after = text[length..].chars().next();
    delimiter.accepts(source, after).then_some(Found {
        source,
        is_display: delimiter.is_display(),
        length,
    })
}

/// Where the closing delimiter stands.
fn end(inside: &str, delimiter: Delimiter) -> Option<usize> {
    let mut escaped = false;
    for (i, c) in inside.char_indices() {
        if i > delimiter.limit() || delimiter.ends_at(c) {
            return None;
        }
        if !escaped && inside[i..].starts_with(delimiter.closing()) {
            return Some(i);
        }
        // Each search ends where the next one begins.
        if !escaped && inside[i..].starts_with(delimiter.opening()) {
            return None;
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

/// What a formula that was begun holds so far, if it is likely to become one. Most dollar signs are money, until something
/// tells otherwise.
pub(crate) fn begun(text: &str, before: Option<char>) -> Option<(Delimiter, &str)> {
    let delimiter = Delimiter::at(text)?;
    let inside = &text[delimiter.opening().len()..];
    let Some(first) = inside.chars().next() else {
        return delimiter.may_open(before, 'a').then_some((delimiter, ""));
    };
    let goes_on = delimiter.may_open(before, first)
        && inside.len() <= delimiter.limit()
        && !inside.contains(|c| delimiter.ends_at(c))
        && !(delimiter == Delimiter::Dollar && inside.contains('$'));
    let is_likely = delimiter != Delimiter::Dollar || is_likely(inside);
    // Half of the closing delimiter may be there.
    let inside = inside.strip_suffix(['$', '\\']).unwrap_or(inside);
    (goes_on && is_likely).then_some((delimiter, inside))
}

fn is_likely(inside: &str) -> bool {
    let says_so = inside.contains(['\\', '^', '_', '=', '{', '+', '<', '>', '|', '*']);
    let is_amount = inside.starts_with(|c: char| c.is_ascii_digit());
    let words = inside.split_whitespace().count();
    says_so || !is_amount && words <= 2 && inside.is_ascii()
}

/// A text that may be a formula, read character by character.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    before: Option<char>,
    /// The first character of the opening delimiter.
    first: char,
    delimiter: Option<Delimiter>,
    source: String,
    escaped: bool,
    is_closed: bool,
}

/// What a [`Candidate`] is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Verdict {
    Open,
    /// A formula that ends with the character.
    Formula,
    /// A formula that has ended before the character.
    FormulaBefore,
    Nothing,
}

impl Candidate {
    /// With the first character of a delimiter, and what stands before it.
    pub(crate) fn new(first: char, before: Option<char>) -> Self {
        Self {
            before,
            first,
            delimiter: None,
            source: String::new(),
            escaped: false,
            is_closed: false,
        }
    }

    pub(crate) fn read(&mut self, c: char) -> Verdict {
        let Some(delimiter) = self.delimiter else {
            return self.begin(c);
        };
        if self.is_closed {
            return if delimiter.accepts(&self.source, Some(c)) {
                Verdict::FormulaBefore
            } else {
                Verdict::Nothing
            };
        }
        if delimiter.ends_at(c) || self.source.len() > delimiter.limit() {
            return Verdict::Nothing;
        }
        let escaped = self.escaped;
        self.escaped = c == '\\' && !escaped;
        self.source.push(c);
        if escaped && delimiter.opening() == ['\\', c].iter().collect::<String>() {
            return Verdict::Nothing;
        }
        let closes = match delimiter {
            Delimiter::Dollar => c == '$' && !escaped,
            Delimiter::Dollars => self.source.ends_with("$$") && !self.source.ends_with("\\$$"),
            Delimiter::Parenthesis => c == ')' && escaped,
            Delimiter::Bracket => c == ']' && escaped,
        };
        if !closes {
            return Verdict::Open;
        }
        let source = self.source.len() - delimiter.closing().len();
        self.source.truncate(source);
        match (delimiter.accepts(&self.source, None), delimiter) {
            (true, Delimiter::Dollar) => {
                self.is_closed = true;
                Verdict::Open
            }
            (true, _) => Verdict::Formula,
            (false, _) => Verdict::Nothing,
        }
    }

    fn begin(&mut self, c: char) -> Verdict {
        let delimiter = match (self.first, c) {
            ('$', '$') => Delimiter::Dollars,
            ('\\', '(') => Delimiter::Parenthesis,
            ('\\', '[') => Delimiter::Bracket,
            ('$', _) if Delimiter::Dollar.may_open(self.before, c) => Delimiter::Dollar,
            _ => return Verdict::Nothing,
        };
        self.delimiter = Some(delimiter);
        if delimiter == Delimiter::Dollar {
            return self.read(c);
        }
        Verdict::Open
    }
}

/// The node of a formula.
pub(crate) fn node(source: &str, is_display: bool, is_open: bool) -> Node {
    Node::Math(Rc::new(Math {
        source: AttrValue::from(source.trim().to_owned()),
        is_display,
        is_open,
    }))
}

/// A text in which letters of private use stand for its formulas.
#[derive(Debug, Default)]
pub(crate) struct Hidden {
    pub(crate) text: String,
    /// With their delimiters.
    formulas: Vec<String>,
}

/// Hides the formulas, if there are any.
pub(crate) fn hide(source: &str) -> Option<Hidden> {
    let may_have = source.contains('$') || source.contains("\\(") || source.contains("\\[");
    if !may_have || source.contains(|c| place(c).is_some()) {
        return None;
    }
    let mut hidden = Hidden::default();
    let codes = codes(source);
    let mut codes = codes.iter().peekable();
    let mut at = 0;
    while let Some(c) = source[at..].chars().next() {
        let rest = &source[at..];
        while codes.next_if(|code| code.0 < at).is_some() {}
        let length = if let Some((_, end)) = codes.peek().filter(|code| code.0 == at) {
            end - at
        } else if rest.starts_with("://") {
            // An address may hold dollar signs.
            rest.find(char::is_whitespace).unwrap_or(rest.len())
        } else if let Some(found) = formula(rest, source[..at].chars().next_back()) {
            hidden.push(&rest[..found.length]);
            at += found.length;
            continue;
        } else if rest.starts_with("$$") {
            2
        } else if c == '\\' {
            1 + rest[1..].chars().next().map_or(0, char::len_utf8)
        } else {
            c.len_utf8()
        };
        hidden.text.push_str(&rest[..length]);
        at += length;
    }
    (!hidden.formulas.is_empty()).then_some(hidden)
}

/// Where code begins and ends; runs of backticks without a partner too.
fn codes(source: &str) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut before = None;
    for (i, b) in source.bytes().enumerate() {
        match runs.last_mut() {
            Some(run) if b == b'`' && run.1 == i => run.1 += 1,
            _ if b == b'`' && before != Some(b'\\') => runs.push((i, i + 1)),
            _ => {}
        }
        before = Some(b);
    }
    // The next run of the same length ends the code.
    let mut ends = std::collections::BTreeMap::new();
    for run in runs.iter_mut().rev() {
        let length = run.1 - run.0;
        if let Some(end) = ends.insert(length, run.1) {
            run.1 = end;
        }
    }
    runs
}

fn place(c: char) -> Option<usize> {
    let place = u32::from(c)
        .checked_sub(FIRST)
        .filter(|place| *place < ROOM)?;
    usize::try_from(place).ok()
}

impl Hidden {
    fn push(&mut self, formula: &str) {
        let place = u32::try_from(self.formulas.len()).ok();
        let letter = place.filter(|place| *place < ROOM);
        match letter.and_then(|place| char::from_u32(FIRST + place)) {
            Some(letter) => {
                self.text.push(letter);
                self.formulas.push(formula.to_owned());
            }
            None => self.text.push_str(formula),
        }
    }

    /// The text without formulas, if there are any: else the text that was given.
    pub(crate) fn text_or<'a>(&'a self, source: &'a str) -> &'a str {
        if self.formulas.is_empty() {
            source
        } else {
            &self.text
        }
    }

    /// Splits a text into what stands between formulas, and the formulas with their delimiters.
    pub(crate) fn split<'a>(&'a self, text: &'a str, mut emit: impl FnMut(&'a str, bool)) {
        let mut done = 0;
        let letters = if self.formulas.is_empty() { "" } else { text };
        for (i, c) in letters.char_indices() {
            let Some(formula) = place(c).and_then(|place| self.formulas.get(place)) else {
                continue;
            };
            emit(&text[done..i], false);
            emit(formula, true);
            done = i + c.len_utf8();
        }
        emit(&text[done..], false);
    }

    /// The text as it was.
    pub(crate) fn restored(&self, text: &str) -> String {
        let mut restored = String::with_capacity(text.len());
        self.split(text, |piece, _| restored.push_str(piece));
        restored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let Some(hidden) = hide(text) else {
            return Vec::new();
        };
        assert_eq!(hidden.restored(&hidden.text), text);
        hidden.formulas
    }

    #[test]
    fn formulas_are_found_next_to_anything_but_what_makes_them_money() {
        for (text, formulas) in [
            ("$x$", &["$x$"][..]),
            ("값은 $x^2$는 $y$이다", &["$x^2$", "$y$"]),
            ("($a$, $b$)", &["$a$", "$b$"]),
            ("$$x$$ and $y$", &["$$x$$", "$y$"]),
            (r"\(a\) and \[b\]", &[r"\(a\)", r"\[b\]"]),
            (r"$\$5$", &[r"$\$5$"]),
            ("$5 and $x$", &["$x$"]),
            ("$n$th", &["$n$"]),
            ("`a` $x$ `$y$`", &["$x$"]),
            ("$$a\nb$$", &["$$a\nb$$"]),
        ] {
            assert_eq!(found(text), formulas, "{text}");
        }
    }

    #[test]
    fn money_code_addresses_and_escapes_are_no_formulas() {
        for text in [
            "$5 and $10",
            "$5, $10 and $20",
            "$5-$10",
            "US$5 and US$x$",
            "$ x$",
            "$x $",
            "$5$6",
            "a $",
            "$$",
            "$$$$",
            "`$x$`",
            "`` $x$ ` ``",
            r"\$x$",
            r"\\(x\\)",
            r"\(\)",
            r"\[\\\]",
            r"\[[a](https://e.com)\]",
            "https://e.com/?a=$b&c=$d",
            "$a\nb$",
            "$a `b$ c`",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn marks_without_partners_cost_no_square() {
        for text in [
            "$a ".repeat(5_000),
            "$$".repeat(8_000),
            "` `` ".repeat(3_000) + "$x$",
            r"\(".repeat(8_000),
        ] {
            _ = hide(&text);
        }
    }
}
