//! The release build of the SPA, done again only when one of its inputs or outputs has changed.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use base64ct::{Base64, Encoding as _};
use sha2::{Digest as _, Sha256};

use crate::{
    error::{Error, Result},
    lean, process, progress,
    setup::Toolbox,
    workspace,
};

/// What the bundle is made of, relative to the workspace's root. Whoever adds an input adds it here.
pub(crate) const INPUTS: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "assets",
    "configs",
    "enrich",
    "index.html",
    "markdown",
    "protocol",
    "src",
    "xtask/src/finish",
    "xtask/src/lean.rs",
];

/// Builds the bundle; answers its directory, `dist/`.
///
/// # Errors
/// When Trunk fails; its last words are in the error.
pub(crate) fn build(toolbox: &Toolbox) -> Result<PathBuf> {
    let dist = workspace::root().join("dist");
    let lock = workspace::target().join("xtask").join("site.lock");
    // Two Trunks at once write into the same staging directory, and both fail.
    let _lock = workspace::lock(&lock, "waiting for another build of the app")?;
    let stamp = workspace::target().join("xtask").join("site.stamp");
    if dist.join("index.html").is_file()
        && fs::read_to_string(&stamp).is_ok_and(|old| old == fingerprint(&dist))
    {
        progress::say("the app in dist/ is up to date");
        return Ok(dist);
    }
    let before = fingerprint_of_inputs();
    progress::run(
        "building the app (release profile, for size)",
        release_trunk(toolbox)?.args(["build", "--release"]),
        "trunk",
    )?;
    process::check_interrupted()?;
    // A file that was saved while Trunk was running may be in the bundle or not: without a stamp the next run builds again.
    if before == fingerprint_of_inputs() {
        fs::write(&stamp, fingerprint(&dist)).map_err(Error::path("write", &stamp))?;
    }
    Ok(dist)
}

/// Trunk, ready for its arguments.
pub(crate) fn trunk(toolbox: &Toolbox) -> Command {
    let mut command = toolbox.command("trunk");
    // Trunk takes only `true` and `false` for this one, where the convention is any value.
    // Its own stack traces would push the message of the failing tool out of the lines that are shown.
    command
        .env("RUST_BACKTRACE", "0")
        .env_remove("NO_COLOR")
        .env("TRUNK_SKIP_VERSION_CHECK", "true");
    command
}

/// Trunk for the bundle: without paths of this machine in it, and with the lean standard library where that can be had.
fn release_trunk(toolbox: &Toolbox) -> Result<Command> {
    let lean = lean::cargo_dir()?.map(|dir| toolbox.and(dir));
    let mut command = trunk(lean.as_ref().unwrap_or(toolbox));
    command.env(lean::RUSTFLAGS, remapped_paths().join(" "));
    Ok(command)
}

/// Flags of rustc: panics name places in the sources, and where those are on this machine is nobody's business.
fn remapped_paths() -> Vec<String> {
    [
        (home_of("CARGO_HOME", ".cargo"), "/cargo"),
        // The sources of the standard library.
        (home_of("RUSTUP_HOME", ".rustup"), "/rustup"),
        (Some(workspace::root()), "/workspace"),
    ]
    .into_iter()
    .filter_map(|(path, name)| Some(format!("--remap-path-prefix={}={name}", path?.to_str()?)))
    // The variable that brings the flags is split at blanks.
    .filter(|flag| !flag.contains(char::is_whitespace))
    .collect()
}

fn home_of(variable: &str, default: &str) -> Option<PathBuf> {
    let set = env::var_os(variable).map(PathBuf::from);
    set.or_else(|| Some(env::home_dir()?.join(default)))
}

/// All files below `path` (or `path` itself), sorted, so that the order says nothing about the disk.
pub(crate) fn files_below(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(path) else {
        return if path.is_file() {
            vec![path.to_owned()]
        } else {
            Vec::new()
        };
    };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .flat_map(|entry| files_below(&entry.path()))
        .collect();
    files.sort();
    files
}

fn fingerprint(dist: &Path) -> String {
    format!(
        "{}\n{}\n",
        fingerprint_of_inputs(),
        digest(&files_below(dist))
    )
}

fn fingerprint_of_inputs() -> String {
    let root = workspace::root();
    digest(
        &INPUTS
            .iter()
            .flat_map(|input| files_below(&root.join(input)))
            .collect::<Vec<_>>(),
    )
}

fn digest(files: &[PathBuf]) -> String {
    let mut hasher = Sha256::new();
    for file in files {
        // A file that vanishes in between changes the digest, which is all that is asked of it.
        let content = fs::read(file).unwrap_or_default();
        hasher.update(file.as_os_str().as_encoded_bytes());
        hasher.update([0]);
        hasher.update(content.len().to_le_bytes());
        hasher.update(content);
    }
    Base64::encode_string(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_a_renamed_and_a_new_file_change_the_digest() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str| dir.path().join(name);
        let mut seen = Vec::new();
        let mut look = || {
            let digest = digest(&files_below(dir.path()));
            assert!(!seen.contains(&digest));
            seen.push(digest);
        };
        fs::write(file("a"), "1").unwrap();
        look();
        fs::write(file("a"), "2").unwrap();
        look();
        fs::rename(file("a"), file("b")).unwrap();
        look();
        fs::create_dir(file("c")).unwrap();
        fs::write(file("c").join("d"), "").unwrap();
        look();
    }
}
