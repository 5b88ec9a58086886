//! The tokens of one login, and how long they are good.

use aicon_protocol::aicon::TokenResponse;
use aicon_protocol::id::UserId;
use aicon_protocol::json::{ReadJson, WriteJson};

use super::claims;
use crate::json::{Json, Object};

/// Seconds before its end at which a token counts as used up, so that it does not expire on the way.
const MARGIN_SECONDS: f64 = 60.0;

/// Tokens as they were received.
#[derive(Clone, PartialEq)]
pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) refresh: Option<String>,
    received_ms: f64,
    lifetime_ms: Option<f64>,
}

impl Tokens {
    pub(super) fn new(response: TokenResponse, now_ms: f64) -> Self {
        let TokenResponse {
            access_token,
            refresh_token,
            ..
        } = response;
        // A clock that is far off makes every token look expired; then only a 401 can tell.
        let lifetime_ms = claims::read(&access_token)
            .and_then(|claims| claims.exp)
            .map(|exp| exp * 1000.0 - now_ms)
            .filter(|&lifetime| lifetime > 0.0);
        Self {
            access: access_token,
            refresh: refresh_token,
            received_ms: now_ms,
            lifetime_ms,
        }
    }

    /// For another tab.
    pub(super) fn to_object(&self) -> Object {
        let mut object = Object::new();
        object.text("access", &self.access);
        object.optional("refresh", self.refresh.as_deref());
        object.count("received_ms", self.received_ms as u64);
        if let Some(lifetime_ms) = self.lifetime_ms {
            object.count("lifetime_ms", lifetime_ms as u64);
        }
        object
    }

    /// From another tab.
    pub(super) fn of_json(json: &Json) -> Option<Self> {
        Some(Self {
            access: json.text_of("access")?,
            refresh: json.text_of("refresh"),
            received_ms: json.member("received_ms")?.number()?,
            lifetime_ms: json
                .member("lifetime_ms")
                .and_then(|lifetime| lifetime.number()),
        })
    }

    /// Whether the access token should be renewed before it is used.
    pub(super) fn is_stale(&self, now_ms: f64) -> bool {
        self.lifetime_ms.is_some_and(|lifetime| {
            let margin = (MARGIN_SECONDS * 1000.0).min(lifetime / 5.0);
            now_ms - self.received_ms >= lifetime - margin
        })
    }

    pub(super) fn user(&self) -> Option<UserId> {
        user_of(&self.access)
    }
}

/// The user whom a token names.
pub(super) fn user_of(token: &str) -> Option<UserId> {
    claims::read(token)?.user_id
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64UrlUnpadded, Encoding};

    use super::*;

    fn tokens(exp_seconds: f64, now_ms: f64) -> Tokens {
        let payload =
            Base64UrlUnpadded::encode_string(format!(r#"{{"exp":{exp_seconds}}}"#).as_bytes());
        let response = TokenResponse {
            access_token: format!("h.{payload}.s"),
            refresh_token: None,
            token_type: None,
        };
        Tokens::new(response, now_ms)
    }

    #[test]
    fn a_token_is_renewed_a_minute_before_its_end() {
        let tokens = tokens(3_600.0, 0.0);
        assert!(!tokens.is_stale(3_539_000.0));
        assert!(tokens.is_stale(3_540_000.0));
    }

    #[test]
    fn tokens_survive_the_way_to_another_tab() {
        let tokens = tokens(3_600.0, 0.0);
        let json = Json::parse(&tokens.to_object().into_text()).unwrap();
        assert!(Tokens::of_json(&json) == Some(tokens));
    }

    #[test]
    fn a_short_lived_token_is_used_for_most_of_its_life() {
        let tokens = tokens(5.0, 0.0);
        assert!(!tokens.is_stale(3_900.0));
        assert!(tokens.is_stale(4_000.0));
    }

    #[test]
    fn a_clock_that_is_ahead_does_not_renew_for_ever() {
        assert!(!tokens(3_600.0, 9e9).is_stale(9e9));
    }
}
