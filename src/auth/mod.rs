//! Login at AICON: OAuth 2.0 authorization code by redirect (`aicon.md` 3; RFC 6749, RFC 7636, RFC 9700).
//!
//! [`Auth`] alone owns tokens. The view reads its published [`Session`], the API room asks it for a bearer token.
//!
//! Where things live, and why:
//! - the access token: in memory only;
//! - the refresh token: in `sessionStorage`, because a reload must not log out; never in `localStorage`;
//! - the login attempt (`state`, PKCE verifier): in `sessionStorage`, taken out before it is used;
//! - hashes of spent refresh tokens: in `localStorage`, so that a duplicated tab, which starts with a copy of this tab's
//!   `sessionStorage`, never sends a token that has been rotated away.

mod claims;
mod exchange;
mod peers;
pub mod redirect;
mod task;
mod tokens;

pub use claims::read as read_claims;
pub use task::{Auth, Lost};

use aicon_protocol::id::UserId;

/// Where the login stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Session {
    /// The config asks for no login.
    NotNeeded,
    /// A code or a refresh token is being exchanged.
    Starting,
    /// Nobody is logged in.
    SignedOut(Reason),
    /// Somebody is.
    SignedIn {
        /// Who, where the token says it.
        user: Option<UserId>,
    },
}

/// Why nobody is logged in; the login page says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nothing happened yet.
    New,
    /// The user left.
    LoggedOut,
    /// The refresh token is no longer good.
    Expired,
    /// AICON sent an `error` (RFC 6749, 4.1.2.1); its code.
    Refused(String),
    /// A code came that this tab did not ask for.
    Unasked,
    /// `state` or `iss` is not what was sent.
    Mismatch,
    /// The code was not accepted: used or too old.
    CodeRejected,
    /// The token endpoint does not answer, or fails; trying again may help.
    Unavailable,
    /// The token endpoint refuses this client: the provider has to mend that.
    Misconfigured,
    /// The page was opened for another user (`aicon.md` 3.7).
    OtherUser,
}
