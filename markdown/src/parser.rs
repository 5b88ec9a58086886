//! The block structure of a text, line by line: each line is read once and settles what it ends.

mod begin;

use std::mem;

use crate::{
    block::Node,
    container::{Container, Shape},
    cursor::Cursor,
    html::HtmlEnd,
    inline::Inline,
    leaf::Leaf,
    math_block::Line,
    paragraph::Paragraph,
    row, scan,
    siblings::Siblings,
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
