use std::rc::Rc;

use crate::{
    block::{Align, Kind, Node},
    flow::Flow,
    inline::Inline,
    row,
    siblings::Siblings,
};

/// Most columns of a table; the others are left out and the row ends with an ellipsis.
pub const MAX_COLUMNS: usize = 64;
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
        let mut texts = row::cells(row);
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

    pub(crate) fn node(&self) -> Node {
        Node::Element(Kind::Table, self.rows.with(Vec::new()))
    }
}
