//! The `bench` command: measurements, with optimised builds.

use std::process::{Command, ExitCode};

use crate::{
    error::{Error, Result},
    postgres::{self, Durability},
    process::Group,
    progress,
    setup::{self, Toolbox},
    site, workspace,
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
    /// A growing answer beside other renderers of the same stream, in a real browser; needs `npm`.
    Markdown {
        /// Further arguments of the bench: `--rounds N`, `--only PART`, `--renderer NAME`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// The multi-input form: 200 fields and 50 files of 10 MB, in a real browser against the real servers.
    Form {
        /// Further arguments of the bench: `--fields N`, `--files N`, `--megabytes N`, `--only PART`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// The chat's stream: deltas per second, processor time and delay of each, memory, beside a plain pass-through.
    Stream {
        /// Further arguments of the bench: `--rounds N`, `--seconds N`, `--idle N`, `--only PART`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

/// Builds everything in the release profile and measures. The figures go to stdout and to `target/bench/`.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    match &args.bench {
        Bench::Ledger { arguments } => ledger(arguments),
        Bench::Form { arguments } => in_browser("form", arguments),
        Bench::Markdown { arguments } => in_browser("markdown", arguments),
        Bench::Stream { arguments } => stream(arguments),
    }
}

fn ledger(arguments: &[String]) -> Result<ExitCode> {
    let toolbox = setup::for_servers()?;
    setup::for_postgres()?;
    build(&toolbox)?;
    let (_cluster, url) = postgres::given_or_started(Durability::Full)?;
    let mut command = bench(&toolbox, "ledger", arguments)?;
    command.env(postgres::VARIABLE, url);
    progress::say("measuring the ledger; a few minutes");
    measure(&mut command)
}

fn in_browser(name: &str, arguments: &[String]) -> Result<ExitCode> {
    let toolbox = setup::for_tests()?;
    build(&toolbox)?;
    let dist = site::build(&toolbox)?;
    let driver = setup::chromedriver()
        .ok_or_else(|| Error::Unmet("`chromedriver` is not on the PATH any more".to_owned()))?;
    let mut command = bench(&toolbox, name, arguments)?;
    command.env("AICON_DIST", dist).env("CHROMEDRIVER", driver);
    progress::say(&format!("measuring: {name}; some minutes"));
    measure(&mut command)
}

fn stream(arguments: &[String]) -> Result<ExitCode> {
    let toolbox = setup::for_servers()?;
    build(&toolbox)?;
    progress::say("measuring the stream; a few minutes");
    measure(&mut bench(&toolbox, "stream", arguments)?)
}

/// The bench of this name, with the optimised servers.
fn bench(toolbox: &Toolbox, name: &str, arguments: &[String]) -> Result<Command> {
    let directory = workspace::target().join("bench");
    workspace::create_dir(&directory)?;
    let mut command = toolbox.command(workspace::release_binary("aicon-bench"));
    command
        .args([name, "--directory"])
        .arg(&directory)
        .args(arguments)
        .env("AICON_BACKEND", workspace::release_binary("aicon-backend"))
        .env("AICON_SANDBOX", workspace::release_binary("aicon-sandbox"));
    Ok(command)
}

fn measure(command: &mut Command) -> Result<ExitCode> {
    let status = Group::spawn_attached("the bench", command)?.wait()?;
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
