//! Keeping: the composer in the tab's storage at each change, the conversation in IndexedDB, under its owner.

use std::rc::Rc;

use gloo::timers::callback::Timeout;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::super::chat::Action;
use super::super::saved::{composer_of, composer_text, conversation_of, conversation_text};
use super::super::turn::{Said, Status};
use super::attach::FILE_PREFIX;
use super::{Commands, Owner};
use crate::api::{Fault, look_up};
use crate::browser::{idb, lock, random, sleep, storage};

const DRAFT: &str = "aicon.draft";
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

    /// This user's draft and conversation come back, once.
    pub(super) fn enter(&self, user: &str) {
        let known = self
            .0
            .owner
            .borrow()
            .as_ref()
            .map(|owner| owner.user.clone());
        match known {
            Some(known) if *known == *user => {
                self.resume_attachments();
                return;
            }
            Some(_) => self.leave(),
            None => {}
        }
        let owner = Owner {
            user: user.into(),
            conversation: random::token().into(),
        };
        let lock = owner.lock();
        self.0.owner.replace(Some(owner));
        self.enter_form(user);
        // Nobody else has this ID: held so that another tab takes no part in it later.
        spawn_local(async move {
            lock::hold_if_free(&lock).await;
        });
        if let Some(composer) = storage::session()
            .get(DRAFT)
            .and_then(|text| composer_of(&text, user))
        {
            self.0.store.dispatch(Action::Typed(composer.draft));
            self.0
                .store
                .dispatch(Action::Attached(composer.attachments));
            self.resume_attachments();
        }
        let (commands, user): (_, Rc<str>) = (self.clone(), user.into());
        spawn_local(async move { commands.restore(user).await });
    }

    /// Nothing of this user stays on the screen or in the tab's storage.
    pub(super) fn leave(&self) {
        self.stop();
        self.leave_form();
        self.0.saving.take();
        self.0.owner.take();
        storage::session().remove(DRAFT);
        storage::session().remove(CONVERSATION);
        storage::session().remove(LEFT);
        self.0.store.dispatch(Action::Reset);
    }

    pub(super) fn keep_composer(&self) {
        if let Some(owner) = &*self.0.owner.borrow() {
            // A storage that is full or refused costs the draft at a reload, and nothing now.
            storage::session().set(
                DRAFT,
                &composer_text(&owner.user, &self.0.store.get().composer),
            );
        }
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
        self.0.writes.set(self.0.writes.get() + 1);
        spawn_local(async move {
            let text = JsValue::from_str(&conversation_text(&state.turns));
            if idb::put(&owner.conversation_key(), &text).await {
                idb::put(&owner.last_key(), &JsValue::from_str(&owner.conversation)).await;
                storage::session().set(CONVERSATION, &owner.conversation);
            }
            commands.0.writes.set(commands.0.writes.get() - 1);
        });
    }

    /// The page goes away, and with it every write that is not done: what they would have kept goes where writing is
    /// immediate.
    pub fn on_leave(&self) {
        self.keep_form();
        let is_kept = self.0.writes.get() == 0 && self.0.saving.borrow().is_none();
        let state = self.0.store.get();
        let owner = self.0.owner.borrow();
        if let Some(owner) = owner
            .as_ref()
            .filter(|_| !is_kept || state.streaming().is_some())
        {
            storage::session().set(
                LEFT,
                &[&*owner.conversation, "\n", &conversation_text(&state.turns)].concat(),
            );
            storage::session().set(CONVERSATION, &owner.conversation);
        }
    }

    /// Brings the conversation back that this tab had, or the user's last one, unless another tab is at it.
    async fn restore(&self, user: Rc<str>) {
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
        let left = storage::session().take(LEFT).and_then(|left| {
            left.strip_prefix(&*owner.conversation)?
                .strip_prefix('\n')
                .map(str::to_owned)
        });
        let text = match left {
            Some(text) => Some(text),
            None => idb::get(&owner.conversation_key())
                .await
                .and_then(|text| text.as_string()),
        };
        let is_still_here = self
            .0
            .owner
            .borrow()
            .as_ref()
            .is_some_and(|now| now.user == owner.user);
        let said = text
            .as_deref()
            .and_then(conversation_of)
            .filter(|_| is_still_here && self.0.store.get().turns.is_empty());
        let Some(said) = said else { return };
        self.0.owner.replace(Some(owner));
        let mut kept: Vec<Rc<str>> = Vec::new();
        for said in &said {
            match said {
                Said::User(question) => {
                    kept.extend(question.images.iter().map(|image| image.key.clone()));
                }
                Said::Assistant(answer) => {
                    kept.extend(answer.archive.iter().map(|archive| archive.key.clone()));
                }
            }
        }
        self.0.store.dispatch(Action::Restored(said));
        kept.into_iter().for_each(|key| self.show_preview(key));
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
        ["conversation:", &self.user, ":", &self.conversation].concat()
    }

    fn lock(&self) -> String {
        ["aicon.conversation:", &self.conversation].concat()
    }

    fn last_key(&self) -> String {
        last_key(&self.user)
    }
}

fn last_key(user: &str) -> String {
    ["last:", user].concat()
}
