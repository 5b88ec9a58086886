//! Signing and checking of AICON's JWTs (`aicon.md` 3.4): HS256 under a key that is new at each start.

use aicon_protocol::id::{ClientId, UserId};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

/// Which of the two tokens it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TokenUse {
    Access,
    Refresh,
}

/// The payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TokenClaims {
    #[serde(rename = "http://schemas.microsoft.com/ws/2008/06/identity/claims/userdata")]
    pub(crate) user_id: UserId,
    pub(crate) client_id: ClientId,
    pub(crate) token_use: TokenUse,
    pub(crate) jti: String,
    /// Seconds since the epoch.
    pub(crate) iat: i64,
    /// Seconds since the epoch.
    pub(crate) exp: i64,
}

/// Holds the key.
pub(crate) struct Signer {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl Signer {
    pub(crate) fn new(key: &[u8]) -> Self {
        Self {
            encoding: EncodingKey::from_secret(key),
            decoding: DecodingKey::from_secret(key),
        }
    }

    /// The compact form of a token.
    pub(crate) fn sign(&self, claims: &TokenClaims) -> Result<String, jsonwebtoken::errors::Error> {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.encoding)
    }

    /// The claims of a token of ours that is of this kind and whose end has not come; nothing otherwise.
    pub(crate) fn verify(
        &self,
        token: &str,
        token_use: TokenUse,
        now: Timestamp,
    ) -> Option<TokenClaims> {
        let mut validation = Validation::new(Algorithm::HS256);
        // Checked below, because the library takes a token as good at the very second that RFC 7519 (4.1.4) ends it.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<TokenClaims>(token, &self.decoding, &validation)
            .ok()?
            .claims;
        (claims.token_use == token_use && now.as_second() < claims.exp).then_some(claims)
    }
}

#[cfg(test)]
mod tests {
    use aicon_protocol::aicon::USER_DATA_CLAIM;

    use super::*;

    fn claims(exp: i64) -> TokenClaims {
        TokenClaims {
            user_id: UserId::new("한글-사용자"),
            client_id: ClientId::new("YQ=="),
            token_use: TokenUse::Access,
            jti: "id".to_owned(),
            iat: 0,
            exp,
        }
    }

    #[test]
    fn the_user_is_in_the_claim_of_the_contract() {
        let json = serde_json::to_value(claims(1)).unwrap();
        assert_eq!(json[USER_DATA_CLAIM], "한글-사용자");
    }

    #[test]
    fn only_a_live_token_of_the_right_kind_and_key_is_good() {
        let signer = Signer::new(b"key");
        let token = signer.sign(&claims(10)).unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(
            signer.verify(&token, TokenUse::Access, at(9)),
            Some(claims(10))
        );
        assert_eq!(signer.verify(&token, TokenUse::Access, at(10)), None);
        assert_eq!(signer.verify(&token, TokenUse::Refresh, at(9)), None);
        assert_eq!(
            Signer::new(b"other").verify(&token, TokenUse::Access, at(9)),
            None
        );
    }
}
