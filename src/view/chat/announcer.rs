//! What screen readers hear of an answer: that it begins, now and then that it goes on, and the whole text once
//! (promise U2). Never a token.

use gloo::timers::callback::Interval;
use yew::html::Scope;

use super::{ChatPage, Msg};
use crate::config::Config;
use crate::i18n::Messages;
use crate::state::chat::Chat;
use crate::state::turn::Said;

/// Between two signs of life; shorter ones are a nuisance.
const STILL_ANSWERING_MS: u32 = 10_000;
/// Characters read out: more is for reading on the page.
const READ_OUT: usize = 20_000;

/// What is announced now.
#[derive(Default)]
pub(super) struct Announcer {
    now: Now,
    signs_of_life: Option<Interval>,
}

#[derive(Default)]
enum Now {
    #[default]
    Nothing,
    /// Told this often; the same words twice would not be announced.
    Answering(u32),
    Answered(String),
}

impl Announcer {
    /// Looks whether an answer began or ended; says whether there is something new to announce.
    pub(super) fn notice(&mut self, chat: &Chat, config: &Config, link: &Scope<ChatPage>) -> bool {
        let is_answering = matches!(self.now, Now::Answering(_));
        if chat.streaming().is_some() == is_answering {
            return false;
        }
        if is_answering {
            self.signs_of_life = None;
            self.now = Now::Answered(last_answer(chat, config));
        } else {
            let still = link.callback(|()| Msg::StillAnswering);
            self.signs_of_life = Some(Interval::new(STILL_ANSWERING_MS, move || still.emit(())));
            self.now = Now::Answering(0);
        }
        true
    }

    /// One more sign of life.
    pub(super) fn go_on(&mut self) {
        if let Now::Answering(told) = &mut self.now {
            *told += 1;
        }
    }

    pub(super) fn text<'a>(&'a self, messages: &'a Messages) -> &'a str {
        match &self.now {
            Now::Nothing => "",
            Now::Answering(told) if told % 2 == 1 => messages.still_answering,
            Now::Answering(_) => messages.answering,
            Now::Answered(text) => text,
        }
    }
}

/// The last answer without markup, and without the buttons that stand in it on the page.
fn last_answer(chat: &Chat, config: &Config) -> String {
    let Some(Said::Assistant(answer)) = chat.turns.last().map(|turn| &turn.said) else {
        return String::new();
    };
    match config.is_plain_text {
        true => answer.document.text().chars().take(READ_OUT).collect(),
        false => answer.document.to_plain_text(READ_OUT),
    }
}
