//! Client secrets in the database are sealed: who reads the database alone has none of them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use aicon_protocol::id::ClientId;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret as _, SecretString};

use crate::config::Settings;

/// Name of the key's file in the data directory.
const KEY_FILE: &str = "secret.key";

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
    /// The key is not a key.
    #[error("failed to read the key of {0}: expected 32 bytes in base64 or hexadecimal")]
    Key(String),
    /// Its file.
    #[error("failed to {action} key file `{path}`: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// Which.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Several servers cannot each have a key of their own.
    #[error(
        "no key for client secrets: servers on one PostgreSQL database must share one, set AICON_KEY_FILE or AICON_KEY \
         (keys `aicon.key_file`, `aicon.key`) to 32 bytes in base64, such as `openssl rand -base64 32` prints"
    )]
    NotShared,
    /// There is none.
    #[error("no key for client secrets: key file `{0}` is not there")]
    NoKey(String),
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
        match place(settings)? {
            Place::Given(text) => Self::parse("AICON_KEY (key `aicon.key`)", text.expose_secret()),
            Place::File { path, .. } => Self::read(&path),
        }
    }

    /// With the key that there is, or a new one in the data directory.
    ///
    /// # Errors
    /// The key is not a key, its file cannot be written, or it would not be shared.
    pub fn open_or_create(settings: &Settings) -> Result<Self, SealError> {
        if let Place::File {
            path,
            is_ours: true,
        } = place(settings)?
            && !path.exists()
        {
            create(&path).map_err(file_error("create", &path))?;
        }
        Self::open(settings)
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

    fn read(path: &Path) -> Result<Self, SealError> {
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(&format!("file `{}`", path.display()), &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(SealError::NoKey(path.display().to_string()))
            }
            Err(error) => Err(file_error("read", path)(error)),
        }
    }

    fn parse(source_name: &str, text: &str) -> Result<Self, SealError> {
        let text = text.trim();
        let bytes = match STANDARD.decode(text) {
            // 64 hexadecimal digits are base64 as well, of 48 bytes.
            Ok(bytes) if bytes.len() == 32 => Some(bytes),
            _ => hexadecimal(text),
        };
        bytes
            .and_then(|bytes| XChaCha20Poly1305::new_from_slice(&bytes).ok())
            .map(Self)
            .ok_or_else(|| SealError::Key(source_name.to_owned()))
    }
}

/// Where the key is.
enum Place {
    Given(SecretString),
    File { path: PathBuf, is_ours: bool },
}

fn place(settings: &Settings) -> Result<Place, SealError> {
    let aicon = &settings.aicon;
    if let Some(key) = &aicon.key {
        return Ok(Place::Given(key.clone()));
    }
    if let Some(path) = aicon.key_file.clone() {
        return Ok(Place::File {
            path,
            is_ours: false,
        });
    }
    if is_shared(settings) {
        return Err(SealError::NotShared);
    }
    Ok(Place::File {
        path: settings.data.join(KEY_FILE),
        is_ours: true,
    })
}

/// Whether several servers may work on one database.
fn is_shared(settings: &Settings) -> bool {
    let database = settings.database.as_ref();
    database.is_some_and(|url| url.expose_secret().starts_with("postgres"))
}

/// Written aside and linked, so that nobody reads half a key and of two processes one key wins.
fn create(path: &Path) -> io::Result<()> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| io::Error::other(error.to_string()))?;
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let aside = path.with_extension(format!("key.{}", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&aside)?;
    file.write_all(STANDARD.encode(key).as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    let linked = fs::hard_link(&aside, path);
    fs::remove_file(&aside)?;
    if let Some(directory) = path.parent() {
        File::open(directory)?.sync_all()?;
    }
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

fn payload<'a>(client: &'a ClientId, text: &'a [u8]) -> Payload<'a, 'a> {
    Payload {
        msg: text,
        aad: client.as_str().as_bytes(),
    }
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    (0..64)
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

fn file_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SealError {
    move |source| SealError::File {
        action,
        path: path.display().to_string(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn seal(byte: &str) -> Seal {
        Seal::parse("test", &byte.repeat(32)).unwrap()
    }

    #[test]
    fn a_secret_is_opened_by_its_key_for_its_client_only() {
        let (client, secret) = (ClientId::new("a="), SecretString::from("비밀"));
        let sealed = seal("0f").seal(&client, &secret);
        assert!(sealed.starts_with("sealed:v1:") && !sealed.contains("비밀"));
        assert_ne!(sealed, seal("0f").seal(&client, &secret));
        let opened = seal("0f").unseal(&client, &sealed).unwrap();
        assert_eq!(opened.expose_secret(), "비밀");
        assert!(seal("0e").unseal(&client, &sealed).is_err());
        assert!(seal("0f").unseal(&ClientId::new("b="), &sealed).is_err());
        for broken in [
            "",
            "sealed:v1:",
            "sealed:v1:AAAA",
            "plain",
            &sealed[..sealed.len() - 1],
        ] {
            assert!(seal("0f").unseal(&client, broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_key_is_made_once_for_its_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        let settings = Settings {
            data: directory.path().to_owned(),
            ..Settings::default()
        };
        assert!(matches!(Seal::open(&settings), Err(SealError::NoKey(_))));
        let client = ClientId::new("a");
        let sealed = Seal::open_or_create(&settings)
            .unwrap()
            .seal(&client, &"x".into());
        let again = Seal::open_or_create(&settings).unwrap();
        assert!(again.unseal(&client, &sealed).is_ok());
        let file = directory.path().join(KEY_FILE);
        assert_eq!(
            fs::metadata(file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_wrong_key_is_named_by_its_place_and_not_shown() {
        let error = Seal::parse("AICON_KEY", "canary").unwrap_err().to_string();
        assert!(error.contains("AICON_KEY") && !error.contains("canary"));
        assert!(Seal::parse("x", &STANDARD.encode([7; 32])).is_ok());
    }
}
