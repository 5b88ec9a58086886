use std::{mem, rc::Rc};

use pulldown_cmark::{Event, LinkType, Tag, TagEnd};
use yew::AttrValue;

use crate::{
    autolink::{self, Piece},
    block::{Image, Kind, Node},
    guard::{GUARD, INDENT, PREFIX},
    link::Link,
    math::{self, Hidden},
};

/// Deepest nesting of emphasis and links inside a block; what is nested deeper is shown as text of the last level.
const MAX_INLINE_DEPTH: usize = 14;

/// What `Inline` answers as the destination of a footnote: no address of a text contains it.
pub(crate) const FOOTNOTE: &str = "\0";

/// Builds the tree with a stack of its own: the text decides the depth, the machine's stack must not.
#[derive(Default)]
pub(crate) struct Builder {
    /// The finished nodes.
    pub(crate) done: Vec<Node>,
    open: Vec<(Kind, Vec<Node>)>,
    /// Open elements that were not built because a cap was reached.
    skipped: usize,
    links: usize,
    text: String,
    /// What collects text apart from the open element.
    collecting: Option<Collecting>,
    /// Bytes of [`PREFIX`] that are still to come.
    prefix: usize,
    /// The text has characters of ours.
    guarded: bool,
    /// Formulas, for which letters stand in the text.
    hidden: Rc<Hidden>,
}

struct Collecting {
    /// Of an image; a footnote's reference collects nothing.
    destination: Option<String>,
    alt: String,
    /// Elements inside.
    depth: usize,
}

impl Builder {
    /// For the events of `guarded`, which was made of `source`, in which formulas are hidden.
    pub(crate) fn new(source: &str, guarded: &str, hidden: Rc<Hidden>) -> Self {
        Self {
            hidden,
            prefix: PREFIX.len(),
            guarded: guarded.len() > source.len() + PREFIX.len(),
            ..Self::default()
        }
    }

    /// Adds what an event says; a footnote's label goes to `noted`, its place there stands for its number.
    pub(crate) fn event(&mut self, event: &Event<'_>, noted: &mut Vec<String>) {
        match event {
            Event::Start(Tag::Paragraph) => {}
            Event::End(TagEnd::Paragraph) => self.flush_text(),
            Event::Start(tag) => self.start(tag, noted),
            Event::End(_) => self.end(),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.push_text(text),
            Event::SoftBreak => self.push_text("\n"),
            Event::Code(code) => match self.collecting {
                Some(_) => self.push_text(code),
                None => {
                    let code = self.without_guard(code);
                    self.push(Node::Code(code.into()));
                }
            },
            Event::HardBreak => match self.collecting {
                Some(_) => self.push_text("\n"),
                None => self.push(Node::HardBreak),
            },
            // Not enabled.
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, noted: &mut Vec<String>) {
        if let Some(collecting) = &mut self.collecting {
            collecting.depth += 1;
            return;
        }
        if let Tag::Link { dest_url, id, .. } | Tag::Image { dest_url, id, .. } = tag
            && &**dest_url == FOOTNOTE
        {
            if matches!(tag, Tag::Image { .. }) {
                self.push_text("!");
            }
            let number = u32::try_from(noted.len()).unwrap_or_default();
            noted.push(self.hidden.restored(id.trim_start_matches('^')));
            self.push(Node::FootnoteReference {
                number,
                first: false,
            });
            self.collect(None);
            return;
        }
        if self.skipped > 0 || self.open.len() >= MAX_INLINE_DEPTH {
            self.skip();
            return;
        }
        let kind = match tag {
            Tag::Image { dest_url, .. } => {
                self.flush_text();
                let destination = self.without_guard(dest_url);
                self.collect(Some(destination));
                return;
            }
            Tag::Link {
                link_type,
                dest_url,
                ..
            } => match judge(*link_type, &self.without_guard(dest_url)) {
                Some(link) => Kind::Link(Rc::new(link)),
                None => Kind::Refused,
            },
            Tag::Strong => Kind::Strong,
            Tag::Strikethrough => Kind::Strikethrough,
            _ => Kind::Emphasis,
        };
        self.flush_text();
        self.links += usize::from(matches!(kind, Kind::Link(_)));
        self.open.push((kind, Vec::new()));
    }

    fn end(&mut self) {
        if let Some(collecting) = &mut self.collecting {
            if collecting.depth > 0 {
                collecting.depth -= 1;
            } else {
                self.end_collecting();
            }
            return;
        }
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        self.flush_text();
        let Some((kind, children)) = self.open.pop() else {
            return;
        };
        self.links -= usize::from(matches!(kind, Kind::Link(_)));
        self.push(Node::Element(kind, children.into()));
    }

    fn collect(&mut self, destination: Option<String>) {
        self.collecting = Some(Collecting {
            destination,
            alt: String::new(),
            depth: 0,
        });
    }

    fn end_collecting(&mut self) {
        let Some(Collecting {
            destination, alt, ..
        }) = self.collecting.take()
        else {
            return;
        };
        let Some(destination) = destination else {
            return;
        };
        match image(&destination, &alt) {
            Some(image) => self.push(image),
            None => self.push_text(&alt),
        }
    }

    fn skip(&mut self) {
        if self.skipped == 0 {
            self.push(Node::Truncated);
        }
        self.skipped += 1;
    }

    fn push_text(&mut self, text: &str) {
        let prefix = mem::take(&mut self.prefix).min(text.len());
        let text = self.without_guard_marks(&text[prefix..]);
        if let Some(collecting) = &mut self.collecting {
            collecting.alt.push_str(&self.hidden.restored(&text));
            return;
        }
        let hidden = Rc::clone(&self.hidden);
        hidden.split(&text, |piece, is_formula| {
            match math::formula(piece, None).filter(|_| is_formula) {
                Some(found) => self.push(math::node(found.source, found.is_display, false)),
                None => self.text.push_str(piece),
            }
        });
    }

    /// Text that is shown or used as it was written.
    fn without_guard(&self, text: &str) -> String {
        let text = self.without_guard_marks(text);
        self.hidden.restored(&text)
    }

    fn without_guard_marks(&self, text: &str) -> String {
        if !self.guarded {
            return text.to_owned();
        }
        text.replace(GUARD, "").replace(INDENT, "")
    }

    /// Adds a finished node to the open element.
    fn push(&mut self, node: Node) {
        self.flush_text();
        self.children().push(node);
    }

    fn children(&mut self) -> &mut Vec<Node> {
        self.open
            .last_mut()
            .map_or(&mut self.done, |open| &mut open.1)
    }

    fn flush_text(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let text = mem::take(&mut self.text);
        let in_link = self.links > 0;
        let children = self.children();
        if in_link {
            children.push(Node::Text(text.into()));
        } else {
            plain(&text, |node| children.push(node));
        }
    }
}

/// Text without any markup, with its bare addresses as links.
pub(crate) fn plain(text: &str, mut push: impl FnMut(Node)) {
    autolink::split(text, |piece| {
        push(match piece {
            Piece::Text(text) => Node::Text(owned(text)),
            Piece::Link(text, link) => {
                let text = Node::Text(owned(text));
                Node::Element(Kind::Link(Rc::new(link)), Rc::new([text]))
            }
        });
    });
}

/// An image from elsewhere, if its address is harmless.
pub(crate) fn image(destination: &str, alt: &str) -> Option<Node> {
    Link::judge_image(destination).map(|source| {
        Node::Image(Rc::new(Image {
            alt: owned(alt),
            source: Rc::new(source),
        }))
    })
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

pub(crate) fn owned(text: &str) -> AttrValue {
    AttrValue::from(text.to_owned())
}
