use std::rc::Rc;

use aicon_enrich::Language;
use gloo::timers::callback::Timeout;
use web_sys::Element;
use yew::{Callback, Context, NodeRef};

use super::{
    colour::Colouring,
    part::{Message, Part},
};
use crate::{
    block::CodeBlock,
    enricher::{Enricher, Spans},
    sight::Watch,
};

/// How long new lines of code gather before they are coloured, in milliseconds.
const GATHERING: u32 = 100;

/// A code block as it was rendered last.
pub(super) struct ShownCode {
    /// Among those of its part.
    pub(super) number: usize,
    pub(super) code: Rc<CodeBlock>,
    pub(super) place: NodeRef,
}

/// Has the code blocks of a part coloured from when they come near the screen: of a long answer most are never looked at, and
/// each colour is an element.
#[derive(Default)]
pub(super) struct Painter {
    codes: Vec<Painted>,
    /// Runs while new lines of code gather.
    gathering: Option<Timeout>,
}

struct Painted {
    colouring: Colouring,
    nearness: Nearness,
}

enum Nearness {
    Unknown,
    Watched(Watch),
    Near,
}

impl Painter {
    /// How far this code block is coloured, if it is at all.
    pub(super) fn colouring(&self, number: usize, code: &CodeBlock) -> Option<&Colouring> {
        let known = self.codes.iter().map(|painted| &painted.colouring);
        let mut known = known.filter(|known| known.number == number);
        known.find(|colouring| colouring.has_begun() && colouring.fits(code))
    }

    /// Takes what came from the worker; answers whether it is for a block of ours.
    pub(super) fn receive(&mut self, block: u32, spans: Spans) -> bool {
        let painted = self.find(block);
        let is_ours = painted.is_some();
        if let Some(painted) = painted {
            painted.colouring.receive(spans);
        }
        is_ours
    }

    pub(super) fn is_near(&mut self, block: u32) {
        if let Some(painted) = self.find(block) {
            painted.nearness = Nearness::Near;
        }
    }

    pub(super) fn has_gathered(&mut self) {
        self.gathering = None;
    }

    /// Sends what is new of the code to the worker: when there is much of it, or when it `is_due`.
    pub(super) fn paint(&mut self, ctx: &Context<Part>, codes: &[ShownCode], is_due: bool) {
        let Some(enricher) = ctx.props().enricher() else {
            return;
        };
        self.codes.retain(|painted| {
            let colouring = &painted.colouring;
            let shown = codes.iter().find(|shown| shown.number == colouring.number);
            let fits = shown.is_some_and(|shown| colouring.fits(&shown.code));
            if !fits {
                enricher.forget(colouring.block);
            }
            fits
        });
        for shown in codes {
            let Some(painted) = self.painted(enricher, shown) else {
                continue;
            };
            if !painted.comes_near(ctx, enricher, &shown.place) {
                continue;
            }
            let colouring = &mut painted.colouring;
            let Some(text) = colouring.next(&shown.code) else {
                continue;
            };
            if is_due || colouring.is_behind(&shown.code) {
                let (part, block) = (ctx.link().clone(), colouring.block);
                let done = move |spans| part.send_message(Message::Coloured(block, spans));
                colouring.ask(text, enricher, Callback::from(done));
            } else if self.gathering.is_none() {
                let part = ctx.link().clone();
                let due = move || part.send_message(Message::Colour);
                self.gathering = Some(Timeout::new(GATHERING, due));
            }
        }
    }

    pub(super) fn forget(&self, enricher: &Enricher) {
        for painted in &self.codes {
            enricher.forget(painted.colouring.block);
        }
    }

    fn find(&mut self, block: u32) -> Option<&mut Painted> {
        let mut codes = self.codes.iter_mut();
        codes.find(|painted| painted.colouring.block == block)
    }

    /// What is known of this code block; none if it is in no language that can be coloured.
    fn painted(&mut self, enricher: &Enricher, shown: &ShownCode) -> Option<&mut Painted> {
        let mut codes = self.codes.iter();
        let known = codes.position(|painted| painted.colouring.number == shown.number);
        let place = match known {
            Some(place) => place,
            None => {
                let language = Language::of(&shown.code.language)?;
                self.codes.push(Painted {
                    colouring: Colouring::new(shown.number, language, enricher),
                    nearness: Nearness::Unknown,
                });
                self.codes.len() - 1
            }
        };
        self.codes.get_mut(place)
    }
}

impl Painted {
    /// Whether it has come near the screen; if not, its element is watched.
    fn comes_near(&mut self, ctx: &Context<Part>, enricher: &Enricher, place: &NodeRef) -> bool {
        let Some(element) = place.cast::<Element>() else {
            return false;
        };
        let is_watched = match &self.nearness {
            Nearness::Near => return true,
            Nearness::Watched(watch) => watch.element == element,
            Nearness::Unknown => false,
        };
        if !is_watched {
            let (part, block) = (ctx.link().clone(), self.colouring.block);
            let near = Callback::from(move |()| part.send_message(Message::Near(block)));
            self.nearness = Nearness::Watched(enricher.sight().watch(element, near));
        }
        false
    }
}
