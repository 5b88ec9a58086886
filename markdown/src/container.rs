use crate::{block::Kind, siblings::Siblings};

/// A block that holds blocks and to which lines are being added.
#[derive(Clone, Debug)]
pub(crate) struct Container {
    pub(crate) kind: Shape,
    pub(crate) children: Siblings,
    pub(crate) has_child: bool,
}

/// Which container, and what its further lines must be like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Quote,
    List {
        mark: u8,
        start: Option<u32>,
        tight: bool,
    },
    /// Columns by which the item's further lines are indented.
    Item {
        indent: usize,
    },
    Footnote {
        number: Option<u32>,
        referenced: bool,
    },
}

impl Container {
    pub(crate) fn kind(&self) -> Kind {
        match self.kind {
            Shape::Quote | Shape::Footnote { number: None, .. } => Kind::Quote,
            Shape::List { start, tight, .. } => Kind::List { start, tight },
            Shape::Item { .. } => Kind::Item,
            Shape::Footnote {
                number: Some(number),
                referenced,
            } => Kind::Footnote { number, referenced },
        }
    }
}
