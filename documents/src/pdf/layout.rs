//! Placed glyphs to lines of text. A PDF has no words: blanks and line ends are read from the distances.

use std::collections::HashSet;

use hayro_interpret::kurbo::Point;

/// Parts of the font's size: a gap this wide is a blank (fonts have blanks of a quarter to a third).
const BLANK: f64 = 0.18;

/// Parts of the font's size: a step across the line that is still the same line (superscripts).
const SAME_LINE: f64 = 0.5;

/// Parts of the font's size: a step back along the line that is kerning.
const KERNING: f64 = 0.5;

/// Parts of the font's size: a step across the line that is a new paragraph.
const PARAGRAPH: f64 = 2.0;

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
        for char in glyph.text.chars() {
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

    fn is_new(&mut self, glyph: &Placed<'_>) -> bool {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};

        let grid = (glyph.size / 8.0).max(0.01);
        let mut hasher = DefaultHasher::new();
        glyph.text.hash(&mut hasher);
        let [x, y] = [glyph.origin.x, glyph.origin.y].map(|value| (value / grid).round() as i64);
        self.seen.insert((x, y, hasher.finish()))
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

enum Step {
    Next,
    Blank,
    Line,
    Paragraph,
}
