//! Who is here: the composer and the conversation of this user, and of nobody else.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

use super::super::chat::Action;
use super::super::composer_saved::{composer_of, composer_text};
use super::{Commands, Owner};
use crate::browser::{lock, random, storage};

const DRAFT: &str = "aicon.draft";

impl Commands {
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
        self.forget_conversation();
        self.0.owner.take();
        storage::session().remove(DRAFT);
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
}
