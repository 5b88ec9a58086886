//! The fuzzer: libFuzzer with the stable compiler, whose coverage is a pass of LLVM's that any rustc has.

use std::{fs, path::PathBuf, process::Command};

use super::steps::cargo;
use crate::{
    error::{Error, Result},
    setup::Toolbox,
    workspace,
};

/// What makes a program tell libFuzzer which of its code an input reaches, and which values it compares.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Runs, seed and all: the same inputs each time.
const SHORT: [&str; 3] = ["-runs=10000", "-seed=1", "-max_len=2048"];

/// Goes on from what earlier runs have found.
const LONG: [&str; 2] = ["-max_total_time=900", "-max_len=16384"];

/// Longest that one input may take, in seconds, and most memory in MiB; no line for each input that reached something new.
const LIMITS: [&str; 4] = [
    "-timeout=10",
    "-rss_limit_mb=2048",
    "-verbosity=0",
    "-print_final_stats=1",
];

/// Writes the inputs with which the fuzzer begins.
pub(super) fn seeds(toolbox: &Toolbox) -> Result<Command> {
    let folder = folder("seeds")?;
    empty(&folder)?;
    let mut command = cargo(
        toolbox,
        &["run", "--package", "aicon-fuzz", "--example", "seeds"],
    );
    command.arg("--").arg(folder);
    Ok(command)
}

/// So many inputs from a fixed seed.
pub(super) fn short(toolbox: &Toolbox) -> Result<Command> {
    empty(&folder("short")?)?;
    fuzz(toolbox, "short", &SHORT)
}

/// Some minutes.
pub(super) fn long(toolbox: &Toolbox) -> Result<Command> {
    fuzz(toolbox, "found", &LONG)
}

/// `found`: where inputs go that reached something new. What broke a law is written to `target/fuzzing/failures`.
fn fuzz(toolbox: &Toolbox, found: &str, limits: &[&str]) -> Result<Command> {
    let failures = folder("failures")?.join("");
    let mut command = cargo(
        toolbox,
        &[
            "run",
            "--package",
            "aicon-fuzz",
            "--bin",
            "splitter",
            "--features",
            "libfuzzer",
            "--profile",
            "fuzz",
            // With a target named, build scripts and macros are built without the flags.
            "--target",
            "host-tuple",
        ],
    );
    command
        .env("RUSTFLAGS", COVERAGE)
        .arg("--")
        .args(limits)
        .args(LIMITS)
        .arg(format!("-artifact_prefix={}", failures.display()))
        .arg(format!(
            "-dict={}",
            workspace::root().join("fuzz/markdown.dict").display()
        ))
        .arg(folder(found)?)
        .arg(folder("seeds")?);
    Ok(command)
}

fn folder(name: &str) -> Result<PathBuf> {
    let folder = workspace::target().join("fuzzing").join(name);
    workspace::create_dir(&folder)?;
    Ok(folder)
}

fn empty(folder: &PathBuf) -> Result<()> {
    fs::remove_dir_all(folder).map_err(Error::path("empty", folder))?;
    workspace::create_dir(folder)
}
