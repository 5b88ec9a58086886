//! `cargo xtask`: everything that is done to this workspace, as commands.
//!
//! Rooms, in reading order: [`setup`] brings the tools, [`site`] builds the SPA with them, [`demo`], [`dev`], [`check`]
//! (the `test` command), [`crash`], [`bench`] and [`bundle`] use both; [`finish`] and [`lean`] are called back by Trunk;
//! [`process`] and [`progress`] run children, [`postgres`] is one that tests and measurements need. There is deliberately no
//! shell script, and nothing here that the commands of the workspace need at run time.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks to its user"
)]

mod bench;
mod bundle;
mod check;
mod crash;
mod demo;
mod dev;
mod error;
mod finish;
mod lean;
mod postgres;
mod process;
mod progress;
mod servers;
mod setup;
mod site;
mod sizes;
mod workspace;
mod zip;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use error::Result;

/// Tasks of this workspace.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what is missing for builds and tests.
    Setup,
    /// Build and run everything: AICON's sandbox, the back end and the hosted app.
    Demo(demo::Args),
    /// The same with rebuild and reload on change, for work on the code.
    Dev(dev::Args),
    /// Format check, lints, unit, browser and end-to-end tests.
    Test(check::Args),
    /// Kill the back end again and again under load, and audit the ledger.
    Crash(crash::Args),
    /// Measure against the targets, with optimised builds.
    Bench(bench::Args),
    /// Run a PostgreSQL for tests until Ctrl-C, and print the variable that names it.
    Postgres,
    /// Build the upload ZIP and print what it weighs.
    Bundle,
    /// Complete the page that Trunk has built (called by Trunk).
    #[command(hide = true)]
    Finish,
}

fn main() -> ExitCode {
    let result = if lean::is_cargo() {
        lean::cargo()
    } else {
        run(Cli::parse().command)
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode> {
    process::watch_signals();
    match task {
        Task::Setup => setup::run(),
        Task::Demo(args) => demo::run(&args),
        Task::Dev(args) => dev::run(&args),
        Task::Test(args) => check::run(&args),
        Task::Crash(args) => crash::run(&args),
        Task::Bench(args) => bench::run(&args),
        Task::Postgres => postgres::run(),
        Task::Bundle => bundle::run(),
        Task::Finish => finish::run(),
    }
}
