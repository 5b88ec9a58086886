//! The real binary as a process of its own, where the test is about memory, files or signals.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use aicon_processes::free_port;
use serde_json::Value;

use crate::app::{events, until};

pub(crate) struct Binary {
    pub(crate) address: SocketAddr,
    pub(crate) client: reqwest::Client,
    child: Child,
}

impl Binary {
    /// Starts it on a free port and waits until it answers. `limits` are commands for the shell in front of it.
    pub(crate) async fn start(data: &Path, limits: &str, variables: &[(&str, &str)]) -> Self {
        Self::start_logging(data, limits, variables, Stdio::null()).await
    }

    /// [`Binary::start`] with a place for the log.
    pub(crate) async fn start_logging(
        data: &Path,
        limits: &str,
        variables: &[(&str, &str)],
        log: Stdio,
    ) -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], free_port().unwrap()));
        let child = Command::new("sh")
            .args([
                "-c",
                &format!("{limits} exec \"$0\" \"$@\""),
                env!("CARGO_BIN_EXE_aicon-backend"),
            ])
            .args(["serve", "--listen", &address.to_string(), "--data"])
            .arg(data)
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let binary = Self {
            address,
            client,
            child,
        };
        until(|| async { binary.client.get(binary.url("/readyz")).send().await.ok() }).await;
        binary
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) async fn post(&self, body: &Value) -> reqwest::Response {
        let request = self.client.post(self.url("/ai/chat")).json(body);
        request.send().await.unwrap()
    }

    pub(crate) async fn chat(&self, body: &Value) -> Vec<Value> {
        events(&self.post(body).await.text().await.unwrap())
    }

    /// Gives it its disk back: no limit to the size of files any more.
    pub(crate) fn unlimit_files(&self) {
        let done = Command::new("prlimit")
            .args(["--pid", &self.child.id().to_string(), "--fsize=unlimited"])
            .status();
        assert!(done.unwrap().success());
    }

    /// Bytes of memory in use.
    pub(crate) fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kilobytes * 1024
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
