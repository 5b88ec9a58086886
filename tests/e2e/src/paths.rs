//! Where the built things are: from the environment, else below the workspace.

use std::env;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The workspace's folder.
pub fn workspace() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).unwrap_or(manifest).to_owned()
}

/// The built bundle: `AICON_DIST`, else `dist`.
///
/// # Errors
///
/// When there is none.
pub fn dist() -> Result<PathBuf> {
    existing(
        "AICON_DIST",
        workspace().join("dist"),
        "build the bundle, or set AICON_DIST",
    )
}

/// The back end: `AICON_BACKEND`, else the debug build; not every test needs it to be there.
pub fn backend() -> PathBuf {
    env::var_os("AICON_BACKEND").map_or_else(|| debug_build("aicon-backend"), PathBuf::from)
}

/// The sandbox: `AICON_SANDBOX`, else the debug build.
///
/// # Errors
///
/// When there is none.
pub fn sandbox() -> Result<PathBuf> {
    existing(
        "AICON_SANDBOX",
        debug_build("aicon-sandbox"),
        "cargo build -p aicon-sandbox, or set AICON_SANDBOX",
    )
}

/// The driver: `CHROMEDRIVER`, else `chromedriver` on `PATH`.
///
/// # Errors
///
/// When there is none.
pub fn chromedriver() -> Result<PathBuf> {
    if let Some(path) = env::var_os("CHROMEDRIVER") {
        return Ok(path.into());
    }
    let missing = Error::Missing {
        path: "chromedriver".into(),
        remedy: "install it, or set CHROMEDRIVER",
    };
    on_path(&["chromedriver"]).ok_or(missing)
}

/// The browser: `CHROMIUM`, else one on `PATH`; nothing leaves the choice to the driver.
pub fn chromium() -> Option<PathBuf> {
    env::var_os("CHROMIUM")
        .map(PathBuf::from)
        .or_else(|| on_path(&["chromium", "chromium-browser", "google-chrome", "chrome"]))
}

/// Where pictures for people go: `target/{name}`.
pub fn output(name: &str) -> PathBuf {
    target().join(name)
}

fn debug_build(name: &str) -> PathBuf {
    target()
        .join("debug")
        .join(format!("{name}{}", env::consts::EXE_SUFFIX))
}

fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

fn existing(variable: &str, default: PathBuf, remedy: &'static str) -> Result<PathBuf> {
    let path = env::var_os(variable).map_or(default, PathBuf::from);
    if path.exists() {
        Ok(path)
    } else {
        Err(Error::Missing { path, remedy })
    }
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
}
