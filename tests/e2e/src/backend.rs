//! `aicon-backend` as a child process.

use std::path::{Path, PathBuf};

use aicon_processes::{Process, free_port};

use crate::error::Result;
use crate::paths;

/// A back end that can be killed and started again at the same address, with the same data.
pub struct Backend {
    /// Its origin.
    pub origin: String,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    program: PathBuf,
    log: PathBuf,
    process: Option<Process>,
}

impl Backend {
    /// Prepares a back end on a free port with its data in `data`; it does not run yet.
    ///
    /// # Errors
    ///
    /// When the machine has no port left.
    pub fn new(data: &Path, log: &Path) -> Result<Self> {
        let address = format!("127.0.0.1:{}", free_port()?);
        let data = data.display().to_string();
        Ok(Self {
            origin: format!("http://{address}"),
            arguments: vec![
                "serve".into(),
                "--listen".into(),
                address,
                "--data".into(),
                data,
            ],
            environment: Vec::new(),
            program: paths::backend(),
            log: log.to_owned(),
            process: None,
        })
    }

    /// Sets an environment variable of the next start; the last one of a name counts.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Starts it, and waits until it answers.
    ///
    /// # Errors
    ///
    /// When it is not built, or does not come up.
    pub async fn start(&mut self) -> Result<()> {
        let mut process =
            Process::start(&self.program, &self.arguments, &self.environment, &self.log)?;
        let url = format!("{}/healthz", self.origin);
        process.wait_for_success(&url).await?;
        self.process = Some(process);
        Ok(())
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// What it printed over all its lives.
    pub fn output(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}
