//! The `crash` command: the long crash test.

use std::process::ExitCode;

use crate::{
    error::Result,
    postgres::{self, Durability},
    process::Group,
    progress, setup, workspace,
};

/// Arguments of `cargo xtask crash`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How often a server is killed.
    #[arg(long, default_value_t = 200)]
    rounds: u32,
    /// Repeats the decisions of an earlier run.
    #[arg(long)]
    seed: Option<u64>,
    /// Three servers on one PostgreSQL.
    #[arg(long)]
    replicas: bool,
    /// Callers at the same time.
    #[arg(long, default_value_t = 16)]
    callers: usize,
}

/// Kills the back end again and again under load, and audits what is left.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let mut toolbox = setup::for_servers()?;
    // Lives until the test is over.
    let mut _cluster = None;
    if args.replicas {
        setup::for_postgres()?;
        let (cluster, url) = postgres::given_or_started(Durability::None)?;
        _cluster = cluster;
        toolbox = toolbox.set(postgres::VARIABLE, url);
    }
    let mut cargo = toolbox.command("cargo");
    cargo.args(["build", "--package", "aicon-backend", "--package"]);
    cargo.args(["aicon-sandbox", "--package", "aicon-crash"]);
    progress::run("building the servers and the test", &mut cargo, "crash")?;
    progress::say("killing the back end");
    let mut command = toolbox.command(workspace::binary("aicon-crash"));
    command
        .args(["--rounds", &args.rounds.to_string()])
        .args(["--callers", &args.callers.to_string()])
        .env("AICON_BACKEND", workspace::binary("aicon-backend"))
        .env("AICON_SANDBOX", workspace::binary("aicon-sandbox"));
    if let Some(seed) = args.seed {
        command.args(["--seed", &seed.to_string()]);
    }
    if args.replicas {
        command.arg("--replicas");
    }
    let status = Group::spawn_attached("the crash test", &mut command)?.wait()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
