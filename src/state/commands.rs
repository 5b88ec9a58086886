//! The work between actions: sending, stopping, uploading, keeping. The one place outside the auth room that spawns.

mod attach;
mod conversation;
mod download;
mod form;
mod keep;
mod run;
mod speak;

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use js_sys::Function;
use web_sys::AbortController;

pub use download::ARCHIVE_NAME;
use form::Desk;

use super::chat::Chat;
use super::store::Store;
use super::turn::Turn;
use crate::api::Upload;
use crate::auth::{Auth, Session};
use crate::config::Config;

/// What the view can ask for. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Commands(Rc<Inner>);

impl PartialEq for Commands {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

struct Inner {
    config: Rc<Config>,
    auth: Auth,
    store: Store<Chat>,
    /// Where the model has a form.
    desk: Option<Desk>,
    /// The stream under way.
    stream: RefCell<Option<AbortController>>,
    /// Who waits until what was dispatched is on the page.
    drawn: RefCell<Option<Function>>,
    /// Those under way, under their attachments' keys.
    uploads: RefCell<Vec<(Rc<str>, Upload)>>,
    /// Whose conversation the store holds; `None` before anybody is known.
    owner: RefCell<Option<Owner>>,
    saving: RefCell<Option<Timeout>>,
    /// The turns that IndexedDB has for certain.
    kept: RefCell<Vec<Rc<Turn>>>,
}

/// Whose conversation, and which.
#[derive(Clone, PartialEq)]
struct Owner {
    user: Rc<str>,
    conversation: Rc<str>,
}

impl Commands {
    /// Commands over one store.
    pub fn new(config: Rc<Config>, auth: Auth, store: Store<Chat>) -> Self {
        Self(Rc::new(Inner {
            desk: Desk::of(&config),
            config,
            auth,
            store,
            stream: RefCell::new(None),
            drawn: RefCell::new(None),
            uploads: RefCell::default(),
            owner: RefCell::new(None),
            saving: RefCell::new(None),
            kept: RefCell::default(),
        }))
    }

    /// The store that these commands change.
    pub fn store(&self) -> &Store<Chat> {
        &self.0.store
    }

    /// Follows the session: brings back what this user had here, and shows nobody another user's.
    pub fn follow(&self, session: &Session) {
        match session {
            Session::NotNeeded => self.enter(""),
            Session::SignedIn { user } => {
                self.enter(user.as_ref().map_or("", |user| user.as_str()))
            }
            Session::SignedOut(crate::auth::Reason::LoggedOut | crate::auth::Reason::OtherUser) => {
                self.leave()
            }
            Session::SignedOut(_) | Session::Starting => {}
        }
    }
}
