use std::{cell::RefCell, fmt, rc::Rc};

use gloo::timers::callback::Timeout;
use yew::{
    AttrValue, Callback, Component, Context, Html, Properties,
    virtual_dom::{Key, VComp, VNode},
};

use super::{
    Labels, MarkdownProps,
    colour::Chunk,
    node::View,
    painter::{Painter, ShownCode},
    tag::{list, tag},
};
use crate::{
    block::{Block, Math, Run},
    enricher::{Enricher, Spans},
    link::Link,
};

/// How long the outcome of copying is shown, in milliseconds.
const OUTCOME_SHOWN: u32 = 2_000;

/// What all parts of a document share.
pub(super) struct Shared {
    pub(super) document: u32,
    pub(super) labels: Rc<Labels>,
    pub(super) onlink: Callback<Link>,
    /// See [`MarkdownProps::level`].
    pub(super) level: u8,
    pub(super) enricher: Option<Enricher>,
}

impl Shared {
    pub(super) fn new(props: &MarkdownProps) -> Rc<Self> {
        Rc::new(Self {
            document: props.document.id(),
            labels: Rc::clone(&props.labels),
            onlink: props.onlink.clone(),
            level: props.level,
            enricher: props.enricher.clone(),
        })
    }

    /// Made from props like these, apart from the text.
    pub(super) fn serves(&self, props: &MarkdownProps) -> bool {
        self.document == props.document.id()
            && Rc::ptr_eq(&self.labels, &props.labels)
            && self.onlink == props.onlink
            && self.level == props.level
            && self.enricher == props.enricher
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}

/// What a part shows.
#[derive(Clone)]
pub(super) enum Shown {
    Block(Rc<Block>),
    /// Neighbouring top-level blocks, in an element of their own: a box whose children are many is laid out and painted in
    /// proportion to their number whenever one of them grows.
    Blocks(Rc<[Rc<Block>]>),
    /// Children of a list, a table or another block; of a tight list if so.
    Run(Rc<Run>, bool),
    /// Lines of a code block.
    Code(Rc<Chunk>),
}

/// Compares by pointer: what is shown never changes.
impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Block(a), Self::Block(b)) => Rc::ptr_eq(a, b),
            (Self::Blocks(a), Self::Blocks(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| Rc::ptr_eq(a, b))
            }
            (Self::Run(a, tight), Self::Run(b, other)) => Rc::ptr_eq(a, b) && tight == other,
            (Self::Code(a), Self::Code(b)) => Rc::ptr_eq(a, b),
            _ => false,
        }
    }
}

#[derive(Properties)]
pub(super) struct PartProps {
    shared: Rc<Shared>,
    shown: Shown,
}

impl PartialEq for PartProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.shared, &other.shared) && self.shown == other.shown
    }
}

impl PartProps {
    pub(super) fn enricher(&self) -> Option<&Enricher> {
        self.shared.enricher.as_ref()
    }
}

/// A part that is skipped as long as it shows the same.
pub(super) fn part(shared: &Rc<Shared>, shown: Shown, key: usize) -> VNode {
    let props = PartProps {
        shared: Rc::clone(shared),
        shown,
    };
    VComp::new::<Part>(Rc::new(props), Some(Key::from(key))).into()
}

pub(super) fn block_part(shared: &Rc<Shared>, block: &Rc<Block>) -> VNode {
    part(shared, Shown::Block(Rc::clone(block)), block.key())
}

/// Renders again only when it shows something else or the reader did something.
pub(super) struct Part {
    /// Which of the block's code blocks and tables was copied last, and whether that succeeded.
    pub(super) copied: Option<(usize, bool)>,
    /// The code blocks whose lines are wrapped.
    pub(super) wrapped: Vec<usize>,
    /// Addresses of the images that the reader asked for, and whether they are intact. By address, because consent to
    /// load one is none to load what takes its place.
    pub(super) images: Vec<(AttrValue, bool)>,
    _timer: Option<Timeout>,
    pub(super) painter: Painter,
    /// What was shown last.
    codes: RefCell<Vec<ShownCode>>,
    formulas: RefCell<Vec<Rc<Math>>>,
}

pub(super) enum Message {
    Copied(Option<(usize, bool)>),
    /// Lines of a code block are to be wrapped, or no longer.
    Wrap(usize),
    /// An image was asked for (`true`) or turned out broken.
    Image(AttrValue, bool),
    /// Lines of code have gathered.
    Colour,
    /// One of the worker's blocks has come near the screen.
    Near(u32),
    /// The worker has coloured lines of one of its blocks.
    Coloured(u32, Spans),
    /// The worker has set formulas.
    Set,
}

impl Component for Part {
    type Message = Message;
    type Properties = PartProps;

    fn create(_: &Context<Self>) -> Self {
        Self {
            copied: None,
            wrapped: Vec::new(),
            images: Vec::new(),
            _timer: None,
            painter: Painter::default(),
            codes: RefCell::default(),
            formulas: RefCell::default(),
        }
    }

    fn update(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        match message {
            Message::Colour => {
                self.painter.has_gathered();
                self.painter.paint(ctx, &self.codes.borrow(), true);
                return false;
            }
            Message::Near(block) => {
                self.painter.is_near(block);
                self.painter.paint(ctx, &self.codes.borrow(), true);
                return false;
            }
            Message::Coloured(block, spans) => return self.painter.receive(block, spans),
            Message::Set => {}
            Message::Copied(outcome) => {
                self.copied = outcome;
                self._timer = outcome.map(|_| {
                    let part = ctx.link().clone();
                    Timeout::new(OUTCOME_SHOWN, move || {
                        part.send_message(Message::Copied(None));
                    })
                });
            }
            Message::Wrap(number) => {
                let before = self.wrapped.len();
                self.wrapped.retain(|wrapped| *wrapped != number);
                if self.wrapped.len() == before {
                    self.wrapped.push(number);
                }
            }
            Message::Image(address, intact) => {
                self.images.retain(|(known, _)| *known != address);
                self.images.push((address, intact));
            }
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let PartProps { shared, shown } = ctx.props();
        let view = View::new(self, ctx.link(), shared);
        let shown = match shown {
            Shown::Block(block) => view.block(block),
            Shown::Blocks(blocks) => {
                let parts = blocks.iter();
                let parts = parts.map(|block| block_part(shared, block)).collect();
                tag("div", "md-group", list(parts))
            }
            Shown::Run(run, tight) => view.nodes(&run.0, *tight),
            Shown::Code(chunk) => return chunk.nodes(),
        };
        self.codes.replace(view.codes.take());
        self.formulas.replace(view.formulas.take());
        shown
    }

    fn rendered(&mut self, ctx: &Context<Self>, _: bool) {
        let Some(enricher) = ctx.props().enricher() else {
            return;
        };
        let formulas = self.formulas.take();
        if !formulas.is_empty() {
            let part = ctx.link().clone();
            enricher.set(
                &formulas,
                Callback::from(move |()| part.send_message(Message::Set)),
            );
        }
        self.painter.paint(ctx, &self.codes.borrow(), false);
    }

    fn destroy(&mut self, ctx: &Context<Self>) {
        if let Some(enricher) = ctx.props().enricher() {
            self.painter.forget(enricher);
        }
    }
}
