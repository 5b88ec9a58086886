//! Long steps, shown while they run. Everything goes to stderr: stdout is for results.

use std::{
    fs,
    io::{IsTerminal as _, Write as _},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    error::{Error, Result},
    process::{self, Group},
    workspace,
};

const TICK_ON_A_TERMINAL: Duration = Duration::from_secs(1);
const TICK_IN_A_LOG: Duration = Duration::from_secs(30);
const LINES_SHOWN_ON_FAILURE: usize = 30;

/// Says what is being done.
pub(crate) fn say(text: &str) {
    eprintln!("==> {text}");
}

/// Runs `command` to its end; its output goes to `target/xtask/<log_name>.log`, and a line that ticks says for how long it
/// has been running and how many crates are compiled.
///
/// # Errors
/// [`Error::Command`] with the end of the log when the command fails, [`Error::Interrupted`] when the user stops it.
pub(crate) fn run(title: &str, command: &mut Command, log_name: &str) -> Result<()> {
    let log = workspace::target()
        .join("xtask")
        .join(format!("{log_name}.log"));
    let started = Instant::now();
    let mut ticker = Ticker::new(title);
    let mut group = Group::spawn(title, command, &log)?;
    let status = loop {
        if let Some(status) = group.try_wait()? {
            break status;
        }
        if let Err(interrupted) = process::check_interrupted() {
            ticker.clear();
            return Err(interrupted);
        }
        ticker.tick(started.elapsed(), &log);
        std::thread::sleep(process::POLL);
    };
    ticker.clear();
    if !status.success() {
        let tail = process::log_tail(&log, LINES_SHOWN_ON_FAILURE);
        return Err(Error::Command {
            command: display(command),
            status,
            log: format!("; its last words:{tail}"),
        });
    }
    if started.elapsed() > Duration::from_secs(2) {
        eprintln!("    done in {}", clock(started.elapsed()));
    }
    Ok(())
}

/// A command as one would type it.
pub(crate) fn display(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// `75 s` as `1:15`.
pub(crate) fn clock(elapsed: Duration) -> String {
    format!("{}:{:02}", elapsed.as_secs() / 60, elapsed.as_secs() % 60)
}

struct Ticker<'a> {
    title: &'a str,
    on_a_terminal: bool,
    next: Duration,
}

impl<'a> Ticker<'a> {
    fn new(title: &'a str) -> Self {
        say(title);
        let on_a_terminal = std::io::stderr().is_terminal();
        let next = if on_a_terminal {
            TICK_ON_A_TERMINAL
        } else {
            TICK_IN_A_LOG
        };
        Self {
            title,
            on_a_terminal,
            next,
        }
    }

    fn tick(&mut self, elapsed: Duration, log: &Path) {
        if elapsed < self.next {
            return;
        }
        let compiled = compiled_crates(&fs::read_to_string(log).unwrap_or_default());
        let crates = if compiled == 0 {
            String::new()
        } else {
            format!(", {compiled} crates compiled")
        };
        if self.on_a_terminal {
            self.next = elapsed + TICK_ON_A_TERMINAL;
            eprint!("\r\x1b[K    {}{crates}", clock(elapsed));
            let _ = std::io::stderr().flush();
        } else {
            self.next = elapsed + TICK_IN_A_LOG;
            eprintln!("    {}: {}{crates}", self.title, clock(elapsed));
        }
    }

    fn clear(&self) {
        if self.on_a_terminal {
            eprint!("\r\x1b[K");
        }
    }
}

fn compiled_crates(log: &str) -> usize {
    log.lines()
        .filter(|line| line.trim_start().starts_with("Compiling "))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compiled_crates_are_counted_from_cargos_lines() {
        assert_eq!(
            compiled_crates(
                "  Downloaded a v1\n   Compiling a v1.0.0\n   Compiling b v2.0.0\nCompiling\n"
            ),
            2
        );
    }

    #[test]
    fn a_duration_reads_as_minutes_and_seconds() {
        assert_eq!(clock(Duration::from_secs(605)), "10:05");
    }
}
