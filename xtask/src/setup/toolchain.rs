use std::{path::Path, process::Command};

use super::find_program;
use crate::{
    error::{Error, Result},
    progress, workspace,
};

/// The target of the SPA.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Adds the WebAssembly target to the toolchain in use.
pub(super) fn ensure_wasm_target() -> Result<()> {
    if has_wasm_target() {
        return Ok(());
    }
    rustup(
        &["target", "add", WASM],
        "its own package for the standard library of that target",
    )
}

/// Adds rustfmt and clippy to the toolchain in use (rustup's minimal profile has neither).
pub(super) fn ensure_components() -> Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if output(Command::new("cargo").args([subcommand, "--version"])).is_none() {
            rustup(
                &["component", "add", component],
                "its own package for that component",
            )?;
        }
    }
    Ok(())
}

/// Adds the sources of the standard library to the toolchain in use.
///
/// # Errors
/// When they are missing and `rustup` cannot bring them.
pub(crate) fn ensure_std_sources() -> Result<()> {
    if has_std_sources() {
        return Ok(());
    }
    rustup(
        &["component", "add", "rust-src"],
        "its own package for the sources of the standard library",
    )
}

fn has_std_sources() -> bool {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]));
    let library =
        |sysroot: String| Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/Cargo.lock");
    sysroot.is_some_and(|sysroot| library(sysroot).is_file())
}

fn has_wasm_target() -> bool {
    let directory =
        output(Command::new("rustc").args(["--print", "target-libdir", "--target", WASM]));
    directory.is_some_and(|dir| Path::new(dir.trim()).is_dir())
}

fn rustup(args: &[&str], alternative: &str) -> Result<()> {
    let words = args.join(" ");
    if find_program("rustup").is_none() {
        return Err(Error::Unmet(format!(
            "the Rust toolchain lacks something that `rustup {words}` would add, and there is no `rustup`: install it from \
             https://rustup.rs, or take {alternative} from where this toolchain came from"
        )));
    }
    let mut command = Command::new("rustup");
    progress::run(
        &format!("rustup {words}"),
        command.args(args).current_dir(workspace::root()),
        "rustup",
    )
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.current_dir(workspace::root()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
