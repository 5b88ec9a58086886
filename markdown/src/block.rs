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

/// A node of a block's tree; at most [`crate::MAX_DEPTH`] elements deep. A clone shares what it holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Text(AttrValue),
    Code(AttrValue),
    Math(Rc<Math>),
    HardBreak,
    Rule,
    Task {
        done: bool,
    },
    CodeBlock(Rc<CodeBlock>),
    Image(Rc<Image>),
    FootnoteReference {
        number: u32,
        first: bool,
    },
    /// Something was left out here because a cap was reached.
    Truncated,
    Element(Kind, Rc<[Node]>),
    /// Some of the parent's children.
    Run(Rc<Run>),
    /// Text that names references, which may be defined later.
    Referring(Rc<Referring>),
}

/// Neighbouring children of one parent.
#[derive(Debug, PartialEq)]
pub(crate) struct Run(pub(crate) Vec<Node>);

/// A piece of text in which references were looked up, with what it takes to do so again.
#[derive(Debug)]
pub(crate) struct Referring {
    pub(crate) nodes: Vec<Node>,
    pub(crate) source: Box<str>,
    /// Labels that were not defined; those of footnotes with their `^`.
    pub(crate) missing: Vec<Box<str>>,
    /// Numbers of the footnotes that are referred to here first.
    pub(crate) first: Vec<u32>,
}

/// Compares what is shown.
impl PartialEq for Referring {
    fn eq(&self, other: &Self) -> bool {
        self.nodes == other.nodes
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CodeBlock {
    /// The first word of the info string, empty when there is none.
    pub(crate) language: AttrValue,
    /// The text in pieces of whole lines; all but the last never change.
    pub(crate) text: Vec<AttrValue>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Math {
    /// TeX, without its delimiters.
    pub(crate) source: AttrValue,
    /// In a line of its own.
    pub(crate) is_display: bool,
    /// Its end is still to come.
    pub(crate) is_open: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Image {
    pub(crate) alt: AttrValue,
    pub(crate) source: Rc<Link>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Paragraph,
    /// 1 to 6.
    Heading(u8),
    Quote,
    List {
        /// The number of the first item when ordered.
        start: Option<u32>,
        /// The items' paragraphs are shown without space between.
        tight: bool,
    },
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
