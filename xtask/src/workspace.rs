use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use crate::{
    error::{Error, Result},
    process, progress,
};

/// The workspace's root directory.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask
        .parent()
        .expect("`xtask/` is a directory of the workspace")
        .to_owned()
}

/// Cargo's target directory; `CARGO_TARGET_DIR` counts.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// A binary that `cargo build` of this workspace leaves (dev profile).
pub(crate) fn binary(name: &str) -> PathBuf {
    built("debug", name)
}

/// A binary that `cargo build --release` leaves.
pub(crate) fn release_binary(name: &str) -> PathBuf {
    built("release", name)
}

fn built(profile: &str, name: &str) -> PathBuf {
    target()
        .join(profile)
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// The version of `package` in `Cargo.lock`.
///
/// # Errors
/// When the file cannot be read or has no such package.
pub(crate) fn locked_version(package: &str) -> Result<String> {
    let path = root().join("Cargo.lock");
    let text = fs::read_to_string(&path).map_err(Error::path("read", &path))?;
    version_in(&text, package)
        .ok_or_else(|| Error::Unmet(format!("`Cargo.lock` has no package `{package}`")))
}

/// Creates a directory with its parents.
pub(crate) fn create_dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(Error::path("create", path))
}

/// Takes the lock that the file `path` stands for, and holds it until the answer is dropped. While another process has it,
/// says `waiting` once and waits.
///
/// # Errors
/// When the file cannot be created or locked, or the user stops the task.
pub(crate) fn lock(path: &Path, waiting: &str) -> Result<File> {
    if let Some(parent) = path.parent() {
        create_dir(parent)?;
    }
    let file = File::create(path).map_err(Error::path("create", path))?;
    let mut said = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(source)) => return Err(Error::path("lock", path)(source)),
        }
        if !said {
            progress::say(waiting);
            said = true;
        }
        process::check_interrupted()?;
        std::thread::sleep(process::POLL);
    }
}

fn version_in(lock: &str, package: &str) -> Option<String> {
    let lock: toml::Table = lock.parse().ok()?;
    let packages = lock.get("package")?.as_array()?;
    let found = packages
        .iter()
        .find(|entry| entry.get("name").and_then(toml::Value::as_str) == Some(package))?;
    found.get("version")?.as_str().map(str::to_owned)
}

/// In a fresh clone `cargo test` links this program anew while it runs: the file that it was started from is gone then, and
/// the new one, of the same sources, is in its place.
pub(crate) fn this_program() -> Result<PathBuf> {
    let started = std::env::current_exe().map_err(Error::io("find", "this program"))?;
    Ok(if started.is_file() {
        started
    } else {
        binary("xtask")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_comes_from_the_package_of_that_name() {
        let lock = "version = 4\n[[package]]\nname = \"a-b\"\nversion = \"1.0.0\"\n[[package]]\nname = \"a\"\nversion = \"2.0.0\"\n";
        assert_eq!(version_in(lock, "a").as_deref(), Some("2.0.0"));
        assert_eq!(version_in(lock, "b"), None);
    }

    #[test]
    fn a_lock_is_free_again_when_its_holder_lets_it_go() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("below").join("lock");
        let held = lock(&path, "waiting").unwrap();
        assert!(File::open(&path).unwrap().try_lock().is_err());
        drop(held);
        drop(lock(&path, "waiting").unwrap());
    }

    #[test]
    fn the_lock_file_of_this_workspace_names_wasm_bindgen() {
        assert!(locked_version("wasm-bindgen").unwrap().starts_with("0.2."));
    }
}
