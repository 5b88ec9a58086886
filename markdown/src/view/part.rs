use std::{fmt, rc::Rc};

use gloo::timers::callback::Timeout;
use yew::{
    AttrValue, Callback, Component, Context, Html, Properties,
    virtual_dom::{Key, VComp, VNode},
};

use super::{Labels, MarkdownProps, node::View};
use crate::{
    block::{Block, Run},
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
}

impl Shared {
    pub(super) fn new(props: &MarkdownProps) -> Rc<Self> {
        Rc::new(Self {
            document: props.document.id(),
            labels: Rc::clone(&props.labels),
            onlink: props.onlink.clone(),
            level: props.level,
        })
    }

    /// Made from props like these, apart from the text.
    pub(super) fn serves(&self, props: &MarkdownProps) -> bool {
        self.document == props.document.id()
            && Rc::ptr_eq(&self.labels, &props.labels)
            && self.onlink == props.onlink
            && self.level == props.level
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
    /// Children of a list, a table or another block; of a tight list if so.
    Run(Rc<Run>, bool),
}

/// Compares by pointer: what is shown never changes.
impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Block(a), Self::Block(b)) => Rc::ptr_eq(a, b),
            (Self::Run(a, tight), Self::Run(b, other)) => Rc::ptr_eq(a, b) && tight == other,
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

/// A part that is skipped as long as it shows the same.
pub(super) fn part(shared: &Rc<Shared>, shown: Shown, key: usize) -> VNode {
    let props = PartProps {
        shared: Rc::clone(shared),
        shown,
    };
    VComp::new::<Part>(Rc::new(props), Some(Key::from(key))).into()
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
}

pub(super) enum Message {
    Copied(Option<(usize, bool)>),
    /// Lines of a code block are to be wrapped, or no longer.
    Wrap(usize),
    /// An image was asked for (`true`) or turned out broken.
    Image(AttrValue, bool),
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
        }
    }

    fn update(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        match message {
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
        match shown {
            Shown::Block(block) => view.block(block),
            Shown::Run(run, tight) => view.nodes(&run.0, *tight),
        }
    }
}
