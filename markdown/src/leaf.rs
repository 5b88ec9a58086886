use std::{mem, rc::Rc};

use yew::AttrValue;

use crate::{
    block::{CodeBlock, Kind, Node},
    build,
    html::HtmlEnd,
    inline::Inline,
    math_block::MathBlock,
    paragraph::Paragraph,
    scan,
    table::Table,
};

/// Bytes of code or HTML after which a piece of the text is settled, at the next line end.
const PIECE: usize = 8 * 1024;

/// The block without blocks inside to which lines are being added.
#[derive(Clone, Debug)]
pub(crate) enum Leaf {
    Paragraph(Paragraph),
    Code(Code),
    Html(Html),
    Math(MathBlock),
    Table(Table),
}

impl Leaf {
    /// The block as it is now.
    pub(crate) fn open_nodes(&self) -> Vec<Node> {
        match self {
            Self::Paragraph(paragraph) => paragraph.open_nodes(),
            Self::Code(code) => vec![code.node()],
            Self::Html(html) => vec![html.node()],
            Self::Math(math) => vec![math.node()],
            Self::Table(table) => vec![table.node()],
        }
    }

    /// The finished block; nothing if it only defined links.
    pub(crate) fn finish(self, inline: &mut Inline) -> Option<Node> {
        match self {
            Self::Paragraph(paragraph) => paragraph.finish(Kind::Paragraph, inline),
            Self::Code(mut code) => {
                code.end_line();
                Some(code.node())
            }
            Self::Html(mut html) => {
                html.lines.end_line();
                Some(html.node())
            }
            Self::Math(math) => math.into_paragraph(inline).finish(Kind::Paragraph, inline),
            Self::Table(table) => Some(table.node()),
        }
    }
}

/// Verbatim lines.
#[derive(Clone, Debug, Default)]
struct Lines {
    pieces: Vec<AttrValue>,
    last: String,
    /// The last line has no end yet.
    is_open: bool,
}

impl Lines {
    fn line(&mut self, blanks: &str, text: &str) {
        self.end_line();
        self.is_open = true;
        self.last.push_str(blanks);
        self.more(text);
    }

    fn more(&mut self, text: &str) {
        self.last.push_str(text);
        while self.last.len() > 2 * PIECE {
            let rest = self
                .last
                .split_off(self.last.floor_char_boundary(2 * PIECE));
            let piece = mem::replace(&mut self.last, rest);
            self.pieces.push(piece.into());
        }
    }

    fn end_line(&mut self) {
        if !mem::take(&mut self.is_open) {
            return;
        }
        self.last.push('\n');
        if self.last.len() >= PIECE {
            self.pieces.push(mem::take(&mut self.last).into());
        }
    }

    fn text(&self) -> Vec<AttrValue> {
        let mut text = self.pieces.clone();
        if !self.last.is_empty() {
            text.push(build::owned(&self.last));
        }
        text
    }
}

/// A code block.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    /// Of a fenced block: the mark, how many, and the columns before.
    pub(crate) fence: Option<(char, usize, usize)>,
    language: AttrValue,
    lines: Lines,
    /// Blank lines of an indented block, which belong to it only if more code follows.
    blank: Vec<String>,
}

impl Code {
    pub(crate) fn fenced(fence: &scan::Fence<'_>, indent: usize, inline: &mut Inline) -> Self {
        Self {
            fence: Some((fence.mark, fence.length, indent)),
            language: inline.language(fence.info),
            lines: Lines::default(),
            blank: Vec::new(),
        }
    }

    pub(crate) fn indented() -> Self {
        Self {
            fence: None,
            language: AttrValue::default(),
            lines: Lines::default(),
            blank: Vec::new(),
        }
    }

    pub(crate) fn line(&mut self, (blanks, text): (&str, &str)) {
        if self.fence.is_none() && text.trim_matches([' ', '\t']).is_empty() {
            let mut line = blanks.to_owned();
            line.push_str(text);
            self.blank.push(line);
            return;
        }
        for line in mem::take(&mut self.blank) {
            self.lines.line("", &line);
        }
        self.lines.line(blanks, text);
    }

    pub(crate) fn more(&mut self, text: &str) {
        self.lines.more(text);
    }

    fn end_line(&mut self) {
        self.lines.end_line();
    }

    fn node(&self) -> Node {
        Node::CodeBlock(Rc::new(CodeBlock {
            language: self.language.clone(),
            text: self.lines.text(),
        }))
    }
}

/// An HTML block.
#[derive(Clone, Debug)]
pub(crate) struct Html {
    pub(crate) end: HtmlEnd,
    lines: Lines,
}

impl Html {
    pub(crate) fn new(end: HtmlEnd) -> Self {
        Self {
            end,
            lines: Lines::default(),
        }
    }

    /// Adds a line and says whether it is the last one.
    pub(crate) fn line(&mut self, (blanks, text): (&str, &str)) -> bool {
        self.lines.line(blanks, text);
        match self.end {
            HtmlEnd::BlankLine => false,
            HtmlEnd::Text(end) => text.contains(end),
        }
    }

    fn node(&self) -> Node {
        let text = self.lines.text();
        let text: Vec<_> = text.into_iter().map(Node::Text).collect();
        Node::Element(Kind::Html, text.into())
    }
}
