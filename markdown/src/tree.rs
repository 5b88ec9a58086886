use std::{mem, rc::Rc};

use pulldown_cmark::{Alignment, CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};
use yew::AttrValue;

use crate::{
    autolink::{self, Piece},
    block::{Align, CodeBlock, Image, Kind, Node},
    footnote::{self, Footnotes},
    link::Link,
};

/// Deepest nesting of elements; what is nested deeper is shown as text of the last level.
pub const MAX_DEPTH: usize = 64;
/// Most columns of a table; the others are left out and the row ends with an ellipsis.
pub const MAX_COLUMNS: usize = 64;

/// A top-level block as parsed.
pub(crate) struct Parsed {
    pub(crate) root: Node,
    /// Byte offset in the parsed text of the line on which the block begins.
    pub(crate) line_start: usize,
    /// The footnotes known after this block.
    pub(crate) footnotes: Rc<Footnotes>,
}

/// Parses `text`, which begins at a top-level block; `footnotes` are those of the blocks before.
pub(crate) fn parse(text: &str, footnotes: Rc<Footnotes>) -> Vec<Parsed> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS;
    let mut builder = Builder {
        source: text,
        footnotes,
        ..Builder::default()
    };
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        builder.event(&event, range.start);
    }
    builder.blocks
}

/// Builds the tree with a stack of its own: the text decides the depth, the machine's stack must not.
#[derive(Default)]
struct Builder<'a> {
    source: &'a str,
    blocks: Vec<Parsed>,
    footnotes: Rc<Footnotes>,
    open: Vec<(Kind, Vec<Node>)>,
    /// Open elements that were not built because a cap was reached.
    skipped: usize,
    links: usize,
    text: String,
    /// What collects text apart from the open element: a code block or the alternative text of an image.
    collecting: Option<Collecting>,
    columns: Vec<Align>,
    line_start: usize,
}

enum Collecting {
    Code {
        language: AttrValue,
        text: String,
    },
    /// `depth` counts the elements inside.
    Image {
        destination: String,
        alt: String,
        depth: usize,
    },
    /// Cells beyond the widest table.
    Nothing {
        depth: usize,
    },
}

impl Builder<'_> {
    fn event(&mut self, event: &Event<'_>, start: usize) {
        if self.open.is_empty() && self.collecting.is_none() {
            self.line_start = self.source[..start]
                .rfind(['\n', '\r'])
                .map_or(0, |i| i + 1);
        }
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(*tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.push_text(text),
            Event::SoftBreak => self.push_text("\n"),
            Event::Code(code) => match self.collecting {
                Some(_) => self.push_text(code),
                None => self.push(Node::Code(owned(code))),
            },
            Event::HardBreak => match self.collecting {
                Some(_) => self.push_text("\n"),
                None => self.push(Node::HardBreak),
            },
            Event::Rule => self.push(Node::Rule),
            Event::TaskListMarker(done) => self.push(Node::Task { done: *done }),
            Event::FootnoteReference(label) => self.reference(label),
            // Math is not enabled.
            Event::InlineMath(text) | Event::DisplayMath(text) => self.push_text(text),
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        if let Some(Collecting::Image { depth, .. } | Collecting::Nothing { depth }) =
            &mut self.collecting
        {
            *depth += 1;
            return;
        }
        if self.skipped > 0 || self.open.len() >= MAX_DEPTH {
            self.skip();
            return;
        }
        let kind = match tag {
            Tag::CodeBlock(kind) => {
                self.flush_text();
                self.collecting = Some(Collecting::Code {
                    language: language(kind),
                    text: String::new(),
                });
                return;
            }
            Tag::Image { dest_url, .. } => {
                self.flush_text();
                let (destination, alt) = (String::from(&**dest_url), String::new());
                self.collecting = Some(Collecting::Image {
                    destination,
                    alt,
                    depth: 0,
                });
                return;
            }
            Tag::TableCell if self.cell() >= MAX_COLUMNS => {
                self.collecting = Some(Collecting::Nothing { depth: 0 });
                return;
            }
            Tag::Link {
                link_type,
                dest_url,
                ..
            } => match judge(*link_type, dest_url) {
                Some(link) => Kind::Link(Rc::new(link)),
                None => Kind::Refused,
            },
            tag => self.kind(tag),
        };
        self.flush_text();
        self.links += usize::from(matches!(kind, Kind::Link(_)));
        self.open.push((kind, Vec::new()));
    }

    fn kind(&mut self, tag: &Tag<'_>) -> Kind {
        match tag {
            Tag::Heading { level, .. } => Kind::Heading(*level as u8),
            Tag::BlockQuote(_) => Kind::Quote,
            Tag::List(start) => Kind::List(*start),
            Tag::Item => Kind::Item,
            Tag::Table(columns) => {
                self.columns = columns.iter().map(align).collect();
                Kind::Table
            }
            Tag::TableHead => Kind::TableHead,
            Tag::TableRow => Kind::TableRow,
            Tag::TableCell => Kind::Cell(
                self.columns
                    .get(self.cell())
                    .copied()
                    .unwrap_or(Align::None),
            ),
            Tag::HtmlBlock => Kind::Html,
            Tag::FootnoteDefinition(label) => match footnote::number(&mut self.footnotes, label) {
                Some(number) => Kind::Footnote {
                    number,
                    referenced: footnote::is_referenced(&self.footnotes, number),
                },
                None => Kind::Quote,
            },
            Tag::Emphasis => Kind::Emphasis,
            Tag::Strong => Kind::Strong,
            Tag::Strikethrough => Kind::Strikethrough,
            _ => Kind::Paragraph,
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match &mut self.collecting {
            Some(Collecting::Image { depth, .. } | Collecting::Nothing { depth }) if *depth > 0 => {
                *depth -= 1;
                return;
            }
            Some(_) => {
                self.end_collecting();
                return;
            }
            None => {}
        }
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        self.flush_text();
        let Some((kind, mut children)) = self.open.pop() else {
            return;
        };
        self.links -= usize::from(matches!(kind, Kind::Link(_)));
        if matches!(tag, TagEnd::TableRow | TagEnd::TableHead) && self.columns.len() > MAX_COLUMNS {
            children.push(Node::Element(
                Kind::Cell(Align::None),
                vec![Node::Truncated],
            ));
        }
        self.push(Node::Element(kind, children));
    }

    fn end_collecting(&mut self) {
        match self.collecting.take() {
            Some(Collecting::Code { language, text }) => self.push(Node::CodeBlock(CodeBlock {
                language,
                text: text.into(),
            })),
            Some(Collecting::Image {
                destination, alt, ..
            }) => match Link::judge_image(&destination) {
                Some(source) => self.push(Node::Image(Image {
                    alt: alt.into(),
                    source: Rc::new(source),
                })),
                None => self.push_text(&alt),
            },
            Some(Collecting::Nothing { .. }) | None => {}
        }
    }

    fn reference(&mut self, label: &str) {
        match footnote::number(&mut self.footnotes, label) {
            Some(number) if self.collecting.is_none() => {
                let first = footnote::refer(&mut self.footnotes, number);
                self.push(Node::FootnoteReference { number, first });
            }
            _ => {
                self.push_text("[^");
                self.push_text(label);
                self.push_text("]");
            }
        }
    }

    fn cell(&self) -> usize {
        self.open.last().map_or(0, |(_, cells)| cells.len())
    }

    fn skip(&mut self) {
        if self.skipped == 0 {
            self.push(Node::Truncated);
        } else if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.skipped += 1;
    }

    fn push_text(&mut self, text: &str) {
        match &mut self.collecting {
            Some(Collecting::Code { text: code, .. }) => code.push_str(text),
            Some(Collecting::Image { alt, .. }) => alt.push_str(text),
            Some(Collecting::Nothing { .. }) => {}
            None => self.text.push_str(text),
        }
    }

    /// Adds a finished node to the open element, or to the blocks when none is open.
    fn push(&mut self, node: Node) {
        if matches!(
            self.collecting,
            Some(Collecting::Nothing { .. } | Collecting::Image { .. })
        ) {
            return;
        }
        self.flush_text();
        match self.open.last_mut() {
            Some((_, children)) => children.push(node),
            None => self.blocks.push(Parsed {
                root: node,
                line_start: self.line_start,
                footnotes: Rc::clone(&self.footnotes),
            }),
        }
    }

    fn flush_text(&mut self) {
        let Some((kind, children)) = self.open.last_mut() else {
            return;
        };
        if self.text.is_empty() {
            return;
        }
        let text = mem::take(&mut self.text);
        if self.links > 0 || matches!(kind, Kind::Html) {
            children.push(Node::Text(text.into()));
            return;
        }
        autolink::split(&text, |piece| {
            children.push(match piece {
                Piece::Text(text) => Node::Text(owned(text)),
                Piece::Link(text, link) => {
                    Node::Element(Kind::Link(Rc::new(link)), vec![Node::Text(owned(text))])
                }
            });
        });
    }
}

fn judge(link_type: LinkType, destination: &str) -> Option<Link> {
    match link_type {
        LinkType::Email => {
            let mut address = String::from("mailto:");
            address.push_str(destination);
            Link::judge(&address)
        }
        _ => Link::judge(destination),
    }
}

fn language(kind: &CodeBlockKind<'_>) -> AttrValue {
    match kind {
        CodeBlockKind::Fenced(info) => {
            let end = info.find([' ', ',', '\t']);
            owned(&info[..end.unwrap_or(info.len())])
        }
        CodeBlockKind::Indented => AttrValue::default(),
    }
}

fn align(alignment: &Alignment) -> Align {
    match alignment {
        Alignment::None => Align::None,
        Alignment::Left => Align::Left,
        Alignment::Center => Align::Center,
        Alignment::Right => Align::Right,
    }
}

fn owned(text: &str) -> AttrValue {
    AttrValue::from(text.to_owned())
}
