//! The redirect, pure: what the browser is sent away with, and what may be believed of what comes back.

use aicon_protocol::json::{ReadJson, WriteJson};

use super::Reason;
use crate::json::{Json, Object};
use crate::route::Route;

/// A login that this tab has begun; kept while the user is at AICON.
#[derive(Clone, PartialEq)]
pub struct Attempt {
    /// CSRF token (RFC 6749, 10.12).
    pub state: String,
    /// PKCE (RFC 7636, 4.1); empty where the page is no secure context.
    pub verifier: String,
    /// The path to go on at afterwards: one of ours.
    pub return_to: String,
    /// Milliseconds since the epoch.
    pub began_ms: f64,
}

impl Attempt {
    /// For the tab's storage.
    pub fn to_text(&self) -> String {
        let mut object = Object::new();
        object.text("state", &self.state);
        object.text("verifier", &self.verifier);
        object.text("return_to", &self.return_to);
        object.count("began_ms", self.began_ms as u64);
        object.into_text()
    }

    /// From the tab's storage.
    pub fn of_text(text: &str) -> Option<Self> {
        let json = Json::parse(text).ok()?;
        Some(Self {
            state: json.text_of("state")?,
            verifier: json.text_of("verifier")?,
            return_to: json.text_of("return_to")?,
            began_ms: json.member("began_ms")?.number()?,
        })
    }
}

/// Minutes for which a login may be answered (promise S1).
pub const ATTEMPT_MINUTES: f64 = 10.0;

/// What the redirect brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Callback {
    /// The authorization code.
    pub code: Option<String>,
    /// Our `state`, if AICON echoes it.
    pub state: Option<String>,
    /// An error code instead (RFC 6749, 4.1.2.1).
    pub error: Option<String>,
    /// Who issued the code (RFC 9207).
    pub issuer: Option<String>,
}

/// What to do about a [`Callback`].
#[derive(Clone, PartialEq)]
pub enum Verdict {
    /// It is none.
    NoCallback,
    /// Redeem the code, once.
    Redeem {
        /// The authorization code.
        code: String,
        /// The attempt that it answers.
        attempt: Attempt,
    },
    /// Redeem nothing, and say why.
    Refuse(Reason),
}

/// Judges a callback. `attempt` has been taken out of its storage, so that it cannot be used again.
///
/// `issuers` are the origins that may sign a code (RFC 9207); a callback that names none is not refused for it.
pub fn judge(
    callback: Callback,
    attempt: Option<Attempt>,
    now_ms: f64,
    require_state: bool,
    issuers: &[&str],
) -> Verdict {
    if let Some(error) = callback.error {
        // An error that nobody asked for may come from any link on the web: nothing of it is worth showing.
        return Verdict::Refuse(match attempt {
            Some(_) => Reason::Refused(error),
            None => Reason::Unasked,
        });
    }
    let Some(code) = callback.code.filter(|code| !code.is_empty()) else {
        return Verdict::NoCallback;
    };
    let Some(attempt) = attempt else {
        return Verdict::Refuse(Reason::Unasked);
    };
    let age_ms = now_ms - attempt.began_ms;
    if !(-60_000.0..=ATTEMPT_MINUTES * 60_000.0).contains(&age_ms) {
        return Verdict::Refuse(Reason::Unasked);
    }
    let state_is_right = match callback.state {
        Some(state) => state == attempt.state && !state.is_empty(),
        None => !require_state,
    };
    let issuer_is_right = callback
        .issuer
        .is_none_or(|issuer| issuers.iter().any(|known| is_of_origin(&issuer, known)));
    if state_is_right && issuer_is_right {
        Verdict::Redeem { code, attempt }
    } else {
        Verdict::Refuse(Reason::Mismatch)
    }
}

/// The address of AICON's login page; every value comes percent-encoded (`aicon.md` 3.1).
pub fn login_url(
    login_url: &str,
    client_id: &str,
    redirect_uri: &str,
    state: &str,
    challenge: Option<&str>,
) -> String {
    let separator = if login_url.contains('?') { "&" } else { "?" };
    let mut url = [
        login_url,
        separator,
        "client_id=",
        client_id,
        "&redirect_uri=",
        redirect_uri,
        "&state=",
        state,
    ]
    .concat();
    if let Some(challenge) = challenge {
        url.push_str("&code_challenge_method=S256&code_challenge=");
        url.push_str(challenge);
    }
    url
}

/// The route to go on at: whatever was stored, it is one of ours and no other place.
pub fn return_route(path: &str) -> Route {
    match Route::of(path) {
        Route::Login | Route::NotFound => Route::Home,
        route => route,
    }
}

fn is_of_origin(url: &str, origin: &str) -> bool {
    !origin.is_empty()
        && url
            .strip_prefix(origin)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: f64 = 1_000_000_000.0;

    fn attempt() -> Attempt {
        Attempt {
            state: "s".to_owned(),
            verifier: "v".to_owned(),
            return_to: "/chat".to_owned(),
            began_ms: NOW - 5_000.0,
        }
    }

    fn callback(code: &str, state: Option<&str>) -> Callback {
        Callback {
            code: Some(code.to_owned()),
            state: state.map(str::to_owned),
            ..Callback::default()
        }
    }

    fn judged(
        callback: Callback,
        attempt: Option<Attempt>,
        require_state: bool,
    ) -> Result<bool, Reason> {
        match judge(
            callback,
            attempt,
            NOW,
            require_state,
            &["https://aicon.or.kr"],
        ) {
            Verdict::NoCallback => Ok(false),
            Verdict::Redeem { .. } => Ok(true),
            Verdict::Refuse(reason) => Err(reason),
        }
    }

    #[test]
    fn a_code_that_answers_this_tabs_login_is_redeemed() {
        assert_eq!(
            judged(callback("c", Some("s")), Some(attempt()), true),
            Ok(true)
        );
    }

    #[test]
    fn a_code_without_state_is_redeemed_unless_the_config_forbids_it() {
        assert_eq!(
            judged(callback("c", None), Some(attempt()), false),
            Ok(true)
        );
        assert_eq!(
            judged(callback("c", None), Some(attempt()), true),
            Err(Reason::Mismatch)
        );
    }

    #[test]
    fn a_wrong_state_is_refused_whatever_the_config_says() {
        for require_state in [true, false] {
            assert_eq!(
                judged(callback("c", Some("x")), Some(attempt()), require_state),
                Err(Reason::Mismatch)
            );
            assert_eq!(
                judged(callback("c", Some("")), Some(attempt()), require_state),
                Err(Reason::Mismatch)
            );
        }
    }

    #[test]
    fn a_code_that_nobody_asked_for_is_refused() {
        assert_eq!(
            judged(callback("c", Some("s")), None, false),
            Err(Reason::Unasked)
        );
    }

    #[test]
    fn a_login_is_answered_within_ten_minutes_or_not_at_all() {
        let old = Attempt {
            began_ms: NOW - ATTEMPT_MINUTES * 60_000.0 - 1.0,
            ..attempt()
        };
        assert_eq!(
            judged(callback("c", Some("s")), Some(old), false),
            Err(Reason::Unasked)
        );
        let future = Attempt {
            began_ms: NOW + 3_600_000.0,
            ..attempt()
        };
        assert_eq!(
            judged(callback("c", Some("s")), Some(future), false),
            Err(Reason::Unasked)
        );
    }

    #[test]
    fn an_error_beats_a_code() {
        let both = Callback {
            error: Some("access_denied".to_owned()),
            ..callback("c", Some("s"))
        };
        assert_eq!(
            judged(both.clone(), Some(attempt()), false),
            Err(Reason::Refused("access_denied".to_owned()))
        );
        assert_eq!(judged(both, None, false), Err(Reason::Unasked));
    }

    #[test]
    fn a_foreign_issuer_is_refused() {
        for (issuer, is_right) in [
            ("https://aicon.or.kr", true),
            ("https://aicon.or.kr/x", true),
            ("https://aicon.or.kr.evil.example", false),
        ] {
            let named = Callback {
                issuer: Some(issuer.to_owned()),
                ..callback("c", Some("s"))
            };
            assert_eq!(
                judged(named, Some(attempt()), false).is_ok(),
                is_right,
                "{issuer}"
            );
        }
    }

    #[test]
    fn an_attempt_survives_storage() {
        assert!(Attempt::of_text(&attempt().to_text()) == Some(attempt()));
        assert!(Attempt::of_text("{}").is_none());
    }

    #[test]
    fn no_callback_is_none() {
        assert_eq!(
            judged(Callback::default(), Some(attempt()), true),
            Ok(false)
        );
        assert_eq!(judged(callback("", None), None, true), Ok(false));
    }

    #[test]
    fn the_way_back_never_leaves_the_app() {
        for path in [
            "//evil.example",
            "/\\evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "/login",
            "/nowhere",
        ] {
            assert_eq!(return_route(path), Route::Home, "{path}");
        }
        assert_eq!(return_route("/chat"), Route::Chat);
    }

    #[test]
    fn the_login_url_keeps_a_query_of_its_own() {
        let url = login_url(
            "https://a.example/login?lang=ko",
            "id%3D",
            "https%3A%2F%2Fb",
            "s",
            Some("x"),
        );
        assert_eq!(
            url,
            "https://a.example/login?lang=ko&client_id=id%3D&redirect_uri=https%3A%2F%2Fb&state=s&code_challenge_method=S256&code_challenge=x"
        );
    }

    proptest::proptest! {
        #[test]
        fn only_the_right_state_is_ever_redeemed(state in proptest::option::of("[a-z]{0,2}"), has_attempt: bool, age in -1e9..1e9_f64) {
            let attempt = has_attempt.then(|| Attempt { began_ms: NOW - age, ..attempt() });
            let redeemed = judged(callback("c", state.as_deref()), attempt, true) == Ok(true);
            proptest::prop_assert!(!redeemed || (has_attempt && state.as_deref() == Some("s") && age <= 600_000.0));
        }
    }
}
