//! What can go wrong in the harness.

use std::io;
use std::path::PathBuf;

/// The outcome of a step.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was waited for did not come.
    #[error("gave up waiting for {what}; {last_seen}")]
    Timeout {
        /// The condition.
        what: String,
        /// What there was instead.
        last_seen: String,
    },
    /// A file that a build makes is not there.
    #[error("`{path}` is missing: {remedy}")]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
        /// How it comes there.
        remedy: &'static str,
    },
    /// A program could not be started.
    #[error("failed to start `{program}`: {source}")]
    Start {
        /// The program.
        program: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A program ended, or never said what it should.
    #[error("`{program}` did not come up: {reason}")]
    NotUp {
        /// The program.
        program: PathBuf,
        /// The end of its output, or what else is known.
        reason: String,
    },
    /// The browser or its driver refused.
    #[error("the browser refused: {0}")]
    WebDriver(#[from] thirtyfour::error::WebDriverError),
    /// A request of the harness itself failed.
    #[error("a request of the harness failed: {0}")]
    Http(#[from] reqwest::Error),
    /// A file of the harness could not be read or written.
    #[error("a file of the harness failed: {0}")]
    Io(#[from] io::Error),
    /// A value had another shape than expected.
    #[error("an answer had another shape than expected: {0}")]
    Json(#[from] serde_json::Error),
}
