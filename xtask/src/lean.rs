//! The SPA on a standard library that is compiled for size and never prints a panic, which saves a seventh of the bundle.
//! Only an unstable toolchain offers that, or a stable one that is told to be unstable: where it refuses, the app is built
//! without.
//!
//! Trunk runs cargo for the SPA and for its hook. The flags are for the first alone: in the second they would compile this
//! program anew. So Trunk is given a `cargo` of ours, which is this program under another name.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use crate::{
    error::{Error, Result},
    progress, setup, workspace,
};

/// Flags of rustc for the SPA's target, on top of those in `.cargo/config.toml`.
pub(crate) const RUSTFLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";

/// What cargo has to be told besides.
const SETTINGS: [(&str, &str); 3] = [
    ("RUSTC_BOOTSTRAP", "1"),
    ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort"),
    ("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size"),
];

/// A panic ends the app at once, without text and place; `{:?}` writes nothing.
const FLAGS: [&str; 4] = [
    "-Zunstable-options",
    "-Cpanic=immediate-abort",
    "-Zlocation-detail=none",
    "-Zfmt-debug=none",
];

/// The directory with our `cargo`, to put first on Trunk's `PATH`; `None`, after a word to the user, when the toolchain
/// does not take part.
///
/// # Errors
/// When the directory cannot be filled.
pub(crate) fn cargo_dir() -> Result<Option<PathBuf>> {
    if let Err(error) = check_toolchain() {
        progress::say(&format!("the app will be larger than need be: {error}"));
        return Ok(None);
    }
    let dir = workspace::target().join("xtask").join("bin");
    workspace::create_dir(&dir)?;
    let cargo = dir.join(format!("cargo{}", env::consts::EXE_SUFFIX));
    fs::copy(workspace::this_program()?, &cargo).map_err(Error::path("write", &cargo))?;
    Ok(Some(dir))
}

/// Whether this process was started as the `cargo` of [`cargo_dir`].
pub(crate) fn is_cargo() -> bool {
    let name = env::args_os().next();
    name.is_some_and(|name| {
        Path::new(&name)
            .file_stem()
            .is_some_and(|stem| stem == "cargo")
    })
}

/// Runs the real cargo, with the flags when it is told to build.
///
/// # Errors
/// When it cannot be found or started.
pub(crate) fn cargo() -> Result<ExitCode> {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    let mut command = Command::new(real_cargo()?);
    if arguments.first().is_some_and(|task| task == "build") {
        let inherited = env::var(RUSTFLAGS).unwrap_or_default();
        command
            .envs(SETTINGS)
            .env(RUSTFLAGS, format!("{inherited} {}", FLAGS.join(" ")))
            // The standard library and all crates differ from those of a plain build, which stays as it is.
            .env("CARGO_TARGET_DIR", workspace::target().join("lean"));
    }
    let status = command.args(arguments).status();
    let code = status.map_err(Error::io("start", "cargo"))?.code();
    let code = code.and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Cargo sets this variable for all that it runs.
fn real_cargo() -> Result<OsString> {
    env::var_os("CARGO")
        .ok_or_else(|| Error::Unmet("this program was not started by cargo".to_owned()))
}

/// Tries the flags and brings the sources of the standard library.
fn check_toolchain() -> Result<()> {
    real_cargo()?;
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--target", setup::WASM, "--print", "cfg"])
        .args(FLAGS)
        .envs(SETTINGS);
    let output = rustc.current_dir(workspace::root()).output();
    if !output
        .map_err(Error::io("start", "rustc"))?
        .status
        .success()
    {
        let flags = FLAGS.join(" ");
        return Err(Error::Unmet(format!(
            "this Rust toolchain does not take `{flags}`"
        )));
    }
    setup::ensure_std_sources()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_are_for_the_target_of_the_spa() {
        let target = setup::WASM.to_uppercase().replace('-', "_");
        assert_eq!(RUSTFLAGS, format!("CARGO_TARGET_{target}_RUSTFLAGS"));
    }

    #[test]
    fn a_test_is_not_taken_for_cargo() {
        assert!(!is_cargo());
    }
}
