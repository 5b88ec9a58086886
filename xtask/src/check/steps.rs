use std::{
    io::{BufRead as _, BufReader, IsTerminal as _},
    process::{Command, ExitStatus, Stdio},
};

use super::{Part, fuzz, tally::Tally};
use crate::{
    error::{Error, Result},
    process::Group,
    progress, servers,
    setup::{self, Toolbox},
    site, workspace,
};

/// The packages that also run in the browser.
const WASM_PACKAGES: [&str; 6] = [
    "--package",
    "aicon-microsite",
    "--package",
    "aicon-markdown",
    "--package",
    "aicon-protocol",
];

/// Where ports for demos under test are looked for: a demo that runs for a person is left alone.
const DEMO_PORT_BASE: u16 = 28_790;

/// One thing that passes or fails.
pub(super) struct Step {
    pub(super) title: &'static str,
    kind: Kind,
    command: fn(&Toolbox) -> Result<Command>,
}

enum Kind {
    /// Counts as one: passed or failed.
    Check,
    /// Counts what its test harnesses say; no test at all is a failure.
    Tests,
}

/// The steps of a part.
pub(super) fn of(part: Part, long: bool) -> Vec<Step> {
    let check = |title, command| Step {
        title,
        kind: Kind::Check,
        command,
    };
    let tests = |title, command| Step {
        title,
        kind: Kind::Tests,
        command,
    };
    match part {
        Part::Fmt => vec![check("formatting", fmt)],
        Part::Clippy => vec![
            check("lints on this machine", clippy),
            check("lints for WebAssembly", clippy_wasm),
            check("lints of the worker", clippy_worker),
        ],
        Part::Unit => vec![tests("unit and integration tests", unit)],
        Part::Fuzz => vec![
            check("what the fuzzer begins with", fuzz::seeds),
            check("fuzzing", if long { fuzz::long } else { fuzz::short }),
        ],
        Part::Browser => vec![tests("tests in a headless browser", browser)],
        Part::Crash => vec![tests("crash tests", crash)],
        Part::E2e => vec![tests("end-to-end tests", e2e)],
        Part::Demo => vec![
            check("demo of type 1", |_| demo("1")),
            check("demo of type 2, chat", |_| demo("2-chat")),
            check("demo of type 2, multi-input", |_| demo("2-multi")),
            check("demo of type 3", |_| demo("3")),
            check("demo of type 4", |_| demo("4")),
        ],
    }
}

impl Step {
    /// Runs the step to its end and adds what it found to `tally`.
    ///
    /// # Errors
    /// When the step has failed; `tally` counts that already.
    pub(super) fn run(&self, toolbox: &Toolbox, tally: &mut Tally) -> Result<()> {
        let (found, result) = match (self.command)(toolbox) {
            Ok(mut command) => {
                println!("    {}", progress::display(&command));
                let mut found = Tally::default();
                let status = stream(&mut command, &mut found);
                (
                    found,
                    status.and_then(|status| judge(&command, status, found, &self.kind)),
                )
            }
            Err(error) => (Tally::default(), Err(error)),
        };
        tally.add(counted(found, result.is_ok(), &self.kind));
        result
    }
}

/// What a step adds to the sum: a failure that no harness has counted is one failure.
fn counted(found: Tally, succeeded: bool, kind: &Kind) -> Tally {
    match (succeeded, kind) {
        (true, Kind::Check) => Tally {
            passed: 1,
            failed: 0,
        },
        (false, _) if found.failed == 0 => Tally { failed: 1, ..found },
        _ => found,
    }
}

fn judge(command: &Command, status: ExitStatus, found: Tally, kind: &Kind) -> Result<()> {
    if !status.success() {
        return Err(Error::Command {
            command: progress::display(command),
            status,
            log: String::new(),
        });
    }
    match kind {
        Kind::Tests if found.total() == 0 => {
            Err(Error::Unmet("not a single test has run".to_owned()))
        }
        _ => Ok(()),
    }
}

/// Runs `command`, showing its output as it comes and counting the results in it.
fn stream(command: &mut Command, found: &mut Tally) -> Result<ExitStatus> {
    if std::io::stderr().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut group = Group::spawn_attached("cargo", command.stdout(Stdio::piped()))?;
    let stdout = group.child().stdout.take().expect("stdout is piped");
    let reader = std::thread::spawn(move || {
        let mut tally = Tally::default();
        for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            tally.read(&line);
        }
        tally
    });
    let status = group.wait()?;
    *found = reader.join().expect("reading lines does not panic");
    Ok(status)
}

/// This program once more, on ports of its own.
fn demo(kind: &str) -> Result<Command> {
    let mut command = Command::new(workspace::this_program()?);
    command
        .args(["demo", "--type", kind, "--exit-when-ready", "--port-base"])
        .arg(servers::free_base(DEMO_PORT_BASE)?.to_string());
    Ok(command)
}

pub(super) fn cargo(toolbox: &Toolbox, arguments: &[&str]) -> Command {
    let mut command = toolbox.command("cargo");
    command.args(arguments);
    command
}

fn fmt(toolbox: &Toolbox) -> Result<Command> {
    Ok(cargo(toolbox, &["fmt", "--all", "--check"]))
}

fn clippy(toolbox: &Toolbox) -> Result<Command> {
    Ok(cargo(
        toolbox,
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "--deny",
            "warnings",
        ],
    ))
}

fn clippy_wasm(toolbox: &Toolbox) -> Result<Command> {
    let mut command = cargo(
        toolbox,
        &["clippy", "--all-targets", "--target", setup::WASM],
    );
    command
        .args(WASM_PACKAGES)
        .args(["--", "--deny", "warnings"]);
    Ok(command)
}

fn clippy_worker(toolbox: &Toolbox) -> Result<Command> {
    let mut command = cargo(toolbox, &["clippy", "--target", setup::WASM]);
    command.args(["--package", "aicon-enrich", "--features", "worker"]);
    command.args(["--", "--deny", "warnings"]);
    Ok(command)
}

fn unit(toolbox: &Toolbox) -> Result<Command> {
    Ok(cargo(
        toolbox,
        &[
            "test",
            "--workspace",
            "--exclude",
            "aicon-e2e",
            "--exclude",
            "aicon-crash",
            "--no-fail-fast",
        ],
    ))
}

fn browser(toolbox: &Toolbox) -> Result<Command> {
    let mut command = cargo(
        toolbox,
        &["test", "--target", setup::WASM, "--no-fail-fast"],
    );
    command
        .args([
            "--package",
            "aicon-microsite",
            "--package",
            "aicon-markdown",
            "--tests",
        ])
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            "wasm-bindgen-test-runner",
        )
        // Cargo runs the tests of a package in its directory; the file is for all of them.
        .env(
            "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
            workspace::root().join("webdriver.json"),
        )
        // Seconds for one test binary. The default of 20 is short for a browser that starts on a busy machine.
        .env("WASM_BINDGEN_TEST_TIMEOUT", "180")
        .env("CHROMEDRIVER", chromedriver()?);
    Ok(command)
}

fn crash(toolbox: &Toolbox) -> Result<Command> {
    servers::build(toolbox)?;
    let mut command = cargo(
        toolbox,
        &["test", "--package", "aicon-crash", "--no-fail-fast"],
    );
    command
        .env("AICON_BACKEND", workspace::binary("aicon-backend"))
        .env("AICON_SANDBOX", workspace::binary("aicon-sandbox"));
    Ok(command)
}

fn e2e(toolbox: &Toolbox) -> Result<Command> {
    servers::build(toolbox)?;
    let dist = site::build(toolbox)?;
    let mut command = cargo(
        toolbox,
        &["test", "--package", "aicon-e2e", "--no-fail-fast"],
    );
    command
        .env("AICON_DIST", dist)
        .env("AICON_BACKEND", workspace::binary("aicon-backend"))
        .env("AICON_SANDBOX", workspace::binary("aicon-sandbox"))
        .env("CHROMEDRIVER", chromedriver()?);
    Ok(command)
}

fn chromedriver() -> Result<std::path::PathBuf> {
    setup::chromedriver()
        .ok_or_else(|| Error::Unmet("`chromedriver` is not on the PATH any more".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passed_check_counts_as_one() {
        assert_eq!(
            counted(Tally::default(), true, &Kind::Check),
            Tally {
                passed: 1,
                failed: 0
            }
        );
    }

    #[test]
    fn a_failure_that_no_harness_has_counted_is_counted_once() {
        let found = Tally {
            passed: 4,
            failed: 0,
        };
        assert_eq!(
            counted(found, false, &Kind::Tests),
            Tally {
                passed: 4,
                failed: 1
            }
        );
        let found = Tally {
            passed: 4,
            failed: 2,
        };
        assert_eq!(counted(found, false, &Kind::Tests), found);
    }

    #[test]
    #[cfg(unix)]
    fn a_test_run_without_tests_fails_and_one_with_tests_is_summed() {
        let shell = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            command
        };
        let mut found = Tally::default();
        let mut empty = shell("echo running 0 tests");
        let status = stream(&mut empty, &mut found).unwrap();
        assert!(judge(&empty, status, found, &Kind::Tests).is_err());
        let mut full = shell("echo 'test result: ok. 2 passed; 0 failed; 0 ignored'");
        let status = stream(&mut full, &mut found).unwrap();
        judge(&full, status, found, &Kind::Tests).unwrap();
        assert_eq!(
            found,
            Tally {
                passed: 2,
                failed: 0
            }
        );
        let mut broken = shell("exit 3");
        let status = stream(&mut broken, &mut found).unwrap();
        assert!(judge(&broken, status, found, &Kind::Check).is_err());
    }
}
