//! What can go wrong in a run, its verdict apart.

use std::io;
use std::path::PathBuf;

/// The outcome of a step.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a run has no verdict, or a bad one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program could not be started.
    #[error("failed to start `{program}`: {source}")]
    Start {
        /// The program.
        program: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A program ended, or never said what it should.
    #[error("`{program}` did not come up; its last words:\n{last_words}")]
    NotUp {
        /// The program.
        program: PathBuf,
        /// The end of its log.
        last_words: String,
    },
    /// What was waited for did not come.
    #[error("gave up waiting for {what} after {seconds} s; {last_seen}")]
    Timeout {
        /// The condition.
        what: String,
        /// How long it was given.
        seconds: u64,
        /// What there was instead.
        last_seen: String,
    },
    /// A server's answer that makes no sense here.
    #[error("{what}: {answer}")]
    Unexpected {
        /// Of whom, on what.
        what: &'static str,
        /// The answer.
        answer: String,
    },
    /// A request of the run itself failed.
    #[error("failed to ask a server: {0}")]
    Http(#[from] reqwest::Error),
    /// A file or process of the run failed.
    #[error("failed to use a file or a process: {0}")]
    Io(#[from] io::Error),
    /// The database refused.
    #[error("failed to look into the database: {0}")]
    Database(#[from] sqlx::Error),
    /// An answer had another shape.
    #[error("failed to read an answer: {0}")]
    Json(#[from] serde_json::Error),
    /// The verdict: something was lost, doubled or left over.
    #[error("{0}")]
    Violations(String),
}
