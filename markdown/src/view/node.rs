use std::{cell::Cell, rc::Rc};

use yew::{
    AttrValue,
    html::Scope,
    virtual_dom::{Key, VComp, VNode},
};

use super::{
    part::{Part, PartProps, Shared},
    tag::{checkbox, keyed, list, long_text, plain, tag, text, with},
};
use crate::block::{Align, Kind, Node};

/// One rendering of a block.
pub(super) struct View<'a> {
    pub(super) part: &'a Part,
    pub(super) scope: &'a Scope<Part>,
    pub(super) shared: &'a Rc<Shared>,
    /// Code blocks met so far.
    pub(super) codes: Cell<usize>,
}

impl<'a> View<'a> {
    pub(super) fn new(part: &'a Part, scope: &'a Scope<Part>, shared: &'a Rc<Shared>) -> Self {
        Self {
            part,
            scope,
            shared,
            codes: Cell::new(0),
        }
    }

    /// `open`: the document's pending text belongs to the end of this block.
    pub(super) fn block(&self, root: &Node, open: bool) -> VNode {
        let node = self.node(root, open);
        match root {
            Node::Rule if open => list(vec![node, tag("p", "md-pending", self.pending())]),
            _ => node,
        }
    }

    fn node(&self, node: &Node, open: bool) -> VNode {
        let labels = &self.shared.labels;
        match node {
            Node::Text(content) => long_text(content),
            Node::Code(content) => plain("code", text(content)),
            Node::HardBreak => plain("br", VNode::default()),
            Node::Rule => plain("hr", VNode::default()),
            Node::Task { done: true } => checkbox(true, &labels.task_done),
            Node::Task { done: false } => checkbox(false, &labels.task_open),
            Node::CodeBlock(code) => self.code(code, open),
            Node::Image(image) => self.image(image),
            Node::FootnoteReference { number, first } => self.reference(*number, *first),
            Node::Truncated => with(
                "span",
                &["role", "title", "class"],
                [
                    Some(&AttrValue::Static("note")),
                    Some(&labels.truncated),
                    Some(&AttrValue::Static("md-truncated")),
                ],
                text(&AttrValue::Static("…")),
            ),
            Node::Element(kind, children) => self.element(kind, children, open),
        }
    }

    fn element(&self, kind: &Kind, children: &[Node], open: bool) -> VNode {
        match kind {
            Kind::Table => return self.table(children, open),
            Kind::List(start) => return self.items(*start, children, open),
            _ => {}
        }
        let inside = self.contents(children, open);
        let name = match kind {
            Kind::Footnote { number, referenced } => {
                return self.footnote(*number, *referenced, inside);
            }
            Kind::Link(link) => return self.link(link, inside),
            Kind::Html => return tag("p", "md-html", inside),
            Kind::Paragraph => "p",
            Kind::Heading(1) => "h1",
            Kind::Heading(2) => "h2",
            Kind::Heading(3) => "h3",
            Kind::Heading(4) => "h4",
            Kind::Heading(5) => "h5",
            Kind::Heading(_) => "h6",
            Kind::Quote => "blockquote",
            Kind::Emphasis => "em",
            Kind::Strong => "strong",
            Kind::Strikethrough => "del",
            Kind::Refused => "bdi",
            // Made by the list or the table around.
            _ => return inside,
        };
        plain(name, inside)
    }

    /// The children, and at the end of the innermost open one the pending text.
    ///
    /// Keyed by place: without keys the diff matches from the end, so that a growing paragraph would be rewritten.
    fn contents(&self, children: &[Node], open: bool) -> VNode {
        let descend = open && children.last().is_some_and(holds_pending);
        let mut nodes = Vec::with_capacity(children.len() + 1);
        for child in children {
            let last = nodes.len() + 1 == children.len();
            nodes.push(keyed(nodes.len(), self.node(child, descend && last)));
        }
        if open && !descend {
            nodes.push(self.pending());
        }
        list(nodes)
    }

    pub(super) fn pending(&self) -> VNode {
        let props = PartProps::new(self.shared, None, true);
        VComp::new::<Part>(Rc::new(props), Some(Key::from("pending"))).into()
    }

    fn items(&self, start: Option<u64>, items: &[Node], open: bool) -> VNode {
        let mut nodes = Vec::with_capacity(items.len());
        for item in items {
            let last = nodes.len() + 1 == items.len();
            let class = has_task(item).then_some(&AttrValue::Static("md-task"));
            let item = with("li", &["class"], [class], self.node(item, open && last));
            nodes.push(keyed(nodes.len(), item));
        }
        let name = if start.is_some() { "ol" } else { "ul" };
        let start = start.filter(|start| *start != 1);
        let start = start.map(|start| AttrValue::from(start.to_string()));
        with(name, &["start"], [start.as_ref()], list(nodes))
    }

    fn table(&self, rows: &[Node], open: bool) -> VNode {
        let mut head = VNode::default();
        let mut body = Vec::with_capacity(rows.len());
        for (i, row) in rows.iter().enumerate() {
            let Node::Element(_, children) = row else {
                continue;
            };
            let open = open && i > 0 && i + 1 == rows.len();
            let mut cells = Vec::with_capacity(children.len());
            for cell in children {
                let last = cells.len() + 1 == children.len();
                cells.push(self.cell(cell, i == 0, open && last));
            }
            let row = plain("tr", list(cells));
            if i == 0 {
                head = row;
            } else {
                body.push(keyed(i, row));
            }
        }
        let parts = vec![plain("thead", head), plain("tbody", list(body))];
        with(
            "div",
            &["role", "tabindex", "aria-label", "class"],
            [
                Some(&AttrValue::Static("region")),
                Some(&AttrValue::Static("0")),
                Some(&self.shared.labels.table),
                Some(&AttrValue::Static("md-table")),
            ],
            plain("table", list(parts)),
        )
    }

    fn cell(&self, cell: &Node, head: bool, open: bool) -> VNode {
        let Node::Element(Kind::Cell(align), children) = cell else {
            return VNode::default();
        };
        let class = match align {
            Align::None => None,
            Align::Left => Some(&AttrValue::Static("md-left")),
            Align::Center => Some(&AttrValue::Static("md-center")),
            Align::Right => Some(&AttrValue::Static("md-right")),
        };
        let name = if head { "th" } else { "td" };
        let scope = head.then_some(&AttrValue::Static("col"));
        let inside = self.contents(children, open);
        with(name, &["scope", "class"], [scope, class], inside)
    }
}

fn holds_pending(node: &Node) -> bool {
    match node {
        Node::CodeBlock(_) => true,
        Node::Element(kind, _) => !matches!(
            kind,
            Kind::Emphasis | Kind::Strong | Kind::Strikethrough | Kind::Link(_) | Kind::Refused
        ),
        _ => false,
    }
}

fn has_task(item: &Node) -> bool {
    let Node::Element(_, children) = item else {
        return false;
    };
    match children.first() {
        Some(Node::Task { .. }) => true,
        Some(Node::Element(Kind::Paragraph, inline)) => {
            matches!(inline.first(), Some(Node::Task { .. }))
        }
        _ => false,
    }
}
