//! The block structure of a text, line by line: each line is read once and settles what it ends.

use std::mem;

use crate::{
    block::{Kind, Node},
    container::{Container, Shape},
    cursor::Cursor,
    flow::Flow,
    html::{self, HtmlEnd},
    inline::Inline,
    leaf::{Code, Html, Leaf},
    math_block::{self, Begins, Line, MathBlock},
    paragraph::Paragraph,
    row,
    scan::{self, Marker},
    siblings::Siblings,
    table::Table,
};

/// Deepest nesting of elements.
pub const MAX_DEPTH: usize = 64;
/// Deepest nesting of lists, their items, quotes and footnotes; further marks are shown as text.
const MAX_CONTAINERS: usize = 46;

/// Open containers and the open leaf: the blocks that further lines may change.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parser {
    pub(crate) inline: Inline,
    /// Top-level blocks that ended since they were last taken, each with the labels that it names and nobody defined yet.
    pub(crate) settled: Vec<(Node, Vec<Box<str>>)>,
    open: Vec<Container>,
    leaf: Option<Leaf>,
    last_line_blank: bool,
}

/// What a line is once its containers are known.
enum Rest<'a> {
    Done,
    Text { text: &'a str, task: Option<bool> },
}

impl Parser {
    /// Reads a line without its end; or the beginning of one, if [`scan::is_surely_text`].
    pub(crate) fn line(&mut self, line: &str) {
        let mut cursor = Cursor::new(line);
        let matched = self.match_containers(&mut cursor);
        let is_inside = matched == self.open.len();
        if is_inside && self.continue_verbatim(&mut cursor) {
            return;
        }
        let mut new = New {
            matched,
            is_inside,
            begun: false,
        };
        let Rest::Text { text, task } = self.begin_blocks(&mut cursor, &mut new) else {
            return;
        };
        let is_lazy = !new.begun && !is_inside;
        if is_lazy && !text.is_empty() && matches!(self.leaf, Some(Leaf::Paragraph(_))) {
            self.paragraph_line(text, true);
            return;
        }
        self.close_to(new.matched, new.begun);
        if text.is_empty() {
            self.blank_line(task, new.begun);
        } else {
            self.text_line(text, task);
        }
    }

    /// Adds to the line whose beginning was read.
    pub(crate) fn more(&mut self, text: &str) {
        match &mut self.leaf {
            Some(Leaf::Paragraph(paragraph)) => paragraph.more(text, &mut self.inline),
            Some(Leaf::Code(code)) => code.more(text),
            _ => {}
        }
    }

    /// Whether the beginning of a line may be read before its end is known.
    pub(crate) fn takes_beginnings(&self) -> bool {
        !matches!(
            self.leaf,
            Some(Leaf::Html(_) | Leaf::Math(_) | Leaf::Table(_))
        )
    }

    /// The mark of the fence that is open, if the text is in one.
    pub(crate) fn fence(&self) -> Option<char> {
        match &self.leaf {
            Some(Leaf::Code(code)) => code.fence.map(|fence| fence.0),
            _ => None,
        }
    }

    /// Ends all blocks.
    pub(crate) fn finish(&mut self) {
        self.close_leaf();
        while !self.open.is_empty() {
            self.close_container();
        }
    }

    /// The top-level blocks that are open, as they are now.
    pub(crate) fn open_nodes(&self) -> Vec<Node> {
        let mut nodes = self.leaf.as_ref().map(Leaf::open_nodes).unwrap_or_default();
        for container in self.open.iter().rev() {
            let children = container.children.with(nodes);
            nodes = vec![Node::Element(container.kind(), children)];
        }
        nodes
    }

    /// How many of the open containers go on in this line.
    fn match_containers(&self, cursor: &mut Cursor<'_>) -> usize {
        for (i, container) in self.open.iter().enumerate() {
            let (indent, text) = cursor.indent();
            let goes_on = match container.kind {
                Shape::List { .. } => true,
                Shape::Quote => {
                    indent < 4 && text.starts_with('>') && {
                        skip_quote(cursor);
                        true
                    }
                }
                Shape::Item { .. } if text.is_empty() && !container.has_child => false,
                Shape::Item { indent: needed } if text.is_empty() => {
                    cursor.skip_columns(needed.min(indent));
                    true
                }
                Shape::Item { indent: needed } => skip_indent(cursor, indent, needed),
                Shape::Footnote { .. } => text.is_empty() || skip_indent(cursor, indent, 4),
            };
            if !goes_on {
                return i;
            }
        }
        self.open.len()
    }

    /// Adds the line to an open code or HTML block, unless the line ends it.
    fn continue_verbatim(&mut self, cursor: &mut Cursor<'_>) -> bool {
        let (indent, text) = cursor.indent();
        match &mut self.leaf {
            Some(Leaf::Code(code)) => match code.fence {
                Some((mark, length, _)) if indent < 4 && scan::closes_fence(text, mark, length) => {
                    self.close_leaf();
                    true
                }
                Some((_, _, columns)) => {
                    cursor.skip_columns(columns.min(indent));
                    code.line(cursor.verbatim());
                    true
                }
                None if indent >= 4 || text.is_empty() => {
                    cursor.skip_columns(4.min(indent));
                    code.line(cursor.verbatim());
                    self.last_line_blank = text.is_empty();
                    true
                }
                None => false,
            },
            Some(Leaf::Html(html))
                if !(text.is_empty() && matches!(html.end, HtmlEnd::BlankLine)) =>
            {
                if html.line(cursor.verbatim()) {
                    self.close_leaf();
                }
                true
            }
            Some(Leaf::Math(_)) if !text.is_empty() => {
                self.math_line(text);
                true
            }
            _ => false,
        }
    }

    fn math_line(&mut self, text: &str) {
        let Some(Leaf::Math(mut math)) = self.leaf.take() else {
            return;
        };
        match math.line(text) {
            Line::Open => self.leaf = Some(Leaf::Math(math)),
            Line::Last(node) => self.settle(node),
            Line::TooMuch => {
                let paragraph = math.into_paragraph(&mut self.inline);
                self.leaf = Some(Leaf::Paragraph(paragraph));
            }
        }
    }

    /// Begins the blocks whose marks the line has, and finds the text behind them.
    fn begin_blocks<'a>(&mut self, cursor: &mut Cursor<'a>, new: &mut New) -> Rest<'a> {
        let mut task = None;
        loop {
            let (indent, text) = cursor.indent();
            if text.is_empty() || task.is_some() {
                return Rest::Text { text, task };
            }
            let in_paragraph = self.in_paragraph(new);
            if indent >= 4 {
                let in_table = new.is_inside && matches!(self.leaf, Some(Leaf::Table(_)));
                if !in_paragraph && !in_table {
                    self.begin(new);
                    cursor.skip_columns(4);
                    let mut code = Code::indented();
                    code.line(cursor.verbatim());
                    self.begin_leaf();
                    self.leaf = Some(Leaf::Code(code));
                    return Rest::Done;
                }
                return Rest::Text { text, task };
            }
            if self.begin_leaf_block(cursor, new, in_paragraph) {
                return Rest::Done;
            }
            if !self.begin_container(cursor, new) {
                return Rest::Text { text, task };
            }
            if let Some(Container {
                kind: Shape::Item { .. },
                ..
            }) = self.open.last()
                && let (0..4, text) = cursor.indent()
                && let Some((done, rest)) = scan::task(text)
            {
                task = Some(done);
                cursor.skip_blank();
                cursor.skip_marker(text.len() - rest.len());
            }
        }
    }

    fn begin_leaf_block(&mut self, cursor: &Cursor<'_>, new: &mut New, in_paragraph: bool) -> bool {
        let (indent, text) = cursor.indent();
        if let Some((level, title)) = scan::heading(text) {
            self.begin(new);
            self.begin_leaf();
            let nodes = Flow::whole(title, &mut self.inline).into_nodes();
            self.settle(Node::Element(Kind::Heading(level), nodes));
            return true;
        }
        if let Some(fence) = scan::fence(text) {
            self.begin(new);
            self.begin_leaf();
            let code = Code::fenced(&fence, indent, &mut self.inline);
            self.leaf = Some(Leaf::Code(code));
            return true;
        }
        if let Some(math) = math_block::begins(text) {
            self.begin(new);
            self.begin_leaf();
            match math {
                Begins::Whole(node) => self.settle(node),
                Begins::Lines(delimiter) => {
                    self.leaf = Some(Leaf::Math(MathBlock::new(delimiter, text)));
                }
            }
            return true;
        }
        if html::begins(text) || !in_paragraph && self.inline.begins_html(text) {
            self.begin(new);
            let mut html = Html::new(html::end(text));
            let is_last = html.line(cursor.verbatim());
            self.begin_leaf();
            self.leaf = Some(Leaf::Html(html));
            if is_last {
                self.close_leaf();
            }
            return true;
        }
        if in_paragraph && new.is_inside && self.end_paragraph(text) {
            return true;
        }
        if scan::is_rule(text) {
            self.begin(new);
            self.begin_leaf();
            self.settle(Node::Rule);
            return true;
        }
        false
    }

    /// Ends the open paragraph as a heading or begins a table with its last line, if `text` is the line for it.
    fn end_paragraph(&mut self, text: &str) -> bool {
        let Some(Leaf::Paragraph(paragraph)) = &mut self.leaf else {
            return false;
        };
        if let Some(columns) = row::delimiter_row(text)
            && let Some(head) = paragraph.take_head(columns.len())
        {
            if paragraph.is_empty() {
                self.leaf = None;
            } else {
                self.close_leaf();
            }
            self.begin_leaf();
            let table = Table::new(columns, &head, &mut self.inline);
            self.leaf = Some(Leaf::Table(table));
            return true;
        }
        let Some(level) = scan::underline(text) else {
            return false;
        };
        if !paragraph.take_definitions(&mut self.inline) {
            return false;
        }
        if let Some(Leaf::Paragraph(paragraph)) = self.leaf.take()
            && let Some(heading) = paragraph.finish(Kind::Heading(level), &mut self.inline)
        {
            self.settle(heading);
        }
        true
    }

    fn begin_container(&mut self, cursor: &mut Cursor<'_>, new: &mut New) -> bool {
        let (indent, text) = cursor.indent();
        let depth = if new.begun {
            self.open.len()
        } else {
            new.matched
        };
        if depth + 2 > MAX_CONTAINERS {
            return false;
        }
        if text.starts_with('>') {
            self.begin(new);
            skip_quote(cursor);
            self.begin_kind(Shape::Quote);
            return true;
        }
        if let Some((label, rest)) = scan::footnote(text) {
            self.begin(new);
            let found = self.inline.define_footnote(label);
            cursor.skip_blank();
            cursor.skip_marker(text.len() - rest.len());
            cursor.skip_blank();
            self.leave_list();
            if matches!(
                self.open.last(),
                Some(Container {
                    kind: Shape::Footnote { .. },
                    ..
                })
            ) {
                self.close_container();
            }
            self.begin_kind(Shape::Footnote {
                number: found.map(|found| found.0),
                referenced: found.is_some_and(|found| found.1),
            });
            return true;
        }
        let Some(marker) = scan::marker(text) else {
            return false;
        };
        let is_empty = text[marker.length..].trim_matches([' ', '\t']).is_empty();
        let interrupts = !is_empty && marker.number.is_none_or(|number| number == 1);
        if self.in_paragraph(new) && new.is_inside && !interrupts {
            return false;
        }
        self.begin(new);
        self.begin_item(cursor, indent, marker, is_empty);
        true
    }

    fn in_paragraph(&self, new: &New) -> bool {
        !new.begun && matches!(self.leaf, Some(Leaf::Paragraph(_)))
    }

    fn begin_item(
        &mut self,
        cursor: &mut Cursor<'_>,
        indent: usize,
        marker: Marker,
        is_empty: bool,
    ) {
        let continues = matches!(self.open.last(), Some(Container { kind: Shape::List { mark, .. }, .. }) if *mark == marker.mark);
        if !continues {
            self.begin_kind(Shape::List {
                mark: marker.mark,
                start: marker.number,
                tight: true,
            });
        }
        cursor.skip_blank();
        cursor.skip_marker(marker.length);
        let (blank, _) = cursor.indent();
        let padding = if is_empty || blank > 4 { 1 } else { blank };
        cursor.skip_columns(padding);
        self.begin_kind(Shape::Item {
            indent: indent + marker.length + padding,
        });
    }

    fn text_line(&mut self, text: &str, task: Option<bool>) {
        match &mut self.leaf {
            Some(Leaf::Paragraph(_)) => self.paragraph_line(text, false),
            Some(Leaf::Table(table)) if row::cells(text).next().is_some() => {
                table.row(text, &mut self.inline);
            }
            _ => {
                self.close_leaf();
                let truncated = self.open.len() + 2 > MAX_CONTAINERS
                    && (text.starts_with('>') || scan::marker(text).is_some());
                self.begin_leaf();
                let mut paragraph = Paragraph::new(task, truncated);
                paragraph.line(text, false, &mut self.inline);
                self.leaf = Some(Leaf::Paragraph(paragraph));
            }
        }
    }

    fn paragraph_line(&mut self, text: &str, lazy: bool) {
        if let Some(Leaf::Paragraph(paragraph)) = &mut self.leaf {
            paragraph.line(text, lazy, &mut self.inline);
        }
    }

    fn blank_line(&mut self, task: Option<bool>, begun: bool) {
        if let Some(done) = task {
            self.begin_leaf();
            self.settle(Node::Task { done });
            return;
        }
        self.close_leaf();
        let in_quote = matches!(
            self.open.last(),
            Some(Container {
                kind: Shape::Quote,
                ..
            })
        );
        self.last_line_blank = !in_quote && !begun;
    }

    /// Makes room for a new block: what does not go on in this line ends.
    fn begin(&mut self, new: &mut New) {
        self.close_to(new.matched, new.begun);
        self.close_leaf();
        new.begun = true;
    }

    fn close_to(&mut self, count: usize, begun: bool) {
        if begun || count == self.open.len() {
            return;
        }
        self.close_leaf();
        while self.open.len() > count {
            self.close_container();
        }
    }

    fn begin_kind(&mut self, kind: Shape) {
        if !matches!(kind, Shape::Item { .. }) {
            self.leave_list();
        }
        self.note_child();
        self.open.push(Container {
            kind,
            children: Siblings::default(),
            has_child: false,
        });
    }

    /// Makes a place for a leaf. Before its text is read: a list that ends here must not take the text's labels for its own.
    fn begin_leaf(&mut self) {
        self.leave_list();
        self.note_child();
    }

    /// A list holds items only: anything else ends it.
    fn leave_list(&mut self) {
        if matches!(
            self.open.last(),
            Some(Container {
                kind: Shape::List { .. },
                ..
            })
        ) {
            self.close_container();
        }
    }

    /// A blank line between two children makes the list around them loose.
    fn note_child(&mut self) {
        let blank = mem::take(&mut self.last_line_blank);
        let Some(parent) = self.open.last_mut() else {
            return;
        };
        let separated = blank && parent.has_child;
        parent.has_child = true;
        let is_item = matches!(parent.kind, Shape::Item { .. });
        let list = if is_item {
            self.open.len().checked_sub(2)
        } else {
            self.open.len().checked_sub(1)
        };
        if let Some(Container {
            kind: Shape::List { tight, .. },
            ..
        }) = list.and_then(|list| self.open.get_mut(list))
            && separated
        {
            *tight = false;
        }
    }

    fn settle(&mut self, node: Node) {
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => self
                .settled
                .push((node, mem::take(&mut self.inline.missing))),
        }
    }

    fn close_leaf(&mut self) {
        if let Some(leaf) = self.leaf.take()
            && let Some(node) = leaf.finish(&mut self.inline)
        {
            self.settle(node);
        }
    }

    fn close_container(&mut self) {
        if let Some(container) = self.open.pop() {
            let kind = container.kind();
            let node = Node::Element(kind, container.children.into_nodes());
            self.settle(node);
        }
    }
}

/// How far a line has come.
struct New {
    /// Containers that go on.
    matched: usize,
    /// All of them do.
    is_inside: bool,
    /// A new block was begun.
    begun: bool,
}

fn skip_quote(cursor: &mut Cursor<'_>) {
    cursor.skip_blank();
    cursor.skip_marker(1);
    cursor.skip_columns(1);
}

fn skip_indent(cursor: &mut Cursor<'_>, indent: usize, needed: usize) -> bool {
    let enough = indent >= needed;
    if enough {
        cursor.skip_columns(needed);
    }
    enough
}
