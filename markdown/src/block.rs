use std::rc::Rc;

use yew::AttrValue;

use crate::link::Link;

/// One top-level block of a document (a paragraph, a list, a table …) as an owned tree.
#[derive(Debug, PartialEq)]
pub struct Block {
    key: usize,
    root: Node,
}

impl Block {
    pub(crate) fn new(key: usize, root: Node) -> Self {
        Self { key, root }
    }

    /// The block's place in its document, counted from 0: the same for as long as the block stays the same.
    pub fn key(&self) -> usize {
        self.key
    }

    pub(crate) fn root(&self) -> &Node {
        &self.root
    }

    /// The number of the footnote that this block defines.
    pub(crate) fn footnote(&self) -> Option<u32> {
        match self.root {
            Node::Element(Kind::Footnote { number, .. }, _) => Some(number),
            _ => None,
        }
    }
}

/// A node of a block's tree; at most [`crate::MAX_DEPTH`] elements deep.
#[derive(Debug, PartialEq)]
pub(crate) enum Node {
    Text(AttrValue),
    Code(AttrValue),
    HardBreak,
    Rule,
    Task {
        done: bool,
    },
    CodeBlock(CodeBlock),
    Image(Image),
    FootnoteReference {
        number: u32,
        first: bool,
    },
    /// Something was left out here because a cap was reached.
    Truncated,
    Element(Kind, Vec<Node>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CodeBlock {
    /// The first word of the info string, empty when there is none.
    pub(crate) language: AttrValue,
    pub(crate) text: AttrValue,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Image {
    pub(crate) alt: AttrValue,
    pub(crate) source: Rc<Link>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Kind {
    Paragraph,
    /// 1 to 6.
    Heading(u8),
    Quote,
    /// The number of the first item when ordered.
    List(Option<u64>),
    Item,
    Table,
    TableHead,
    TableRow,
    Cell(Align),
    /// Raw HTML, shown as the text it is.
    Html,
    Footnote {
        number: u32,
        referenced: bool,
    },
    Emphasis,
    Strong,
    Strikethrough,
    Link(Rc<Link>),
    /// A link whose destination was refused: its text.
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Align {
    None,
    Left,
    Center,
    Right,
}
