//! Randomness and hashing for the login (RFC 7636, promise S1).

use base64ct::{Base64UrlUnpadded, Encoding};
use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen_futures::JsFuture;

use super::window;

/// 256 random bits as 43 characters of base64url.
///
/// Panics nowhere: without a random source the browser throws, and the empty text that is returned then is refused by
/// every caller.
pub fn token() -> String {
    let mut bytes = [0_u8; 32];
    match window()
        .crypto()
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes))
    {
        Ok(_) => Base64UrlUnpadded::encode_string(&bytes),
        Err(_) => String::new(),
    }
}

/// SHA-256 of a text as base64url; `None` where the page is not a secure context.
pub async fn sha256(text: &str) -> Option<String> {
    let crypto = window().crypto().ok()?;
    // `subtle` is undefined outside of secure contexts, which its binding does not know.
    if !Reflect::get(&crypto, &"subtle".into()).ok()?.is_object() {
        return None;
    }
    let promise: Promise = crypto
        .subtle()
        .digest_with_str_and_u8_array("SHA-256", text.as_bytes())
        .ok()?;
    let digest = JsFuture::from(promise).await.ok()?;
    Some(Base64UrlUnpadded::encode_string(
        &Uint8Array::new(&digest).to_vec(),
    ))
}
