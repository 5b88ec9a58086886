//! The command line's tools, by the real binary, beside a running server.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What a command said.
pub(crate) struct Said(Output);

impl Said {
    /// Standard output of a command that did what it should.
    pub(crate) fn success(self) -> String {
        let errors = String::from_utf8_lossy(&self.0.stderr);
        assert!(self.0.status.success(), "{errors}");
        String::from_utf8(self.0.stdout).unwrap()
    }

    /// Standard error of a command that refused.
    pub(crate) fn failure(self) -> String {
        assert!(!self.0.status.success());
        String::from_utf8(self.0.stderr).unwrap()
    }

    /// All that it said.
    pub(crate) fn everything(&self) -> String {
        format!(
            "{}{}",
            String::from_utf8_lossy(&self.0.stdout),
            String::from_utf8_lossy(&self.0.stderr)
        )
    }
}

/// Runs a command on a data directory, with something piped in.
pub(crate) fn tool(data: &Path, arguments: &[&str], input: &str) -> Said {
    tool_with(data, arguments, input, &[])
}

/// [`tool`] with environment variables.
pub(crate) fn tool_with(
    data: &Path,
    arguments: &[&str],
    input: &str,
    variables: &[(&str, &str)],
) -> Said {
    let mut child = Command::new(env!("CARGO_BIN_EXE_aicon-backend"))
        .env_clear()
        .envs(variables.iter().copied())
        .args(arguments)
        .arg("--data")
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses at once reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Said(child.wait_with_output().unwrap())
}
