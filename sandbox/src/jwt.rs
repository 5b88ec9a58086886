//! Signing and checking of AICON's JWTs (`aicon.md` 3.4): HS256 under a key that is new at each start.

use aicon_protocol::id::{ClientId, UserId};
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

    /// The claims of a token of ours that is of this kind and has not expired; nothing otherwise.
    pub(crate) fn verify(&self, token: &str, token_use: TokenUse) -> Option<TokenClaims> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        let claims = jsonwebtoken::decode::<TokenClaims>(token, &self.decoding, &validation)
            .ok()?
            .claims;
        (claims.token_use == token_use).then_some(claims)
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
        let future = claims(i64::from(u32::MAX));
        let token = signer.sign(&future).unwrap();
        assert_eq!(signer.verify(&token, TokenUse::Access), Some(future));
        assert_eq!(signer.verify(&token, TokenUse::Refresh), None);
        assert_eq!(Signer::new(b"other").verify(&token, TokenUse::Access), None);
        assert_eq!(
            signer.verify(&signer.sign(&claims(1)).unwrap(), TokenUse::Access),
            None
        );
    }
}
