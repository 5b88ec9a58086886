//! Formulas in lines of their own.

use crate::{
    block::Node,
    inline::Inline,
    math::{self, Delimiter, MAX_FORMULA},
    paragraph::Paragraph,
};

/// What a line begins.
pub(crate) enum Begins {
    /// A formula in one line.
    Whole(Node),
    /// One that goes on.
    Lines(Delimiter),
}

/// Whether the line is a formula or begins one. A delimiter that words follow is text, as in `\\[no link\\]`.
pub(crate) fn begins(line: &str) -> Option<Begins> {
    let delimiter = Delimiter::at(line).filter(|delimiter| delimiter.is_display())?;
    let line = line.trim_end_matches([' ', '\t']);
    if let Some(found) = math::formula(line, None) {
        let is_whole = found.length == line.len();
        return is_whole.then(|| Begins::Whole(node(found.source, false)));
    }
    let inside = &line[delimiter.opening().len()..];
    let goes_on = inside.is_empty() || inside.starts_with([' ', '\t', '\\']);
    (goes_on && !inside.contains(delimiter.closing())).then_some(Begins::Lines(delimiter))
}

/// A formula whose lines are being read.
#[derive(Clone, Debug)]
pub(crate) struct MathBlock {
    delimiter: Delimiter,
    /// The lines as they came, without their ends and without blanks around.
    lines: Vec<String>,
    /// Bytes of them.
    length: usize,
}

/// What a further line does.
pub(crate) enum Line {
    Open,
    /// It ends the formula.
    Last(Node),
    /// The formula is too long to be one.
    TooMuch,
}

impl MathBlock {
    pub(crate) fn new(delimiter: Delimiter, line: &str) -> Self {
        Self {
            delimiter,
            lines: vec![line.to_owned()],
            length: line.len(),
        }
    }

    pub(crate) fn line(&mut self, line: &str) -> Line {
        let line = line.trim_matches([' ', '\t']);
        self.lines.push(line.to_owned());
        self.length += line.len() + 1;
        if self.length > MAX_FORMULA {
            return Line::TooMuch;
        }
        let Some(last) = line.strip_suffix(self.delimiter.closing()) else {
            return Line::Open;
        };
        let source = self.source(last);
        if self.delimiter.accepts(&source, None) {
            Line::Last(node(&source, false))
        } else {
            Line::Open
        }
    }

    /// The formula so far.
    pub(crate) fn node(&self) -> Node {
        let last = self.lines.last().map_or("", String::as_str);
        let source = if self.lines.len() > 1 {
            self.source(last)
        } else {
            self.first().to_owned()
        };
        // Half of the closing delimiter may be there.
        let source = source.strip_suffix(['$', '\\']).unwrap_or(&source);
        node(source, true)
    }

    /// What it is if nothing ends it: text.
    pub(crate) fn into_paragraph(self, inline: &mut Inline) -> Paragraph {
        let mut paragraph = Paragraph::new(None, false);
        for line in &self.lines {
            paragraph.line(line, true, inline);
        }
        paragraph
    }

    /// All lines but the last, and this one.
    fn source(&self, last: &str) -> String {
        let mut source = self.first().to_owned();
        for line in self.lines[1..self.lines.len() - 1]
            .iter()
            .map(String::as_str)
            .chain([last])
        {
            source.push('\n');
            source.push_str(line);
        }
        source
    }

    fn first(&self) -> &str {
        let first = self.lines.first().map_or("", String::as_str);
        first
            .strip_prefix(self.delimiter.opening())
            .unwrap_or(first)
    }
}

/// In a paragraph of its own, as a formula between words is in one.
fn node(source: &str, is_open: bool) -> Node {
    use crate::block::Kind;
    let formula = math::node(source, true, is_open);
    Node::Element(Kind::Paragraph, [formula].into())
}
