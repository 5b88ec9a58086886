//! What screen readers hear of an answer: that it begins, now and then that it goes on, and the whole text once
//! (promise U2). Never a token.

use std::rc::Rc;

use gloo::timers::callback::Interval;
use yew::prelude::*;

use super::super::context::use_ui;
use crate::browser::document;
use crate::state::chat::{Said, Status, Turn};

/// Between two signs of life; shorter ones are a nuisance.
const STILL_ANSWERING_MS: u32 = 10_000;
/// Characters read out: more is for reading on the page.
const READ_OUT: usize = 20_000;

#[derive(Properties)]
pub(super) struct AnnouncerProps {
    pub(super) turn: Option<Rc<Turn>>,
}

impl PartialEq for AnnouncerProps {
    fn eq(&self, other: &Self) -> bool {
        self.moment() == other.moment()
    }
}

/// What of a turn decides on an announcement.
#[derive(Clone, Copy, PartialEq)]
enum Moment {
    Nothing,
    Answering(u32),
    Over(u32),
}

impl AnnouncerProps {
    fn moment(&self) -> Moment {
        match &self.turn {
            Some(turn) => match &turn.said {
                Said::Assistant(answer) if answer.status == Status::Streaming => Moment::Answering(turn.key),
                Said::Assistant(_) => Moment::Over(turn.key),
                Said::User(_) => Moment::Nothing,
            },
            None => Moment::Nothing,
        }
    }
}

/// A region that only screen readers see.
#[component]
pub(super) fn Announcer(props: &AnnouncerProps) -> Html {
    let ui = use_ui();
    let text = use_state(AttrValue::default);
    let was_answering = use_mut_ref(|| false);
    use_effect_with((props.moment(), ui.locale), {
        let text = text.setter();
        move |(moment, locale)| {
            let messages = locale.messages();
            let mut sign_of_life = None;
            match moment {
                Moment::Nothing => {}
                Moment::Answering(_) => {
                    was_answering.replace(true);
                    text.set(messages.answering.into());
                    let mut is_odd = false;
                    sign_of_life = Some(Interval::new(STILL_ANSWERING_MS, move || {
                        is_odd = !is_odd;
                        // The same text again would not be announced.
                        text.set(if is_odd { messages.still_answering } else { messages.answering }.into());
                    }));
                }
                // What came back after a reload was announced before.
                Moment::Over(_) => {
                    if was_answering.replace(false) {
                        text.set(last_answer().into());
                    }
                }
            }
            move || drop(sign_of_life)
        }
    });
    html! { <div class="visually-hidden" role="status" aria-live="polite" aria-atomic="true">{ &*text }</div> }
}

/// The last answer as it stands on the page: without markup, in its reading order.
fn last_answer() -> String {
    let bodies = document().query_selector_all("[data-role=assistant] [data-testid=message-body]").ok();
    let last = bodies.and_then(|bodies| bodies.item(bodies.length().checked_sub(1)?));
    let text = last.and_then(|body| body.text_content()).unwrap_or_default();
    text.chars().take(READ_OUT).collect()
}
