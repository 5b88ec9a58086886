//! Client secrets in the database are sealed: who reads the database alone has none of them.

use aicon_protocol::id::ClientId;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret as _, SecretString};

use super::key::{Key, KeyError};
use crate::config::Settings;

/// Before the base64 of nonce and sealed text. The version allows for another cipher.
const PREFIX: &str = "sealed:v1:";

const NONCE_BYTES: usize = 24;

/// Seals and unseals with XChaCha20-Poly1305. A sealed secret is bound to its client: moved to another row it is worth
/// nothing.
pub struct Seal(XChaCha20Poly1305);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(hidden)")
    }
}

/// Why secrets cannot be sealed or unsealed. No text holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// There is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Another key, another client, or damage.
    #[error(
        "failed to unseal the client secret: it was sealed with another key, or for another client"
    )]
    Unseal,
}

impl Seal {
    /// With the key that there is.
    ///
    /// # Errors
    /// There is none, or it is not a key.
    pub fn open(settings: &Settings) -> Result<Self, SealError> {
        Ok(Self::with(&Key::open(settings)?))
    }

    /// With the key that there is, or a new one in the data directory.
    ///
    /// # Errors
    /// The key is not a key, its file cannot be written, or it would not be shared.
    pub fn open_or_create(settings: &Settings) -> Result<Self, SealError> {
        Ok(Self::with(&Key::open_or_create(settings)?))
    }

    /// The sealed secret, as text.
    ///
    /// # Panics
    /// The system has no random source, or the secret has more than 256 GiB.
    pub fn seal(&self, client: &ClientId, secret: &SecretString) -> String {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).expect("a server without a random source cannot run");
        let sealed = self
            .0
            .encrypt(
                &XNonce::from(nonce),
                payload(client, secret.expose_secret().as_bytes()),
            )
            .expect("only texts beyond the cipher's counter fail");
        let bytes = [&nonce[..], &sealed].concat();
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What [`Seal::seal`] sealed.
    ///
    /// # Errors
    /// It was not sealed so.
    pub fn unseal(&self, client: &ClientId, text: &str) -> Result<SecretString, SealError> {
        let bytes = text
            .strip_prefix(PREFIX)
            .and_then(|base64| URL_SAFE_NO_PAD.decode(base64).ok())
            .ok_or(SealError::Unseal)?;
        let (nonce, sealed) = bytes
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(SealError::Unseal)?;
        let opened = self
            .0
            .decrypt(&XNonce::from(*nonce), payload(client, sealed))
            .map_err(|_| SealError::Unseal)?;
        let secret = String::from_utf8(opened).map_err(|_| SealError::Unseal)?;
        Ok(SecretString::from(secret))
    }

    fn with(key: &Key) -> Self {
        Self(XChaCha20Poly1305::new(&key.0.into()))
    }
}

fn payload<'a>(client: &'a ClientId, text: &'a [u8]) -> Payload<'a, 'a> {
    Payload {
        msg: text,
        aad: client.as_str().as_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_opened_by_its_key_for_its_client_only() {
        let (ours, other) = (Seal::with(&Key([1; 32])), Seal::with(&Key([2; 32])));
        let (client, secret) = (ClientId::new("a="), SecretString::from("비밀"));
        let sealed = ours.seal(&client, &secret);
        assert!(sealed.starts_with("sealed:v1:") && !sealed.contains("비밀"));
        assert_ne!(sealed, ours.seal(&client, &secret));
        assert_eq!(
            ours.unseal(&client, &sealed).unwrap().expose_secret(),
            "비밀"
        );
        assert!(other.unseal(&client, &sealed).is_err());
        assert!(ours.unseal(&ClientId::new("b="), &sealed).is_err());
        let cut = &sealed[..sealed.len() - 1];
        for broken in ["", "sealed:v1:", "sealed:v1:AAAA", "plain", cut] {
            assert!(ours.unseal(&client, broken).is_err(), "{broken}");
        }
    }
}
