//! The one owner of the tokens.

mod refresh;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen_futures::spawn_local;

use super::exchange::{Grant, exchange};
use super::peers::Peers;
use super::redirect::{self, Attempt, Callback, Verdict};
use super::tokens::{Tokens, user_of};
use super::{Reason, Session};
use crate::browser::{location, now_ms, random, storage};
use crate::config::Config;
use crate::route::Route;

const ATTEMPT: &str = "aicon.login";
const REFRESH: &str = "aicon.refresh_token";

/// There is no token to be had: the session is over, or cannot be renewed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

/// The session. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Auth(Rc<Inner>);

impl PartialEq for Auth {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

struct Inner {
    config: Rc<Config>,
    session: RefCell<Session>,
    tokens: RefCell<Option<Tokens>>,
    /// The refresh that is under way: whoever needs a token waits for this one.
    refreshing: RefCell<Option<Promise>>,
    peers: OnceCell<Peers>,
    on_change: Box<dyn Fn(Session)>,
    started: Cell<bool>,
}

impl Auth {
    /// `on_change` is told each new [`Session`].
    pub fn new(config: Rc<Config>, on_change: impl Fn(Session) + 'static) -> Self {
        let session = if config.login.is_some() {
            Session::Starting
        } else {
            Session::NotNeeded
        };
        Self(Rc::new(Inner {
            config,
            session: RefCell::new(session),
            tokens: RefCell::new(None),
            refreshing: RefCell::new(None),
            peers: OnceCell::new(),
            on_change: Box::new(on_change),
            started: Cell::new(false),
        }))
    }

    /// Where the login stands.
    pub fn session(&self) -> Session {
        self.0.session.borrow().clone()
    }

    /// Begins: judges a callback, or renews the last session. Cleans the address bar before anything is sent. Returns
    /// the route to show. A second call does nothing (`aicon.md` 3; promises S1, S3).
    pub fn start(&self) -> Route {
        let query = location::query();
        let route = Route::of(&location::path());
        let Some(login) = self
            .0
            .config
            .login
            .as_ref()
            .filter(|_| !self.0.started.replace(true))
        else {
            return route;
        };
        let value = |name| location::query_value(&query, name);
        let callback = Callback {
            code: value("code"),
            state: value("state"),
            error: value("error"),
            issuer: value("iss"),
        };
        let opened_for = value("userid");
        if !query.is_empty() {
            location::replace(&location::path());
        }
        let is_callback = callback.code.is_some() || callback.error.is_some();
        let attempt = if is_callback {
            storage::session().take(ATTEMPT)
        } else {
            None
        };
        let attempt = attempt.and_then(|text| Attempt::of_text(&text));
        let return_to = attempt
            .as_ref()
            .map(|attempt: &Attempt| redirect::return_route(&attempt.return_to));
        let issuers = [origin_of(&login.login_url), origin_of(&login.aicon_api)];
        self.listen_to_peers();
        match redirect::judge(callback, attempt, now_ms(), login.require_state, &issuers) {
            Verdict::Redeem { code, attempt } => self.redeem(code, attempt),
            Verdict::Refuse(reason) => {
                self.forget();
                self.publish(Session::SignedOut(reason));
            }
            Verdict::NoCallback => self.resume(opened_for),
        }
        // The place that the user wanted before the login, whatever came of it.
        let route = return_to.unwrap_or(route);
        location::replace(route.path());
        route
    }

    /// Leaves for AICON's login page; the way back leads to `return_to`.
    pub fn login(&self, return_to: Route) {
        let auth = self.clone();
        spawn_local(async move {
            let Some(login) = &auth.0.config.login else {
                return;
            };
            let (state, verifier) = (random::token(), random::token());
            let challenge = random::sha256(&verifier).await;
            let verifier = if challenge.is_some() {
                verifier
            } else {
                String::new()
            };
            let attempt = Attempt {
                state,
                verifier,
                return_to: return_to.path().to_owned(),
                began_ms: now_ms(),
            };
            let kept = storage::session().set(ATTEMPT, &attempt.to_text());
            if !kept || attempt.state.is_empty() {
                // Without a kept attempt the answer would have to be refused.
                auth.publish(Session::SignedOut(Reason::Mismatch));
                return;
            }
            location::leave_for(&redirect::login_url(
                &login.login_url,
                &location::encode(&login.client_id),
                &location::encode(&location::origin()),
                &attempt.state,
                challenge.as_deref(),
            ));
        });
    }

    /// Ends the session, in all tabs.
    pub fn logout(&self) {
        if let Some(peers) = self.0.peers.get() {
            peers.logout();
        }
        self.forget();
        self.publish(Session::SignedOut(Reason::LoggedOut));
    }

    /// Tries once more after [`Reason::Unavailable`].
    pub fn try_again(&self) {
        self.publish(Session::Starting);
        self.resume(None);
    }

    /// A token for a call to the provider: none where no login is needed. Renews one that is about to end.
    ///
    /// # Errors
    /// [`Lost`] when there is none; the session says why.
    pub async fn bearer(&self) -> Result<Option<String>, Lost> {
        if self.0.config.login.is_none() {
            return Ok(None);
        }
        let fresh = self
            .0
            .tokens
            .borrow()
            .as_ref()
            .filter(|tokens| !tokens.is_stale(now_ms()))
            .map(|t| t.access.clone());
        match fresh {
            Some(access) => Ok(Some(access)),
            None => self.refreshed().await.map(Some),
        }
    }

    /// A token in place of `refused`, which the provider answered with 401.
    ///
    /// # Errors
    /// [`Lost`] when there is none; the session says why.
    pub async fn bearer_instead_of(&self, refused: &str) -> Result<Option<String>, Lost> {
        let newer = self
            .0
            .tokens
            .borrow()
            .as_ref()
            .filter(|tokens| tokens.access != refused)
            .map(|t| t.access.clone());
        match newer {
            Some(access) => Ok(Some(access)),
            None => self.refreshed().await.map(Some),
        }
    }

    /// The provider refuses a token that has just been renewed: another renewal would only go round in circles.
    pub fn give_up(&self) {
        self.forget();
        self.publish(Session::SignedOut(Reason::Expired));
    }

    fn redeem(&self, code: String, attempt: Attempt) {
        let auth = self.clone();
        spawn_local(async move {
            let Some(login) = &auth.0.config.login else {
                return;
            };
            let grant = Grant::Code {
                code,
                verifier: attempt.verifier,
                redirect_uri: location::origin(),
            };
            match exchange(&auth.0.config, login, grant).await {
                Ok(response) => auth.adopt(Tokens::new(response, now_ms())),
                Err(reason) => {
                    auth.forget();
                    // The code is spent: only a new login helps, however temporary the fault.
                    auth.publish(Session::SignedOut(reason));
                }
            }
        });
    }

    /// Goes on with the last session, unless the page was opened for somebody else (`aicon.md` 3.7).
    fn resume(&self, opened_for: Option<String>) {
        let Some(token) = storage::session().get(REFRESH) else {
            self.publish(Session::SignedOut(Reason::New));
            return;
        };
        let auth = self.clone();
        spawn_local(async move {
            let is_other = |user: Option<aicon_protocol::id::UserId>| {
                opened_for
                    .as_deref()
                    .zip(user)
                    .is_some_and(|(wanted, user)| wanted != user.as_str())
            };
            if is_other(user_of(&token))
                || (auth.refreshed().await.is_ok() && is_other(auth.user()))
            {
                auth.forget();
                auth.publish(Session::SignedOut(Reason::OtherUser));
            }
        });
    }

    fn adopt(&self, tokens: Tokens) {
        match &tokens.refresh {
            Some(refresh) => drop(storage::session().set(REFRESH, refresh)),
            None => storage::session().remove(REFRESH),
        }
        let user = tokens.user();
        self.0.tokens.borrow_mut().replace(tokens);
        self.publish(Session::SignedIn { user });
    }

    fn expire(&self, reason: Reason) {
        self.forget();
        self.publish(Session::SignedOut(reason));
    }

    fn forget(&self) {
        self.0.tokens.borrow_mut().take();
        storage::session().remove(REFRESH);
        storage::session().remove(ATTEMPT);
    }

    fn user(&self) -> Option<aicon_protocol::id::UserId> {
        self.0.tokens.borrow().as_ref().and_then(Tokens::user)
    }

    fn publish(&self, session: Session) {
        if *self.0.session.borrow() == session {
            return;
        }
        self.0.session.replace(session.clone());
        (self.0.on_change)(session);
    }

    fn listen_to_peers(&self) {
        let auth = self.clone();
        let peers = Peers::new(move || {
            auth.forget();
            if let Session::SignedIn { .. } = auth.session() {
                auth.publish(Session::SignedOut(Reason::LoggedOut));
            }
        });
        // Started once: there is no earlier one to lose.
        drop(self.0.peers.set(peers));
    }
}

/// `https://host` of an absolute URL.
fn origin_of(url: &str) -> &str {
    // Two of these are the `//` before the host.
    let end = url
        .match_indices(['/', '?', '#'])
        .nth(2)
        .map_or(url.len(), |(at, _)| at);
    &url[..end]
}

#[cfg(test)]
mod tests {
    use super::origin_of;

    #[test]
    fn an_origin_is_scheme_and_host() {
        assert_eq!(
            origin_of("https://aicon.or.kr/auth/login?x"),
            "https://aicon.or.kr"
        );
        assert_eq!(origin_of("http://127.0.0.1:8790"), "http://127.0.0.1:8790");
        assert_eq!(origin_of(""), "");
    }
}
