use std::ffi::OsStr;
use std::fmt::Display;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::error::{Error, Result, Timeout};
use crate::wait::until;

/// How long a program may take to come up: the machine may be building at the same time.
const PATIENCE: Duration = Duration::from_secs(30);

/// Lines of a dead program's log that an error shows.
const LAST_WORDS: usize = 12;

/// Variables without which programs do not run; a developer's settings and keys do not reach them.
const INHERITED: [&str; 4] = ["PATH", "HOME", "TMPDIR", "SystemRoot"];

/// A running program; killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    program: PathBuf,
    log: PathBuf,
}

impl Process {
    /// Starts a program in an environment of its own. What it prints is added to the file `log`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(
        program: &Path,
        arguments: &[impl AsRef<OsStr>],
        environment: &[(String, String)],
        log: &Path,
    ) -> Result<Self> {
        let output = File::options().create(true).append(true).open(log)?;
        let child = command(program, arguments, environment)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn();
        let start = |source| Error::Start {
            program: program.to_owned(),
            source,
        };
        Ok(Self {
            child: child.map_err(start)?,
            program: program.to_owned(),
            log: log.to_owned(),
        })
    }

    /// Waits until `is_up` answers something to the log so far.
    ///
    /// # Errors
    /// When the program ends first, or takes too long.
    pub async fn wait<T, E: Display>(
        &mut self,
        what: &str,
        mut is_up: impl AsyncFnMut(&str) -> Result<Option<T>, E>,
    ) -> Result<T> {
        let log = self.log.clone();
        let child = &mut self.child;
        let answer = until(PATIENCE, what, async || {
            // One that has ended is not up, whoever else may answer at its address.
            let state = child.try_wait().map_err(|error| error.to_string())?;
            if state.is_some() {
                return Ok(Some(None));
            }
            let answer = is_up(&read(&log)).await;
            let answer = answer.map_err(|error| error.to_string())?;
            Ok::<_, String>(answer.map(Some))
        });
        let why = match answer.await {
            Ok(Some(answer)) => return Ok(answer),
            Ok(None) => String::new(),
            Err(timeout) => format!("{timeout}\n"),
        };
        Err(Error::NotUp {
            program: self.program.clone(),
            last_words: why + &last_words(&self.output()),
        })
    }

    /// [`Process::wait`] for a line of the log.
    ///
    /// # Errors
    /// When the program ends first, or takes too long.
    pub async fn wait_for_line<T>(&mut self, find: impl Fn(&str) -> Option<T>) -> Result<T> {
        let what = format!("a line of `{}`", self.program.display());
        self.wait(&what, async |log| {
            Ok::<_, Error>(log.lines().find_map(&find))
        })
        .await
    }

    /// [`Process::wait`] for a success at `url`.
    ///
    /// # Errors
    /// When the program ends first, or takes too long.
    pub async fn wait_for_success(&mut self, url: &str) -> Result<()> {
        let client = reqwest::Client::new();
        self.wait(url, async |_| {
            let status = client.get(url).send().await?.status();
            Ok::<_, reqwest::Error>(status.is_success().then_some(()))
        })
        .await
    }

    /// Its ID.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it printed, in all its lives that share the log.
    pub fn output(&self) -> String {
        read(&self.log)
    }

    /// Ends it at once, as a power cut would (`kill -9`), and waits until it is gone.
    pub fn kill(&mut self) {
        // An error means that it has ended already.
        _ = self.child.kill();
        _ = self.child.wait();
    }

    /// Asks it to end (SIGTERM).
    ///
    /// # Errors
    /// When it has ended already.
    #[cfg(unix)]
    pub fn terminate(&self) -> Result<()> {
        use nix::sys::signal::{Signal, kill};
        use nix::unistd::Pid;

        let id = i32::try_from(self.id()).expect("process IDs of Unix are positive `i32`s");
        kill(Pid::from_raw(id), Signal::SIGTERM).map_err(|error| Error::Io(error.into()))
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    /// When it takes longer.
    pub async fn ended(&mut self, patience: Duration) -> Result<ExitStatus, Timeout> {
        let what = format!("the end of `{}`", self.program.display());
        let child = &mut self.child;
        until(patience, &what, async || child.try_wait()).await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A command with an environment of its own.
pub fn command(
    program: &Path,
    arguments: &[impl AsRef<OsStr>],
    environment: &[(String, String)],
) -> Command {
    let inherited = INHERITED
        .iter()
        .filter_map(|name| std::env::var_os(name).map(|value| (name, value)));
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(inherited)
        .envs(environment.iter().map(|(name, value)| (name, value)));
    command
}

/// A log that is not there yet is empty.
fn read(log: &Path) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn last_words(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(LAST_WORDS)..].join("\n")
}
