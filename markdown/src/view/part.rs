use std::{cell::RefCell, fmt, rc::Rc};

use gloo::timers::callback::Timeout;
use yew::{AttrValue, Callback, Component, Context, Html, Properties, html::Scope};

use super::{Labels, MarkdownProps, node::View, tag::long_text};
use crate::{block::Block, link::Link};

/// How long the outcome of copying is shown, in milliseconds.
const OUTCOME_SHOWN: u32 = 2_000;

/// What all parts of a document share.
pub(super) struct Shared {
    pub(super) document: u32,
    pub(super) labels: Rc<Labels>,
    pub(super) onlink: Callback<Link>,
    pending: RefCell<Pending>,
}

/// Text that is not parsed yet, and the part that shows it: told directly, so that the text reaches the end of the open block
/// without rendering that block.
struct Pending {
    text: AttrValue,
    shown_by: Option<Scope<Part>>,
}

impl Shared {
    pub(super) fn new(props: &MarkdownProps) -> Rc<Self> {
        Rc::new(Self {
            document: props.document.id(),
            labels: Rc::clone(&props.labels),
            onlink: props.onlink.clone(),
            pending: RefCell::new(Pending {
                text: props.document.pending().to_owned().into(),
                shown_by: None,
            }),
        })
    }

    /// Made from props like these, apart from the text.
    pub(super) fn serves(&self, props: &MarkdownProps) -> bool {
        self.document == props.document.id()
            && Rc::ptr_eq(&self.labels, &props.labels)
            && self.onlink == props.onlink
    }

    pub(super) fn show_pending(&self, text: &str) {
        let mut pending = self.pending.borrow_mut();
        if pending.text.as_str() == text {
            return;
        }
        pending.text = text.to_owned().into();
        if let Some(part) = &pending.shown_by {
            part.send_message(Message::Pending);
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}

#[derive(Properties)]
pub(super) struct PartProps {
    shared: Rc<Shared>,
    block: Option<Rc<Block>>,
    open: bool,
}

impl PartProps {
    /// A block, or else the pending text. `open`: the pending text belongs to the end of this block.
    pub(super) fn new(shared: &Rc<Shared>, block: Option<&Rc<Block>>, open: bool) -> Self {
        Self {
            shared: Rc::clone(shared),
            block: block.cloned(),
            open,
        }
    }
}

/// Compares by pointer: a block never changes.
impl PartialEq for PartProps {
    fn eq(&self, other: &Self) -> bool {
        let pointer = |props: &Self| props.block.as_ref().map(Rc::as_ptr);
        Rc::ptr_eq(&self.shared, &other.shared)
            && pointer(self) == pointer(other)
            && self.open == other.open
    }
}

/// One block or the pending text; renders again only when it is another one or the reader did something.
pub(super) struct Part {
    /// Which of the block's code blocks was copied last, and whether that succeeded.
    pub(super) copied: Option<(usize, bool)>,
    /// Addresses of the images that the reader asked for, and whether they are intact. By address, because consent to
    /// load one is none to load what takes its place.
    pub(super) images: Vec<(AttrValue, bool)>,
    _timer: Option<Timeout>,
}

pub(super) enum Message {
    /// There is other pending text.
    Pending,
    Copied(Option<(usize, bool)>),
    /// An image was asked for (`true`) or turned out broken.
    Image(AttrValue, bool),
}

impl Component for Part {
    type Message = Message;
    type Properties = PartProps;

    fn create(ctx: &Context<Self>) -> Self {
        receive_pending(ctx);
        Self {
            copied: None,
            images: Vec::new(),
            _timer: None,
        }
    }

    fn update(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        match message {
            Message::Pending => {}
            Message::Copied(outcome) => {
                self.copied = outcome;
                self._timer = outcome.map(|_| {
                    let part = ctx.link().clone();
                    Timeout::new(OUTCOME_SHOWN, move || {
                        part.send_message(Message::Copied(None));
                    })
                });
            }
            Message::Image(address, intact) => {
                self.images.retain(|(known, _)| *known != address);
                self.images.push((address, intact));
            }
        }
        true
    }

    fn changed(&mut self, ctx: &Context<Self>, _: &PartProps) -> bool {
        receive_pending(ctx);
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let PartProps {
            shared,
            block,
            open,
        } = ctx.props();
        match block {
            Some(block) => View::new(self, ctx.link(), shared).block(block.root(), *open),
            None => long_text(&shared.pending.borrow().text),
        }
    }
}

/// Lets the part that shows the pending text hear of it from now on.
fn receive_pending(ctx: &Context<Part>) {
    let props = ctx.props();
    if props.block.is_none() {
        props.shared.pending.borrow_mut().shown_by = Some(ctx.link().clone());
    }
}
