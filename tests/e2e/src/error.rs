//! What can go wrong in the harness.

use std::io;
use std::path::PathBuf;

pub use aicon_processes::Timeout;

/// The outcome of a step.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was waited for did not come.
    #[error(transparent)]
    Timeout(#[from] Timeout),
    /// A file that a build makes is not there.
    #[error("`{path}` is missing: {remedy}")]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
        /// How it comes there.
        remedy: &'static str,
    },
    /// A program did not start or come up.
    #[error(transparent)]
    Process(#[from] aicon_processes::Error),
    /// A program never said what it should.
    #[error("`{program}` did not come up: {reason}")]
    NotUp {
        /// The program.
        program: PathBuf,
        /// What is known.
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
