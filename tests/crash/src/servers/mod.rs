//! The real binaries as child processes.

mod backend;
mod sandbox;

use std::path::{Path, PathBuf};

pub use backend::Backend;
pub use sandbox::{CLIENT_ID, CLIENT_SECRET, Recorded, Sandbox};

/// The back end's binary: `AICON_BACKEND`, else the debug build.
pub fn backend_binary() -> PathBuf {
    binary("AICON_BACKEND", "aicon-backend")
}

/// The sandbox's binary: `AICON_SANDBOX`, else the debug build.
pub fn sandbox_binary() -> PathBuf {
    binary("AICON_SANDBOX", "aicon-sandbox")
}

fn binary(variable: &str, name: &str) -> PathBuf {
    if let Some(path) = std::env::var_os(variable) {
        return path.into();
    }
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| workspace.join("target"), |dir| workspace.join(dir));
    target
        .join("debug")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}
