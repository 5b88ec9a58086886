//! `aicon-crash`: the long crash test, as `cargo xtask crash` runs it.

use std::io::Write as _;
use std::process::ExitCode;

use aicon_crash::run::{Plan, run};
use aicon_crash::world::Engine;
use clap::Parser;

/// Kills the back end again and again under load, and audits what is left.
#[derive(Parser)]
struct Cli {
    /// How often a server is killed.
    #[arg(long, default_value_t = 200)]
    rounds: u32,
    /// Repeats the decisions of an earlier run.
    #[arg(long)]
    seed: Option<u64>,
    /// Three servers on one PostgreSQL, named by AICON_TEST_POSTGRES.
    #[arg(long)]
    replicas: bool,
    /// Callers at the same time.
    #[arg(long, default_value_t = 16)]
    callers: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let seed = cli.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let engine = if cli.replicas {
        let Ok(url) = std::env::var("AICON_TEST_POSTGRES") else {
            say("--replicas needs a PostgreSQL in AICON_TEST_POSTGRES");
            return ExitCode::FAILURE;
        };
        Engine::Postgres { url, replicas: 3 }
    } else {
        Engine::Sqlite
    };
    let plan = Plan {
        rounds: cli.rounds,
        seed,
        callers: cli.callers,
        engine,
    };
    say(&format!("seed {seed}"));
    match run(&plan, &|text| say(&text)).await {
        Ok(report) => {
            // Standard output may be closed; then there is nobody to tell.
            _ = writeln!(std::io::stdout(), "{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let replicas = if cli.replicas { " --replicas" } else { "" };
            say(&format!(
                "error: {error}\nrepeat with: cargo xtask crash --rounds {} --seed {seed} --callers {}{replicas}",
                cli.rounds, cli.callers
            ));
            ExitCode::FAILURE
        }
    }
}

fn say(text: &str) {
    _ = writeln!(std::io::stderr(), "{text}");
}
