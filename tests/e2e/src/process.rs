//! Child processes that never outlive their test.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::error::{Error, Result};
use crate::wait::until;

/// A running program; killed when dropped.
pub struct Process {
    child: Child,
    program: PathBuf,
    log: PathBuf,
}

impl Process {
    /// Starts a program in an environment of its own, so that the developer's settings and keys do not reach it. What
    /// it prints goes to the file `log`.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start(
        program: &Path,
        arguments: &[String],
        environment: &[(String, String)],
        log: &Path,
    ) -> Result<Self> {
        let output = File::options().create(true).append(true).open(log)?;
        let inherited = ["PATH", "HOME", "TMPDIR", "SystemRoot"];
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(
                inherited
                    .iter()
                    .filter_map(|name| std::env::var_os(name).map(|value| (name, value))),
            )
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .map_err(|source| Error::Start {
                program: program.to_owned(),
                source,
            })?;
        Ok(Self {
            child,
            program: program.to_owned(),
            log: log.to_owned(),
        })
    }

    /// Waits for what `find` is looking for in the lines printed so far.
    ///
    /// # Errors
    ///
    /// When the program ends first, or takes too long.
    pub async fn wait_for_line<T>(&mut self, find: impl Fn(&str) -> Option<T>) -> Result<T> {
        let what = format!("a line of `{}`", self.program.display());
        let found = until(&what, async || {
            let ended = self.child.try_wait()?.is_some();
            let found = self.output().lines().find_map(&find);
            Ok(if found.is_none() && ended {
                Some(None)
            } else {
                found.map(Some)
            })
        });
        match found.await {
            Ok(Some(found)) => Ok(found),
            Ok(None) | Err(_) => Err(self.not_up()),
        }
    }

    /// Waits until the URL answers with success.
    ///
    /// # Errors
    ///
    /// When the program ends first, or takes too long.
    pub async fn wait_for_url(&mut self, url: &str) -> Result<()> {
        let up = until(url, async || {
            if self.child.try_wait()?.is_some() {
                return Ok(Some(false));
            }
            let status = reqwest::get(url).await?.status();
            Ok(status.is_success().then_some(true))
        });
        match up.await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(self.not_up()),
        }
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        // An error means that it has ended already.
        _ = self.child.kill();
        _ = self.child.wait();
    }

    /// What it printed.
    pub fn output(&self) -> String {
        std::fs::read(&self.log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    fn not_up(&self) -> Error {
        let output = self.output();
        let lines: Vec<&str> = output.lines().collect();
        let end = lines[lines.len().saturating_sub(12)..].join("\n");
        Error::NotUp {
            program: self.program.clone(),
            reason: end,
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port that nobody listens on at the moment, for a program that cannot say which one it took.
///
/// # Errors
///
/// When the machine has none left.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    // A connection that this end closes first keeps the port for a minute from all but listeners: nobody's call goes out by it.
    let client = TcpStream::connect(address)?;
    drop(listener.accept()?);
    drop(client);
    Ok(address.port())
}
