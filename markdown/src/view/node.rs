use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use yew::{AttrValue, html::Scope, virtual_dom::VNode};

use super::{
    action::Action,
    direction::{foreign, is_hidden, is_reordering},
    painter::ShownCode,
    part::{Part, Shared, Shown, part},
    tag::{checkbox, keyed, list, plain, slabs, tag, text, with},
    widget::button,
};
use crate::{
    block::{Align, Block, Kind, Math, Node},
    flow::NEARLY_SLAB,
};

/// One rendering of a block.
pub(super) struct View<'a> {
    pub(super) part: &'a Part,
    pub(super) scope: &'a Scope<Part>,
    pub(super) shared: &'a Rc<Shared>,
    /// Code blocks and tables met so far.
    met: Cell<usize>,
    pub(super) codes: RefCell<Vec<ShownCode>>,
    /// Formulas that are not set yet.
    pub(super) formulas: RefCell<Vec<Rc<Math>>>,
}

impl<'a> View<'a> {
    pub(super) fn new(part: &'a Part, scope: &'a Scope<Part>, shared: &'a Rc<Shared>) -> Self {
        Self {
            part,
            scope,
            shared,
            met: Cell::new(0),
            codes: RefCell::default(),
            formulas: RefCell::default(),
        }
    }

    /// The number of the next code block or table.
    pub(super) fn number(&self) -> usize {
        let number = self.met.get();
        self.met.set(number + 1);
        number
    }

    /// A top-level block: a heading is one that can be linked to.
    pub(super) fn block(&self, block: &Block) -> VNode {
        match block.root() {
            Node::Element(Kind::Heading(level), children) => {
                self.heading(*level, children, Some(block.key()))
            }
            root => self.node(root, false),
        }
    }

    /// `tight`: a paragraph is the text of a tight list's item, without a box of its own.
    pub(super) fn node(&self, node: &Node, tight: bool) -> VNode {
        let labels = &self.shared.labels;
        match node {
            Node::Text(content) if content.len() >= NEARLY_SLAB => slabs(content),
            Node::Text(content) => foreign(content, is_reordering),
            Node::Code(content) => plain("code", foreign(content, is_hidden)),
            Node::Math(math) => self.math(math),
            Node::HardBreak => plain("br", VNode::default()),
            Node::Rule => plain("hr", VNode::default()),
            Node::Task { done: true } => checkbox(true, &labels.task_done),
            Node::Task { done: false } => checkbox(false, &labels.task_open),
            Node::CodeBlock(code) => self.code(code),
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
            Node::Run(run) => part(self.shared, Shown::Run(Rc::clone(run), tight), 0),
            Node::Referring(referring) => self.nodes(&referring.nodes, false),
            Node::Element(kind, children) => self.element(kind, children, tight),
        }
    }

    /// Keyed by place: without keys the diff matches from the end, so that a growing paragraph would be rewritten.
    pub(super) fn nodes(&self, nodes: &[Node], tight: bool) -> VNode {
        let place = nodes.iter().enumerate();
        list(
            place
                .map(|(i, node)| keyed(i, self.node(node, tight)))
                .collect(),
        )
    }

    /// What is inside of an element that is complete as soon as it is there: an only child needs no key.
    fn inside(&self, nodes: &[Node]) -> VNode {
        match nodes {
            [only] => self.node(only, false),
            nodes => self.nodes(nodes, false),
        }
    }

    fn element(&self, kind: &Kind, children: &Rc<[Node]>, tight: bool) -> VNode {
        match kind {
            Kind::Table => return self.table(children),
            Kind::TableHead => return self.row(children, true),
            Kind::TableRow => return self.row(children, false),
            Kind::List { start, tight } => return self.items(*start, children, *tight),
            Kind::Item => {
                let class = has_task(children).then_some(&AttrValue::Static("md-task"));
                return with("li", &["class"], [class], self.nodes(children, tight));
            }
            _ => {}
        }
        if let Kind::Heading(level) = kind {
            return self.heading(*level, children, None);
        }
        let inside = match kind {
            Kind::Emphasis | Kind::Strong | Kind::Strikethrough | Kind::Link(_) | Kind::Refused => {
                self.inside(children)
            }
            _ => self.nodes(children, false),
        };
        let name = match kind {
            Kind::Footnote { number, referenced } => {
                return self.footnote(*number, *referenced, inside);
            }
            Kind::Link(link) => return self.link(link, children, inside),
            Kind::Html => return tag("p", "md-html", inside),
            Kind::Paragraph if tight => return inside,
            Kind::Paragraph => "p",
            Kind::Quote => "blockquote",
            Kind::Emphasis => "em",
            Kind::Strong => "strong",
            Kind::Strikethrough => "del",
            Kind::Refused => "bdi",
            // Made by its row.
            _ => return inside,
        };
        plain(name, inside)
    }

    fn items(&self, start: Option<u32>, items: &[Node], tight: bool) -> VNode {
        let name = if start.is_some() { "ol" } else { "ul" };
        let start = start.filter(|start| *start != 1);
        let start = start.map(|start| AttrValue::from(start.to_string()));
        with(name, &["start"], [start.as_ref()], self.nodes(items, tight))
    }

    fn table(&self, rows: &Rc<[Node]>) -> VNode {
        let (head, body) = rows.split_at(rows.len().min(1));
        let parts = vec![
            plain("thead", self.nodes(head, false)),
            plain("tbody", self.nodes(body, false)),
        ];
        let labels = &self.shared.labels;
        let table = with(
            "div",
            &["role", "tabindex", "aria-label", "class"],
            [
                Some(&AttrValue::Static("region")),
                Some(&AttrValue::Static("0")),
                Some(&labels.table),
                Some(&AttrValue::Static("md-table")),
            ],
            plain("table", list(parts)),
        );
        let number = self.number();
        let copy = Action::CopyTable(number, Rc::clone(rows), self.scope.clone());
        let bar = vec![
            self.outcome(number),
            button("md-copy", text(&labels.copy_table), copy),
        ];
        let parts = vec![table, tag("div", "md-table-bar", list(bar))];
        tag("div", "md-table-frame", list(parts))
    }

    fn row(&self, cells: &[Node], head: bool) -> VNode {
        let cells = cells.iter().map(|cell| self.cell(cell, head));
        plain("tr", list(cells.collect()))
    }

    fn cell(&self, cell: &Node, head: bool) -> VNode {
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
        let inside = self.inside(children);
        with(name, &["scope", "class"], [scope, class], inside)
    }
}

fn has_task(item: &[Node]) -> bool {
    match item.first() {
        Some(Node::Task { .. }) => true,
        Some(Node::Element(Kind::Paragraph, inline)) => {
            matches!(inline.first(), Some(Node::Task { .. }))
        }
        _ => false,
    }
}
