//! Placed glyphs to lines of text. A PDF has no words: blanks and line ends are read from the distances.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use hayro_interpret::kurbo::Point;
use unicode_normalization::UnicodeNormalization as _;

/// Parts of the font's size: a gap this wide is a blank (fonts have blanks of a quarter to a third).
const BLANK: f64 = 0.18;

/// Parts of the font's size: a step across the line that is still the same line (superscripts).
const SAME_LINE: f64 = 0.5;

/// Parts of the font's size: a step back along the line that is kerning.
const KERNING: f64 = 0.5;

/// Parts of the font's size: a step across the line that is a new paragraph.
const PARAGRAPH: f64 = 2.0;

/// Of the font's size: text twice within one or two of this part is one text. No two letters of a word are that close.
const OVERPRINT: f64 = 16.0;

/// A glyph on a page, in page coordinates.
pub(super) struct Placed<'a> {
    /// What it stands for; mostly one character.
    pub(super) text: &'a str,
    /// Where it begins, on the base line.
    pub(super) origin: Point,
    /// Where the next one begins.
    pub(super) end: Point,
    /// The font's.
    pub(super) size: f64,
}

/// The text so far.
pub(super) struct Layout {
    text: String,
    chars: usize,
    limit: usize,
    /// Where the last glyph of the page ended, and its line's direction.
    last: Option<Last>,
    /// Bold is often the same text twice at the same place.
    seen: HashSet<(i64, i64, u64)>,
    hashes: RandomState,
}

struct Last {
    origin: Point,
    end: Point,
    size: f64,
}

impl Layout {
    /// For at most so many characters.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            text: String::new(),
            chars: 0,
            limit,
            last: None,
            seen: HashSet::new(),
            hashes: RandomState::new(),
        }
    }

    /// Whether there was more than the limit; nothing more is taken.
    pub(super) fn is_full(&self) -> bool {
        self.chars > self.limit
    }

    pub(super) fn place(&mut self, glyph: &Placed<'_>) {
        let is_sound = glyph.origin.is_finite() && glyph.end.is_finite() && glyph.size.is_finite();
        if self.is_full() || !is_sound || !self.is_new(glyph) {
            return;
        }
        match self.step(glyph) {
            Step::Next => {}
            Step::Blank => self.blank(),
            Step::Line => self.break_line("\n"),
            Step::Paragraph => self.break_line("\n\n"),
        }
        for char in glyph.text.chars().flat_map(letters) {
            match char {
                char if char.is_whitespace() => self.blank(),
                // What a font's table says is no more to be trusted than the rest.
                char if char.is_control() => {}
                char => self.push(char),
            }
        }
        self.last = Some(Last {
            origin: glyph.origin,
            end: glyph.end,
            size: glyph.size,
        });
    }

    pub(super) fn end_page(&mut self) {
        self.break_line("\n\n");
        self.last = None;
        self.seen.clear();
    }

    /// The text, without blanks at its ends.
    pub(super) fn finish(self) -> String {
        self.text.trim().to_owned()
    }

    /// Whether the same text does not stand there already, or next to there.
    fn is_new(&mut self, glyph: &Placed<'_>) -> bool {
        let grid = (glyph.size / OVERPRINT).max(0.01);
        let text = self.hashes.hash_one(glyph.text);
        let [x, y] = [glyph.origin.x, glyph.origin.y].map(|value| (value / grid).round() as i64);
        let around = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (dx, dy)));
        let is_new = !around.into_iter().any(|(dx, dy)| {
            self.seen
                .contains(&(x.saturating_add(dx), y.saturating_add(dy), text))
        });
        self.seen.insert((x, y, text));
        is_new
    }

    fn step(&self, glyph: &Placed<'_>) -> Step {
        let Some(last) = &self.last else {
            return Step::Next;
        };
        let line = last.end - last.origin;
        let size = last.size.max(glyph.size).max(f64::MIN_POSITIVE);
        let gap = glyph.origin - last.end;
        if line.hypot() == 0.0 {
            return Step::Next;
        }
        let direction = line.normalize();
        let (along, across) = (gap.dot(direction), gap.cross(direction).abs());
        if across > PARAGRAPH * size {
            Step::Paragraph
        } else if across > SAME_LINE * size || along < -KERNING * size {
            Step::Line
        } else if along > BLANK * size {
            Step::Blank
        } else {
            Step::Next
        }
    }

    fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(char::is_whitespace) {
            self.push(' ');
        }
    }

    fn break_line(&mut self, end: &str) {
        let kept = self.text.trim_end().len();
        self.text.truncate(kept);
        if kept > 0 {
            self.text.push_str(end);
        }
    }

    fn push(&mut self, char: char) {
        self.chars += 1;
        self.text.push(char);
    }
}

/// A ligature's letters: nobody searches for `ﬁ`.
fn letters(char: char) -> impl Iterator<Item = char> {
    let is_ligature = matches!(char, '\u{fb00}'..='\u{fb06}');
    let parts = is_ligature.then(|| char.nfkc()).into_iter().flatten();
    parts.chain((!is_ligature).then_some(char))
}

enum Step {
    Next,
    Blank,
    Line,
    Paragraph,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(glyphs: &[(&str, f64)]) -> String {
        let mut layout = Layout::new(100);
        for (text, x) in glyphs {
            layout.place(&Placed {
                text,
                origin: Point::new(*x, 700.0),
                end: Point::new(x + 10.0, 700.0),
                size: 10.0,
            });
        }
        layout.finish()
    }

    #[test]
    fn a_ligature_is_its_letters() {
        assert_eq!(read(&[("ﬁ", 0.0), ("le", 10.0)]), "file");
    }

    #[test]
    fn controls_and_places_that_are_none_are_left_out() {
        let glyphs = [
            ("a\u{1b}\0", 0.0),
            ("b", f64::NAN),
            ("c", f64::INFINITY),
            ("d", 10.0),
        ];
        assert_eq!(read(&glyphs), "ad");
    }
}
