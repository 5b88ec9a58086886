//! Other tabs of this origin. A duplicated tab starts with a copy of this one's refresh token; the one that spends it
//! marks it as spent, and hands the new tokens over when asked. Everything here happens under the refresh lock, so the
//! mark is always there before the other tab looks for it.

use std::cell::RefCell;
use std::rc::Rc;

use aicon_protocol::json::{ReadJson, WriteJson};
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};

use super::tokens::Tokens;
use crate::browser::{random, sleep, storage};
use crate::json::{Json, Object};

const CHANNEL: &str = "aicon.auth";
const SPENT: &str = "aicon.spent";
/// Spent tokens remembered: more than one user's tabs can have in flight.
const REMEMBERED: usize = 16;
/// A living tab answers in a few milliseconds; one that is frozen in the background never does.
const ANSWER_MS: u32 = 2_000;
const POLL_MS: u32 = 20;

enum Message {
    /// Who has what came for this token?
    Ask { spent: String },
    /// I have.
    Tell { spent: String, tokens: Tokens },
    /// The user left.
    Logout,
}

impl Message {
    fn to_text(&self) -> String {
        let mut object = Object::new();
        match self {
            Self::Ask { spent } => object.text("ask", spent),
            Self::Tell { spent, tokens } => {
                object.text("tell", spent);
                object.object("tokens", tokens.to_object());
            }
            Self::Logout => {}
        }
        object.into_text()
    }

    fn of_text(text: &str) -> Option<Self> {
        let json = Json::parse(text).ok()?;
        match (json.text_of("ask"), json.text_of("tell")) {
            (Some(spent), _) => Some(Self::Ask { spent }),
            (None, Some(spent)) => Some(Self::Tell {
                spent,
                tokens: Tokens::of_json(&json.member("tokens")?)?,
            }),
            (None, None) => Some(Self::Logout),
        }
    }
}

/// The link to the other tabs; closed when dropped.
pub(super) struct Peers {
    channel: Option<BroadcastChannel>,
    shared: Rc<Shared>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
}

#[derive(Default)]
struct Shared {
    /// What this tab got for the last token that it spent.
    mine: RefCell<Option<(String, Tokens)>>,
    /// What another tab told.
    told: RefCell<Option<(String, Tokens)>>,
}

impl Peers {
    pub(super) fn new(on_logout: impl Fn() + 'static) -> Self {
        let channel = BroadcastChannel::new(CHANNEL).ok();
        let shared = Rc::new(Shared::default());
        let on_message = Closure::<dyn Fn(MessageEvent)>::new({
            let (channel, shared) = (channel.clone(), shared.clone());
            move |event: MessageEvent| {
                let Some(text) = event.data().as_string() else {
                    return;
                };
                match Message::of_text(&text) {
                    Some(Message::Ask { spent }) => {
                        if let Some((mine, tokens)) = &*shared.mine.borrow()
                            && *mine == spent
                        {
                            post(
                                channel.as_ref(),
                                &Message::Tell {
                                    spent,
                                    tokens: tokens.clone(),
                                },
                            );
                        }
                    }
                    Some(Message::Tell { spent, tokens }) => {
                        shared.told.borrow_mut().replace((spent, tokens));
                    }
                    Some(Message::Logout) => on_logout(),
                    None => {}
                }
            }
        });
        if let Some(channel) = &channel {
            channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        }
        Self {
            channel,
            shared,
            _on_message: on_message,
        }
    }

    /// Notes, for all tabs, that `spent` is no longer good, and what came for it.
    pub(super) fn note_spent(&self, spent: String, tokens: Tokens) {
        let mut marks = marks();
        marks.retain(|mark| *mark != spent);
        marks.push(spent.clone());
        let keep = marks.len().saturating_sub(REMEMBERED);
        storage::local().set(SPENT, &marks[keep..].join(" "));
        self.shared.mine.borrow_mut().replace((spent, tokens));
    }

    /// Asks the other tabs for what came for `spent`.
    pub(super) async fn ask(&self, spent: &str) -> Option<Tokens> {
        post(
            self.channel.as_ref(),
            &Message::Ask {
                spent: spent.to_owned(),
            },
        );
        for _ in 0..ANSWER_MS / POLL_MS {
            if let Some((told, tokens)) = self.shared.told.borrow_mut().take()
                && told == spent
            {
                return Some(tokens);
            }
            sleep(POLL_MS).await;
        }
        None
    }

    /// Tells the other tabs that the user left, and forgets.
    pub(super) fn logout(&self) {
        post(self.channel.as_ref(), &Message::Logout);
        self.forget();
    }

    pub(super) fn forget(&self) {
        self.shared.mine.borrow_mut().take();
        self.shared.told.borrow_mut().take();
        storage::local().remove(SPENT);
    }
}

impl Drop for Peers {
    fn drop(&mut self) {
        if let Some(channel) = &self.channel {
            channel.close();
        }
    }
}

/// What stands for a token where others can read it.
pub(super) async fn mark(token: &str) -> String {
    // Without hashing there is no duplicated tab to be careful of: pages that are not secure contexts lack locks, too.
    random::sha256(token).await.unwrap_or_default()
}

/// Whether any tab has spent the token with this mark.
pub(super) fn is_spent(mark: &str) -> bool {
    !mark.is_empty() && marks().iter().any(|spent| spent == mark)
}

fn marks() -> Vec<String> {
    storage::local()
        .get(SPENT)
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

fn post(channel: Option<&BroadcastChannel>, message: &Message) {
    if let Some(channel) = channel {
        drop(channel.post_message(&JsValue::from_str(&message.to_text())));
    }
}
