//! The key that seals client secrets in the database: given, in a file, or made in the data directory.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};

use crate::config::Settings;

/// Name of the key's file in the data directory.
const KEY_FILE: &str = "secret.key";

const KEY_BYTES: usize = 32;

/// The key.
pub(super) struct Key(pub(super) [u8; KEY_BYTES]);

/// Why there is no key. No text holds it.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The key is not a key.
    #[error("failed to read the key of {0}: expected 32 bytes in base64 or hexadecimal")]
    Text(String),
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
    Missing(String),
}

impl Key {
    /// The key that there is.
    ///
    /// # Errors
    /// There is none, or it is not a key.
    pub(super) fn open(settings: &Settings) -> Result<Self, KeyError> {
        match place(settings)? {
            Place::Given(text) => Self::parse("AICON_KEY (key `aicon.key`)", text.expose_secret()),
            Place::File { path, .. } => Self::read(&path),
        }
    }

    /// The key that there is, or a new one in the data directory.
    ///
    /// # Errors
    /// The key is not a key, its file cannot be written, or it would not be shared.
    pub(super) fn open_or_create(settings: &Settings) -> Result<Self, KeyError> {
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

    fn read(path: &Path) -> Result<Self, KeyError> {
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(&format!("file `{}`", path.display()), &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(KeyError::Missing(path.display().to_string()))
            }
            Err(error) => Err(file_error("read", path)(error)),
        }
    }

    fn parse(source_name: &str, text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let base64 = STANDARD.decode(text).ok();
        // 64 hexadecimal digits are base64 as well, of 48 bytes.
        let bytes = base64.filter(|bytes| bytes.len() == KEY_BYTES);
        bytes
            .or_else(|| hex::decode(text).ok())
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or_else(|| KeyError::Text(source_name.to_owned()))
    }
}

/// Where the key is.
enum Place {
    Given(SecretString),
    File { path: PathBuf, is_ours: bool },
}

fn place(settings: &Settings) -> Result<Place, KeyError> {
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
        return Err(KeyError::NotShared);
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
    let mut key = [0; KEY_BYTES];
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

fn file_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KeyError {
    move |source| KeyError::File {
        action,
        path: path.display().to_string(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        let settings = Settings {
            data: directory.path().to_owned(),
            ..Settings::default()
        };
        assert!(matches!(Key::open(&settings), Err(KeyError::Missing(_))));
        let first = Key::open_or_create(&settings).unwrap();
        assert_eq!(Key::open_or_create(&settings).unwrap().0, first.0);
        let file = directory.path().join(KEY_FILE);
        let mode = fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn servers_of_one_database_make_no_keys_of_their_own() {
        let directory = tempfile::tempdir().unwrap();
        let mut settings = Settings {
            data: directory.path().to_owned(),
            database: Some("postgres://localhost/aicon".into()),
            ..Settings::default()
        };
        let error = Key::open_or_create(&settings).err().unwrap().to_string();
        assert!(error.contains("AICON_KEY_FILE"), "{error}");
        settings.aicon.key = Some(STANDARD.encode([7; 32]).into());
        assert_eq!(Key::open_or_create(&settings).unwrap().0, [7; 32]);
    }

    #[test]
    fn a_wrong_key_is_named_by_its_place_and_not_shown() {
        let error = Key::parse("AICON_KEY", "canary").err().unwrap().to_string();
        assert!(error.contains("AICON_KEY") && !error.contains("canary"));
        assert_eq!(Key::parse("x", &"0f".repeat(32)).unwrap().0, [15; 32]);
    }
}
