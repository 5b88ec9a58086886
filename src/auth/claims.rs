//! A token's payload (`aicon.md` 3.4). It is read, never trusted: the back end checks the token itself.

use aicon_protocol::aicon::Claims;
use base64ct::{Base64UrlUnpadded, Encoding};

use crate::json::Json;

/// Reads the payload of a JWT: base64url, with or without padding, UTF-8. `None` when it is not one.
pub fn read(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = Base64UrlUnpadded::decode_vec(payload.trim_end_matches('=')).ok()?;
    Json::parse(std::str::from_utf8(&bytes).ok()?)
        .ok()
        .map(|json| Claims::read(&json))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(payload: &str) -> String {
        format!(
            "e30.{}.c2ln",
            Base64UrlUnpadded::encode_string(payload.as_bytes())
        )
    }

    #[test]
    fn a_payload_with_letters_that_plain_base64_lacks_is_read() {
        let payload = r#"{"exp":1761192306,"http://schemas.microsoft.com/ws/2008/06/identity/claims/userdata":"한글-사용자??>>","sub":1}"#;
        let token = token(payload);
        assert!(
            token.contains(['-', '_']),
            "the case needs a letter that only base64url has"
        );
        let claims = read(&token).unwrap();
        assert_eq!(claims.exp, Some(1_761_192_306.0));
        assert_eq!(claims.user_id.unwrap().as_str(), "한글-사용자??>>");
    }

    #[test]
    fn what_is_no_token_is_none() {
        for text in ["", "a.b", "a.!.c", "..", "opaque"] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
