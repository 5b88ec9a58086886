//! Keeping the conversation in IndexedDB: each turn under its own key, so that a long conversation costs no more than a
//! short one.

use std::rc::Rc;

use gloo::timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;

use super::super::chat::Action;
use super::super::turn::{Said, Status};
use super::super::turn_saved::{complete, left_text, turn_of, turn_text, unkept};
use super::attach::FILE_PREFIX;
use super::{Commands, Owner};
use crate::api::{Fault, look_up};
use crate::browser::{idb, lock, sleep, storage};

const CONVERSATION: &str = "aicon.conversation";
const LEFT: &str = "aicon.left";
/// The server notices that the page is gone, and stores what it has, within about a second.
const LOOK_UP_AFTER_MS: [u32; 4] = [0, 500, 1_000, 2_000];
/// While an answer grows, it is kept this often; a reload loses no more than the server can give back.
const SAVE_EVERY_MS: u32 = 1_500;

impl Commands {
    /// Begins a new conversation. The present one goes away for good, with its images.
    pub fn new_conversation(&self) {
        self.stop();
        self.0.store.dispatch(Action::Cleared);
        let Some(owner) = self.0.owner.borrow().clone() else {
            return;
        };
        let has_chosen_images = !self.0.store.get().composer.attachments.is_empty();
        spawn_local(async move {
            idb::remove_all(&owner.conversation_key()).await;
            // Images that wait in the composer live under the same prefix.
            if !has_chosen_images {
                idb::remove_all(&[FILE_PREFIX, &owner.conversation].concat()).await;
            }
        });
    }

    pub(super) fn keep_conversation_soon(&self) {
        let mut saving = self.0.saving.borrow_mut();
        if saving.is_none() {
            let commands = self.clone();
            *saving = Some(Timeout::new(SAVE_EVERY_MS, move || {
                commands.keep_conversation_now()
            }));
        }
    }

    /// Keeps the conversation as it is.
    pub fn keep_conversation_now(&self) {
        self.0.saving.take();
        let Some(owner) = self.0.owner.borrow().clone() else {
            return;
        };
        let state = self.0.store.get();
        if state.turns.is_empty() {
            return;
        }
        let commands = self.clone();
        spawn_local(async move {
            let mut values: Vec<_> = unkept(&state.turns, &commands.0.kept.borrow())
                .map(|(at, turn)| (owner.turn_key(at), turn_text(&turn.said)))
                .collect();
            values.push((owner.last_key(), owner.conversation.to_string()));
            let end = owner.turn_key(state.turns.len());
            let is_kept = idb::replace(&values, &end, &owner.conversation_key()).await;
            if is_kept && commands.0.owner.borrow().as_ref() == Some(&owner) {
                commands.0.kept.replace(state.turns.clone());
                storage::session().set(CONVERSATION, &owner.conversation);
            }
        });
    }

    /// The page goes away, and with it every write that is not done: what they would have kept goes where writing is
    /// immediate.
    pub fn on_leave(&self) {
        self.keep_form();
        let state = self.0.store.get();
        let (owner, kept) = (self.0.owner.borrow(), self.0.kept.borrow());
        let is_kept =
            kept.len() == state.turns.len() && unkept(&state.turns, &kept).next().is_none();
        if let Some(owner) = owner.as_ref().filter(|_| !is_kept) {
            let left = unkept(&state.turns, &kept);
            storage::session().set(
                LEFT,
                &left_text(&owner.conversation_key(), state.turns.len(), left),
            );
            storage::session().set(CONVERSATION, &owner.conversation);
        }
    }

    /// Nothing of the conversation stays in the tab's storage.
    pub(super) fn forget_conversation(&self) {
        self.0.saving.take();
        self.0.kept.take();
        storage::session().remove(CONVERSATION);
        storage::session().remove(LEFT);
    }

    /// Brings the conversation back that this tab had, or the user's last one, unless another tab is at it.
    pub(super) async fn restore(&self, user: Rc<str>) {
        let of_tab = storage::session().get(CONVERSATION);
        let last = idb::get(&last_key(&user))
            .await
            .and_then(|id| id.as_string());
        let Some(id) = of_tab.or(last) else { return };
        let owner = Owner {
            user,
            conversation: id.into(),
        };
        if !lock::hold_if_free(&owner.lock()).await {
            storage::session().remove(CONVERSATION);
            return;
        }
        let left = storage::session().take(LEFT);
        let mut said = kept_turns(&owner).await;
        let has_left =
            left.is_some_and(|left| complete(&mut said, &owner.conversation_key(), &left));
        let is_still_here = self
            .0
            .owner
            .borrow()
            .as_ref()
            .is_some_and(|now| now.user == owner.user);
        if said.is_empty() || !is_still_here || !self.0.store.get().turns.is_empty() {
            return;
        }
        self.0.owner.replace(Some(owner));
        let blobs: Vec<_> = said.iter().flat_map(blob_keys).collect();
        self.0.store.dispatch(Action::Restored(said));
        if has_left {
            self.keep_conversation_now();
        } else {
            self.0.kept.replace(self.0.store.get().turns.clone());
        }
        blobs.into_iter().for_each(|key| self.show_preview(key));
        self.recover().await;
    }

    /// The server may have more of an answer that the page left.
    async fn recover(&self) {
        let state = self.0.store.get();
        let left = state
            .turns
            .last()
            .and_then(|turn| state.answer(turn.key).map(|answer| (turn.key, answer)));
        let Some((key, answer)) =
            left.filter(|(_, answer)| answer.status == Status::Failed(Fault::Left))
        else {
            return;
        };
        let Some(id) = &answer.response_id else {
            return;
        };
        for wait_ms in LOOK_UP_AFTER_MS {
            sleep(wait_ms).await;
            if let Ok(content) = look_up(&self.0.config, &self.0.auth, id).await {
                self.0.store.dispatch(Action::Recovered { key, content });
                self.keep_conversation_now();
                return;
            }
        }
    }
}

impl Owner {
    fn conversation_key(&self) -> String {
        ["conversation:", &self.user, ":", &self.conversation, ":"].concat()
    }

    /// Keys sort as the turns do.
    fn turn_key(&self, at: usize) -> String {
        format!("{}{at:08}", self.conversation_key())
    }

    pub(super) fn lock(&self) -> String {
        ["aicon.conversation:", &self.conversation].concat()
    }

    fn last_key(&self) -> String {
        last_key(&self.user)
    }
}

fn last_key(user: &str) -> String {
    ["last:", user].concat()
}

/// Up to the first that cannot be read, which no write of ours leaves.
async fn kept_turns(owner: &Owner) -> Vec<Said> {
    let texts = idb::get_all(&owner.conversation_key()).await;
    let turn = |text: &wasm_bindgen::JsValue| turn_of(&text.as_string()?);
    texts.iter().map_while(turn).collect()
}

fn blob_keys(said: &Said) -> Vec<Rc<str>> {
    match said {
        Said::User(question) => {
            let images = question.images.iter();
            images.map(|image| image.key.clone()).collect()
        }
        Said::Assistant(answer) => {
            let archive = answer.archive.iter();
            archive.map(|archive| archive.key.clone()).collect()
        }
    }
}
