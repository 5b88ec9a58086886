//! From the sources to [`Settings`].

use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Format, Toml};
use secrecy::{ExposeSecret as _, SecretString};

use super::check::{self, CheckError};
use super::env::{Shape, Single, VARIABLES};
use super::settings::Settings;

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--listen`.
    pub listen: Option<String>,
    /// `--data`.
    pub data: Option<PathBuf>,
    /// `--database`.
    pub database: Option<SecretString>,
    /// `--blobs`.
    pub blobs: Option<String>,
    /// `--models`.
    pub models: Option<PathBuf>,
    /// `--config`.
    pub config: Option<PathBuf>,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// `--config` names no file.
    #[error("failed to read configuration file `{}`: no such file (flag --config)", .0.display())]
    NoFile(PathBuf),
    /// A value is of the wrong kind, or a key is unknown.
    #[error("failed to read configuration: key `{key}` from {source_name}: {problem}")]
    Value {
        /// Dotted.
        key: String,
        /// File, environment variable or flag.
        source_name: String,
        /// Found and expected.
        problem: String,
    },
    /// The values do not fit together.
    #[error("failed to check configuration: {0}")]
    Check(#[from] CheckError),
}

/// Reads and checks everything. `environment` answers the value of a variable.
///
/// # Errors
/// The first value that is wrong, with its key, its source and what was expected.
pub fn load(
    flags: &Flags,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<Settings, ConfigError> {
    let mut figment = Figment::new();
    if let Some(file) = &flags.config {
        if !file.is_file() {
            return Err(ConfigError::NoFile(file.clone()));
        }
        figment = figment.merge(Toml::file_exact(file));
    }
    for (variable, key, shape) in VARIABLES {
        // An empty variable is what scripts write for "not set".
        if let Some(text) = environment(variable).filter(|text| !text.trim().is_empty()) {
            figment = figment.merge(Single::new(
                format!("environment variable {variable}"),
                key,
                *shape,
                &text,
            ));
        }
    }
    let data = flags.data.as_ref().map(|data| data.display().to_string());
    let models = flags.models.as_ref().map(|path| path.display().to_string());
    let database = flags.database.as_ref().map(|text| text.expose_secret());
    for (flag, key, text) in [
        ("flag --listen", "listen", flags.listen.as_deref()),
        ("flag --data", "data", data.as_deref()),
        ("flag --database", "database", database),
        ("flag --blobs", "blobs", flags.blobs.as_deref()),
        ("flag --models", "definitions", models.as_deref()),
    ] {
        if let Some(text) = text {
            figment = figment.merge(Single::new(flag.to_owned(), key, Shape::Text, text));
        }
    }
    let mut settings: Settings = figment.extract().map_err(describe)?;
    settings.definitions = settings.definitions.or_else(|| usual_definitions(flags));
    check::check(&settings)?;
    Ok(settings)
}

/// The folder in which definitions are looked for where nobody says another one.
fn usual_definitions(flags: &Flags) -> Option<PathBuf> {
    let beside = flags.config.as_deref().and_then(Path::parent);
    let folder = beside.unwrap_or(Path::new("")).join("models");
    folder.is_dir().then_some(folder)
}

/// The configuration as TOML, secrets hidden.
///
/// # Errors
/// A value that TOML cannot hold.
pub fn print(settings: &Settings) -> Result<String, toml::ser::Error> {
    toml::to_string(settings)
}

fn describe(error: figment::Error) -> ConfigError {
    let source_name = error.metadata.as_ref().map_or_else(
        || "the defaults".to_owned(),
        |metadata| match metadata
            .source
            .as_ref()
            .and_then(|source| source.file_path())
        {
            Some(path) => format!("file `{}`", name_of(path)),
            None => metadata.name.to_string(),
        },
    );
    ConfigError::Value {
        key: error.path.join("."),
        source_name,
        problem: error.kind.to_string(),
    }
}

fn name_of(path: &Path) -> String {
    path.display().to_string()
}
