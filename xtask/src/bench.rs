//! The `bench` command: measurements, with optimised builds.

use std::process::ExitCode;

use crate::{
    error::Result,
    postgres::{self, Durability},
    process::Group,
    progress,
    setup::{self, Toolbox},
    workspace,
};

/// Arguments of `cargo xtask bench`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(clap::Subcommand)]
enum Bench {
    /// The ledger: uses recorded per second, delivery, settlement pages, export.
    Ledger {
        /// Further arguments of the bench: `--rows N`, `--only PART`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

/// Builds everything in the release profile and measures. The figures go to stdout and to `target/bench/`.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    match &args.bench {
        Bench::Ledger { arguments } => ledger(arguments),
    }
}

fn ledger(arguments: &[String]) -> Result<ExitCode> {
    let toolbox = setup::for_servers()?;
    setup::for_postgres()?;
    build(&toolbox)?;
    let (_cluster, url) = postgres::given_or_started(Durability::Full)?;
    let directory = workspace::target().join("bench");
    workspace::create_dir(&directory)?;
    progress::say("measuring the ledger; a few minutes");
    let mut command = toolbox.command(workspace::release_binary("aicon-bench"));
    command
        .args(["ledger", "--directory"])
        .arg(&directory)
        .args(arguments)
        .env(postgres::VARIABLE, url)
        .env("AICON_BACKEND", workspace::release_binary("aicon-backend"))
        .env("AICON_SANDBOX", workspace::release_binary("aicon-sandbox"));
    let status = Group::spawn_attached("the bench", &mut command)?.wait()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn build(toolbox: &Toolbox) -> Result<()> {
    let mut cargo = toolbox.command("cargo");
    cargo.args(["build", "--release", "--package", "aicon-backend"]);
    cargo.args(["--package", "aicon-sandbox", "--package", "aicon-bench"]);
    progress::run(
        "building the servers and the bench, optimised",
        &mut cargo,
        "bench",
    )
}
