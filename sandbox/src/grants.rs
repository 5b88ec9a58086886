//! Authorization codes and refresh tokens: each good for one use.

use std::collections::HashMap;
use std::time::Duration;

use aicon_protocol::id::UserId;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

/// What a user agreed to on the login page.
#[derive(Clone, Debug)]
pub(crate) struct CodeGrant {
    pub(crate) user: UserId,
    pub(crate) redirect_uri: String,
    /// PKCE S256 challenge (RFC 7636), when the app sent one.
    pub(crate) code_challenge: Option<String>,
    pub(crate) issued_at: Timestamp,
}

/// Why a grant was not honoured (RFC 6749, 5.2: all of them `invalid_grant`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GrantError {
    #[error("the code is unknown or was used before")]
    UnknownCode,
    #[error("the code has expired")]
    ExpiredCode,
    #[error("the redirect URI is not the one of the login")]
    RedirectMismatch,
    #[error("the code verifier does not fit the challenge of the login")]
    PkceMismatch,
    #[error("the refresh token is unknown or was used before")]
    UnknownRefreshToken,
}

/// Codes and refresh tokens that are still good.
pub(crate) struct Grants {
    code_ttl: SignedDuration,
    codes: HashMap<String, CodeGrant>,
    refresh_tokens: HashMap<String, UserId>,
}

impl Grants {
    /// None yet; codes will live this long.
    pub(crate) fn new(code_ttl: Duration) -> Self {
        let code_ttl = SignedDuration::try_from(code_ttl).unwrap_or(SignedDuration::MAX);
        Self {
            code_ttl,
            codes: HashMap::new(),
            refresh_tokens: HashMap::new(),
        }
    }

    /// Keeps a fresh code, and forgets those whose time is over.
    pub(crate) fn add_code(&mut self, code: String, grant: CodeGrant) {
        let now = grant.issued_at;
        self.codes
            .retain(|_, old| now.duration_since(old.issued_at) < self.code_ttl);
        self.codes.insert(code, grant);
    }

    /// Redeems a code. It is gone afterwards, whatever came of it.
    pub(crate) fn redeem_code(
        &mut self,
        code: &str,
        redirect_uri: &str,
        code_verifier: Option<&str>,
        now: Timestamp,
    ) -> Result<UserId, GrantError> {
        let grant = self.codes.remove(code).ok_or(GrantError::UnknownCode)?;
        if now.duration_since(grant.issued_at) >= self.code_ttl {
            return Err(GrantError::ExpiredCode);
        }
        if grant.redirect_uri != redirect_uri {
            return Err(GrantError::RedirectMismatch);
        }
        match (grant.code_challenge, code_verifier) {
            (None, None) => Ok(grant.user),
            (Some(challenge), Some(verifier)) if challenge == s256(verifier) => Ok(grant.user),
            _ => Err(GrantError::PkceMismatch),
        }
    }

    /// Keeps a refresh token by its `jti`.
    pub(crate) fn add_refresh_token(&mut self, id: String, user: UserId) {
        self.refresh_tokens.insert(id, user);
    }

    /// Trades a refresh token in. It is dead afterwards.
    pub(crate) fn redeem_refresh_token(&mut self, id: &str) -> Result<UserId, GrantError> {
        self.refresh_tokens
            .remove(id)
            .ok_or(GrantError::UnknownRefreshToken)
    }
}

/// The PKCE challenge of a verifier (RFC 7636, 4.2).
fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "http://site.example";

    fn grants(challenge: Option<&str>) -> Grants {
        let mut grants = Grants::new(Duration::from_secs(60));
        let grant = CodeGrant {
            user: UserId::new("demo"),
            redirect_uri: ORIGIN.to_owned(),
            code_challenge: challenge.map(str::to_owned),
            issued_at: Timestamp::UNIX_EPOCH,
        };
        grants.add_code("code".to_owned(), grant);
        grants
    }

    fn seconds(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_code_is_good_once() {
        let mut grants = grants(None);
        assert_eq!(
            grants.redeem_code("code", ORIGIN, None, seconds(1)),
            Ok(UserId::new("demo"))
        );
        assert_eq!(
            grants.redeem_code("code", ORIGIN, None, seconds(1)),
            Err(GrantError::UnknownCode)
        );
    }

    #[test]
    fn a_code_dies_when_its_time_is_over() {
        assert!(
            grants(None)
                .redeem_code("code", ORIGIN, None, seconds(59))
                .is_ok()
        );
        assert_eq!(
            grants(None).redeem_code("code", ORIGIN, None, seconds(60)),
            Err(GrantError::ExpiredCode)
        );
    }

    #[test]
    fn a_code_is_bound_to_its_redirect_uri() {
        let result = grants(None).redeem_code("code", "http://site.example/", None, seconds(1));
        assert_eq!(result, Err(GrantError::RedirectMismatch));
    }

    #[test]
    fn the_verifier_of_rfc_7636_fits_its_challenge_and_no_other_does() {
        let challenge = Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(
            grants(challenge)
                .redeem_code("code", ORIGIN, Some(verifier), seconds(1))
                .is_ok()
        );
        for wrong in [None, Some("x"), Some("")] {
            let result = grants(challenge).redeem_code("code", ORIGIN, wrong, seconds(1));
            assert_eq!(result, Err(GrantError::PkceMismatch));
        }
    }

    #[test]
    fn a_verifier_without_a_challenge_is_refused() {
        let result = grants(None).redeem_code("code", ORIGIN, Some("x"), seconds(1));
        assert_eq!(result, Err(GrantError::PkceMismatch));
    }

    #[test]
    fn a_refresh_token_dies_with_its_use() {
        let mut grants = Grants::new(Duration::from_secs(60));
        grants.add_refresh_token("id".to_owned(), UserId::new("demo"));
        assert!(grants.redeem_refresh_token("id").is_ok());
        assert_eq!(
            grants.redeem_refresh_token("id"),
            Err(GrantError::UnknownRefreshToken)
        );
    }
}
