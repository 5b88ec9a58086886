//! The `test` command: every check of the workspace, one after the other, counted.

mod fuzz;
mod steps;
mod tally;

use std::process::ExitCode;

use clap::ValueEnum;
use tally::Tally;

use crate::{
    error::{Error, Result},
    postgres::{self, Durability},
    process, progress, setup,
};

/// Arguments of `cargo xtask test`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run only this part; may be given several times.
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Take the whole of each corpus, other random cases than last time, and fuzz for minutes.
    #[arg(long)]
    long: bool,
}

/// Tells the tests, by being set, that they may take long.
const LONG: &str = "AICON_LONG_TESTS";

/// What proptest begins its random cases from. The same cases each time: a run judges the change at hand, not its luck.
/// The search for new ones is `--long`, or this variable set by hand.
const SEED: (&str, &str) = ("PROPTEST_RNG_SEED", "20260401");

/// The parts, in the order in which they run: the quick ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Formatting.
    Fmt,
    /// Lints, for this machine and for WebAssembly.
    Clippy,
    /// Unit and integration tests on this machine.
    Unit,
    /// Random markdown against the laws of a growing document.
    Fuzz,
    /// Tests of the app in a headless browser.
    Browser,
    /// The servers, killed under load.
    Crash,
    /// The whole system in a headless browser.
    E2e,
    /// The demo of each of AICON's types, until it is ready.
    Demo,
}

impl Part {
    fn needs_postgres(self) -> bool {
        matches!(self, Self::Unit | Self::Crash)
    }
}

/// Runs the wanted parts. The last line on stdout is `N passed, M failed`.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let mut toolbox = setup::for_tests()?;
    let parts = wanted(&args.only);
    if args.long {
        toolbox = toolbox.set(LONG, "1".to_owned());
    } else if std::env::var_os(SEED.0).is_none() {
        toolbox = toolbox.set(SEED.0, SEED.1.to_owned());
    }
    // Lives until all parts are through, and goes with an error or Ctrl-C too.
    let mut _cluster = None;
    if parts.iter().any(|part| part.needs_postgres()) {
        let (cluster, url) = postgres::given_or_started(Durability::None)?;
        _cluster = cluster;
        toolbox = toolbox.set(postgres::VARIABLE, url);
    }
    let mut tally = Tally::default();
    let mut failures = Vec::new();
    for part in parts {
        for step in steps::of(part, args.long) {
            progress::say(step.title);
            match step.run(&toolbox, &mut tally) {
                Ok(()) => {}
                Err(Error::Interrupted) => return Err(Error::Interrupted),
                Err(error) => {
                    println!("error: {}: {error}", step.title);
                    failures.push(step.title);
                }
            }
            process::check_interrupted()?;
        }
    }
    for failure in &failures {
        println!("failed: {failure}");
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(if failures.is_empty() && tally.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn wanted(only: &[Part]) -> Vec<Part> {
    let all = [
        Part::Fmt,
        Part::Clippy,
        Part::Unit,
        Part::Fuzz,
        Part::Browser,
        Part::Crash,
        Part::E2e,
        Part::Demo,
    ];
    all.into_iter()
        .filter(|part| only.is_empty() || only.contains(part))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_only_every_part_runs() {
        assert_eq!(wanted(&[]).len(), Part::value_variants().len());
    }

    #[test]
    fn only_keeps_the_order_of_the_parts() {
        assert_eq!(wanted(&[Part::E2e, Part::Fmt]), [Part::Fmt, Part::E2e]);
    }
}
