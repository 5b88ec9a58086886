use std::time::{Duration, Instant};

use crate::{
    error::{Error, Result},
    process::{self, Group},
};

/// How long a server may take from its start to its first answer.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How long running answers may take to end after the user has asked to stop.
const STOP_LIMIT: Duration = Duration::from_secs(5);
const LINES_SHOWN_OF_A_DEAD_SERVER: usize = 15;

/// The running set. Dropping it ends all of it.
pub(crate) struct Running {
    groups: Vec<Group>,
}

impl Running {
    pub(crate) fn new(groups: Vec<Group>) -> Self {
        Self { groups }
    }

    /// Waits until `url` answers with a 2xx status; answers its body.
    ///
    /// # Errors
    /// When a server dies, the time is up, or the user stops the task.
    pub(crate) fn wait_for(&mut self, url: &str) -> Result<String> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            let error = match get(url) {
                Ok(body) => return Ok(body),
                Err(error) => error,
            };
            self.check()?;
            if Instant::now() > deadline {
                return Err(Error::Unmet(format!(
                    "{url} does not answer after {} s: {error}",
                    START_LIMIT.as_secs()
                )));
            }
            std::thread::sleep(process::POLL);
        }
    }

    /// Posts JSON to a server that answers already; it must answer with a 2xx status.
    ///
    /// # Errors
    /// When it does not.
    pub(crate) fn post(&mut self, url: &str, json: &serde_json::Value) -> Result<()> {
        self.check()?;
        let body = json.to_string();
        let posted = agent()
            .post(url)
            .header("content-type", "application/json")
            .send(&body);
        match posted {
            Ok(_) => Ok(()),
            Err(error) => Err(Error::Unmet(format!("{url} refuses `{body}`: {error}"))),
        }
    }

    /// Fails when a server has died, or the user stops the task.
    pub(crate) fn check(&mut self) -> Result<()> {
        process::check_interrupted()?;
        for group in &mut self.groups {
            if let Some(status) = group.try_wait()? {
                // Ctrl-C in a terminal may reach a child before us: that is no death to report.
                process::check_interrupted()?;
                let tail = process::log_tail(group.log(), LINES_SHOWN_OF_A_DEAD_SERVER);
                return Err(Error::Unmet(format!(
                    "{} has ended ({status}); its last words:{tail}",
                    group.name()
                )));
            }
        }
        Ok(())
    }

    /// Replaces the server called `name` by the one that `start` starts, once the old one has ended.
    pub(crate) fn replace(
        &mut self,
        name: &str,
        start: impl FnOnce() -> Result<Group>,
    ) -> Result<()> {
        let (old, kept) = self
            .groups
            .drain(..)
            .partition(|group| group.name() == name);
        self.groups = kept;
        Group::stop_all(old, STOP_LIMIT);
        self.groups.push(start()?);
        Ok(())
    }

    /// Ends all servers, politely first.
    pub(crate) fn stop(self) {
        Group::stop_all(self.groups, STOP_LIMIT);
    }
}

fn get(url: &str) -> std::result::Result<String, ureq::Error> {
    agent().get(url).call()?.body_mut().read_to_string()
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(5)))
        .proxy(None);
    ureq::Agent::new_with_config(config.build())
}
