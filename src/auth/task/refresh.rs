//! Renewal: one at a time, for any number of waiting requests and over all tabs (promise S8).

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::super::exchange::{Grant, exchange};
use super::super::peers;
use super::super::tokens::Tokens;
use super::super::{Reason, Session};
use super::{Auth, Lost, REFRESH};
use crate::browser::{lock, now_ms, storage};

const LOCK: &str = "aicon.refresh";

impl Auth {
    /// The access token after a refresh: the one that is under way, or a new one.
    pub(super) async fn refreshed(&self) -> Result<String, Lost> {
        let under_way = self.0.refreshing.borrow().clone();
        let promise = under_way.unwrap_or_else(|| {
            let auth = self.clone();
            let promise = future_to_promise(async move {
                lock::exclusively(LOCK, auth.clone().refresh()).await;
                auth.0.refreshing.borrow_mut().take();
                Ok(JsValue::UNDEFINED)
            });
            self.0.refreshing.borrow_mut().replace(promise.clone());
            promise
        });
        drop(JsFuture::from(promise).await);
        let access = self
            .0
            .tokens
            .borrow()
            .as_ref()
            .filter(|tokens| !tokens.is_stale(now_ms()))
            .map(|t| t.access.clone());
        access.ok_or(Lost)
    }

    /// One refresh, under the lock of all tabs.
    async fn refresh(self) {
        let (Some(login), Some(token)) = (&self.0.config.login, storage::session().get(REFRESH))
        else {
            self.forget();
            self.publish(Session::SignedOut(Reason::Expired));
            return;
        };
        let mark = peers::mark(&token).await;
        if peers::is_spent(&mark) {
            let told = match self.0.peers.get() {
                Some(peers) => peers.ask(&mark).await,
                None => None,
            };
            match told {
                Some(tokens) => self.adopt(tokens),
                None => self.expire(Reason::Expired),
            }
            return;
        }
        match exchange(
            &self.0.config,
            login,
            Grant::Refresh {
                token: token.clone(),
            },
        )
        .await
        {
            Ok(mut response) => {
                // A server that does not rotate may leave the refresh token out (RFC 6749, 6).
                let is_rotated = response
                    .refresh_token
                    .as_ref()
                    .is_some_and(|new| *new != token);
                response.refresh_token.get_or_insert(token);
                let tokens = Tokens::new(response, now_ms());
                self.adopt(tokens.clone());
                if is_rotated && let Some(peers) = self.0.peers.get() {
                    peers.note_spent(mark, tokens);
                }
            }
            Err(Reason::Unavailable) => {
                // The refresh token may still be good: kept for the next try.
                self.0.tokens.borrow_mut().take();
                self.publish(Session::SignedOut(Reason::Unavailable));
            }
            Err(reason) => self.expire(reason),
        }
    }
}
