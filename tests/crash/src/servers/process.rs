use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::error::{Error, Result};
use crate::wait::{PATIENCE, until};

/// Lines of a dead program's log that an error shows.
const LAST_WORDS: usize = 12;

/// A running program; killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    program: PathBuf,
    log: PathBuf,
}

impl Process {
    /// Starts a program in an environment of its own, so that the developer's settings and keys do not reach it. What
    /// it prints is added to the file `log`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(
        program: &Path,
        arguments: &[&str],
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

    /// Waits until `is_up` answers something.
    ///
    /// # Errors
    /// When the program ends first, or takes too long.
    pub async fn wait<T>(
        &mut self,
        what: &str,
        mut is_up: impl AsyncFnMut(&str) -> Result<Option<T>>,
    ) -> Result<T> {
        let log = self.log.clone();
        let answer = until(PATIENCE, what, async || {
            if self.child.try_wait()?.is_some() {
                return Ok(Some(None));
            }
            let text = std::fs::read(&log)?;
            let answer = is_up(&String::from_utf8_lossy(&text)).await?;
            Ok(answer.map(Some))
        });
        match answer.await {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(self.not_up()),
            Err(error) => Err(Error::NotUp {
                program: self.program.clone(),
                last_words: format!("{error}\n{}", last_words(&self.log)),
            }),
        }
    }

    /// The process's ID.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill(&mut self) {
        // An error means that it has ended already.
        _ = self.child.kill();
        _ = self.child.wait();
    }

    /// Asks it to end (SIGTERM).
    ///
    /// # Errors
    /// When it has ended already.
    pub fn terminate(&self) -> Result<()> {
        let id = i32::try_from(self.child.id()).expect("process IDs of Unix are positive `i32`s");
        kill(Pid::from_raw(id), Signal::SIGTERM)
            .map_err(|error| Error::Io(std::io::Error::from(error)))
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    /// When it takes longer.
    pub async fn ended(&mut self, patience: Duration) -> Result<ExitStatus> {
        let program = self.program.display().to_string();
        until(patience, &format!("the end of `{program}`"), async || {
            Ok(self.child.try_wait()?)
        })
        .await
    }

    fn not_up(&self) -> Error {
        Error::NotUp {
            program: self.program.clone(),
            last_words: last_words(&self.log),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A command with an environment of its own.
pub(super) fn command(
    program: &Path,
    arguments: &[&str],
    environment: &[(String, String)],
) -> Command {
    let inherited = ["PATH", "HOME", "TMPDIR"];
    let inherited = inherited
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

/// A port that nobody listens on at the moment.
///
/// # Errors
/// When the machine has none left.
pub(super) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    // A connection that this end closes first keeps the port for a minute from all but listeners: nobody's call goes out by it.
    let client = TcpStream::connect(address)?;
    drop(listener.accept()?);
    drop(client);
    Ok(address.port())
}

fn last_words(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LAST_WORDS)..].join("\n")
}
