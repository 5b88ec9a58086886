use std::mem;

use crate::{
    block::{Align, Kind, Node},
    flow::{Flow, MAX_SPAN},
    inline::Inline,
    preview, row, scan,
    table::{MAX_COLUMNS, Table},
};

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
    /// The last line of `definitions` stands outside of the paragraph's containers.
    is_lazy: bool,
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
                self.is_lazy = lazy;
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
        if !self.definitions.is_empty() {
            return self.take_head_of_definitions(columns);
        }
        let is_head = self.head.contains('|') && row::cells(&self.head).count() == columns;
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

    /// As [`Self::take_head`], while the text may still define links: behind a table's head no definition goes on.
    fn take_head_of_definitions(&mut self, columns: usize) -> Option<String> {
        let before = self.definitions.rfind('\n');
        let head = &self.definitions[before.map_or(0, |end| end + 1)..];
        if self.is_lazy || !head.contains('|') || row::cells(head).count() != columns {
            return None;
        }
        let head = head.to_owned();
        self.definitions.truncate(before.unwrap_or_default());
        self.lines = usize::from(!self.definitions.is_empty());
        Some(head)
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

    /// The blocks as they are now.
    pub(crate) fn open_nodes(&self) -> Vec<Node> {
        let mut nodes = Vec::new();
        if !self.definitions.is_empty() {
            if !self.definitions.contains("]:") {
                let text = preview::nodes(&self.definitions, true);
                nodes.push(Node::Element(Kind::Paragraph, text.into()));
            }
            return nodes;
        }
        if self.lines > usize::from(self.is_held) {
            let text = self.flow.done().with(self.flow.open_nodes());
            nodes.push(Node::Element(Kind::Paragraph, text));
        }
        if self.is_held {
            let cells = row::cells(&self.head);
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
