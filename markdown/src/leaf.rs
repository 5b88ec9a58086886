use std::{mem, rc::Rc};

use yew::AttrValue;

use crate::{
    block::{Align, CodeBlock, Kind, Node},
    flow::{Flow, MAX_SPAN},
    inline::{self, Inline},
    scan::{self, HtmlEnd},
    siblings::Siblings,
};

/// Most columns of a table; the others are left out and the row ends with an ellipsis.
pub const MAX_COLUMNS: usize = 64;
/// Bytes of code or HTML after which a piece of the text is settled, at the next line end.
const PIECE: usize = 8 * 1024;

/// The block without blocks inside to which lines are being added.
#[derive(Clone, Debug)]
pub(crate) enum Leaf {
    Paragraph(Paragraph),
    Code(Code),
    Html(Html),
    Table(Table),
}

impl Leaf {
    /// The block as it is now.
    pub(crate) fn open_nodes(&self) -> Vec<Node> {
        match self {
            Self::Paragraph(paragraph) => paragraph.open_nodes(),
            Self::Code(code) => vec![code.node()],
            Self::Html(html) => vec![html.node()],
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
            Self::Table(table) => Some(table.node()),
        }
    }
}

/// A paragraph, which may still become a heading or a table's head.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paragraph {
    flow: Flow,
    /// Complete lines in `flow`, and whether the last one is still open.
    lines: usize,
    /// The last line, if it can be the head of a table; `flow` has it unless `is_held`.
    head: String,
    is_held: bool,
    /// The whole text so far, as long as it may define links; `flow` has nothing of it.
    definitions: String,
    /// Something stands before the text.
    is_marked: bool,
}

impl Paragraph {
    pub(crate) fn new(task: Option<bool>, truncated: bool) -> Self {
        let mut paragraph = Self {
            is_marked: truncated || task.is_some(),
            ..Self::default()
        };
        if truncated {
            paragraph.flow.node(Node::Truncated);
        }
        if let Some(done) = task {
            paragraph.flow.node(Node::Task { done });
        }
        paragraph
    }

    /// Adds a line, or the beginning of one; `lazy`: it stands outside of the paragraph's containers.
    pub(crate) fn line(&mut self, text: &str, lazy: bool, inline: &mut Inline) {
        if self.lines == 0 && scan::may_define_link(text) && !self.is_marked {
            self.lines = 1;
            self.definitions.push_str(text);
            return;
        }
        if !self.definitions.is_empty() {
            let ends =
                scan::is_definition(&self.definitions) && !text.starts_with(['"', '\'', '(']);
            if ends && !self.take_definitions(inline) {
                self.line(text, lazy, inline);
                return;
            }
            if !ends {
                self.definitions.push('\n');
                self.definitions.push_str(text);
                return;
            }
        }
        self.release(inline);
        let first = self.lines == 0;
        self.lines += 1;
        self.head.clear();
        if text.starts_with('|') && !lazy {
            self.head.push_str(text);
            self.is_held = true;
            return;
        }
        if first {
            self.head.push_str(text);
            self.limit_head();
        } else {
            self.flow.line_end(inline);
        }
        self.flow.text(text, inline);
    }

    /// Adds to the line that was begun.
    pub(crate) fn more(&mut self, text: &str, inline: &mut Inline) {
        if !self.definitions.is_empty() {
            self.definitions.push_str(text);
            return;
        }
        if !self.head.is_empty() {
            self.head.push_str(text);
            self.limit_head();
        }
        if !self.is_held {
            self.flow.text(text, inline);
        }
    }

    /// No table's head is that long, and copying it has its price.
    fn limit_head(&mut self) {
        if self.head.len() > MAX_SPAN && !self.is_held {
            self.head.clear();
        }
    }

    /// Takes the last line away as the head of a table with so many columns, if it is one.
    pub(crate) fn take_head(&mut self, columns: usize) -> Option<String> {
        let is_head = self.head.contains('|') && scan::cells(&self.head).count() == columns;
        if !is_head {
            return None;
        }
        if !self.is_held {
            self.flow = Flow::default();
        }
        self.lines -= 1;
        self.is_held = false;
        Some(mem::take(&mut self.head))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lines == 0
    }

    /// Settles what only defines links; whether text is left.
    pub(crate) fn take_definitions(&mut self, inline: &mut Inline) -> bool {
        if self.definitions.is_empty() {
            return true;
        }
        let text = mem::take(&mut self.definitions);
        let rest = if inline.preview || !text.contains("]:") {
            &text
        } else {
            inline.take_definitions(&text)
        };
        self.lines = rest.lines().count();
        for (i, line) in rest.lines().enumerate() {
            if i > 0 {
                self.flow.line_end(inline);
            }
            self.flow.text(line, inline);
        }
        !rest.is_empty()
    }

    pub(crate) fn finish(mut self, kind: Kind, inline: &mut Inline) -> Option<Node> {
        if !self.take_definitions(inline) || self.lines == 0 {
            return None;
        }
        self.release(inline);
        let nodes = self.flow.finish(inline).into_nodes();
        Some(Node::Element(kind, nodes))
    }

    fn open_nodes(&self) -> Vec<Node> {
        let mut nodes = Vec::new();
        if !self.definitions.is_empty() {
            if !self.definitions.contains("]:") {
                let text = crate::preview::nodes(&self.definitions, true);
                nodes.push(Node::Element(Kind::Paragraph, text.into()));
            }
            return nodes;
        }
        if self.lines > usize::from(self.is_held) {
            let text = self.flow.done().with(self.flow.open_nodes());
            nodes.push(Node::Element(Kind::Paragraph, text));
        }
        if self.is_held {
            let cells = scan::cells(&self.head);
            let columns = vec![Align::None; cells.count().min(MAX_COLUMNS)];
            nodes.push(Table::new(columns, &self.head, &mut Inline::previewing()).node());
        }
        nodes
    }

    /// Gives the text the line that turned out to be no table's head.
    fn release(&mut self, inline: &mut Inline) {
        if !mem::take(&mut self.is_held) {
            return;
        }
        if self.lines > 1 {
            self.flow.line_end(inline);
        }
        let head = mem::take(&mut self.head);
        self.flow.text(&head, inline);
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
            text.push(inline::owned(&self.last));
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

/// A table.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    columns: Rc<[Align]>,
    rows: Siblings,
}

impl Table {
    pub(crate) fn new(columns: Vec<Align>, head: &str, inline: &mut Inline) -> Self {
        let mut table = Self {
            columns: columns.into(),
            rows: Siblings::default(),
        };
        table.add(Kind::TableHead, head, inline);
        table
    }

    pub(crate) fn row(&mut self, row: &str, inline: &mut Inline) {
        self.add(Kind::TableRow, row, inline);
    }

    fn add(&mut self, kind: Kind, row: &str, inline: &mut Inline) {
        let mut texts = scan::cells(row);
        let mut cells: Vec<Node> = Vec::new();
        for align in self.columns.iter().take(MAX_COLUMNS) {
            let text = texts.next().unwrap_or_default();
            let text = if text.contains('\\') {
                text.replace("\\|", "|")
            } else {
                text.to_owned()
            };
            let nodes = Flow::whole(&text, inline).into_nodes();
            cells.push(Node::Element(Kind::Cell(*align), nodes));
        }
        if self.columns.len() > MAX_COLUMNS {
            let nodes = Rc::new([Node::Truncated]);
            cells.push(Node::Element(Kind::Cell(Align::None), nodes));
        }
        self.rows.push(Node::Element(kind, cells.into()));
    }

    fn node(&self) -> Node {
        Node::Element(Kind::Table, self.rows.with(Vec::new()))
    }
}
