use std::path::{Path, PathBuf};
use std::time::Duration;

use aicon_processes::{Process, command, free_port};

use super::{Sandbox, backend_binary};
use crate::error::{Error, Result};

/// A back end that can be killed and started again at the same address, with the same data.
#[derive(Debug)]
pub struct Backend {
    /// Its origin.
    pub origin: String,
    /// Its data directory.
    pub data: PathBuf,
    program: PathBuf,
    address: String,
    environment: Vec<(String, String)>,
    log: PathBuf,
    process: Option<Process>,
}

impl Backend {
    /// Prepares a back end of that sandbox's model on a free port, with its data and its log below `directory`; it does
    /// not run yet.
    ///
    /// # Errors
    /// When the machine has no port left.
    pub fn new(directory: &Path, name: &str, sandbox: &Sandbox) -> Result<Self> {
        let address = format!("127.0.0.1:{}", free_port()?);
        let mut backend = Self {
            origin: format!("http://{address}"),
            data: directory.join(name),
            program: backend_binary(),
            address,
            environment: Vec::new(),
            log: directory.join(format!("{name}.log")),
            process: None,
        };
        for (name, value) in sandbox.environment() {
            backend.set(name, &value);
        }
        for limit in [
            "AICON_LIMIT_REQUESTS_PER_MINUTE_USER",
            "AICON_LIMIT_REQUESTS_PER_MINUTE_ADDRESS",
            "AICON_LIMIT_STREAMS_PER_USER",
        ] {
            backend.set(limit, "0");
        }
        Ok(backend)
    }

    /// Sets an environment variable of the next start.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Starts it, without waiting for anything.
    ///
    /// # Errors
    /// When it is not built.
    pub fn launch(&mut self) -> Result<()> {
        let data = self.data.display().to_string();
        let arguments = ["serve", "--listen", &self.address, "--data", &data];
        self.process = Some(Process::start(
            &self.program,
            &arguments,
            &self.environment,
            &self.log,
        )?);
        Ok(())
    }

    /// Starts it unless it runs, and waits until it answers.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start(&mut self) -> Result<()> {
        if self.process.is_none() {
            self.launch()?;
        }
        let process = self.process.as_mut().expect("it was just launched");
        let url = format!("{}/readyz", self.origin);
        Ok(process.wait_for_success(&url).await?)
    }

    /// Whether it was started and not ended by us.
    pub fn is_running(&self) -> bool {
        self.process.is_some()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    ///
    /// # Errors
    /// When it takes longer than `patience`, or ends with a failure.
    pub async fn stop(&mut self, patience: Duration) -> Result<()> {
        let Some(mut process) = self.process.take() else {
            return Ok(());
        };
        process.terminate()?;
        let status = process.ended(patience).await?;
        if status.success() {
            return Ok(());
        }
        Err(Error::Unexpected {
            what: "the back end's end",
            answer: status.to_string(),
        })
    }

    /// The ID of its process, while it runs.
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    /// Runs a command of the back end's CLI with the server's data and settings; answers what it printed.
    ///
    /// # Errors
    /// When it fails.
    pub fn command(&self, arguments: &[&str]) -> Result<Vec<u8>> {
        let mut environment = self.environment.clone();
        environment.push(("AICON_DATA".to_owned(), self.data.display().to_string()));
        let output = command(&self.program, arguments, &environment).output()?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(Error::Unexpected {
            what: "a command of the back end",
            answer: format!(
                "{}: {}",
                arguments.join(" "),
                String::from_utf8_lossy(&output.stderr)
            ),
        })
    }

    /// The command [`Backend::command`] would run, to be started by the caller.
    pub fn prepared(&self, arguments: &[&str]) -> std::process::Command {
        let mut environment = self.environment.clone();
        environment.push(("AICON_DATA".to_owned(), self.data.display().to_string()));
        command(&self.program, arguments, &environment)
    }
}
