//! What can go wrong in a run, its verdict apart.

use std::io;

/// The outcome of a step.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a run has no verdict, or a bad one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program did not start, come up or end.
    #[error(transparent)]
    Process(#[from] aicon_processes::Error),
    /// What was waited for did not come.
    #[error(transparent)]
    Timeout(#[from] aicon_processes::Timeout),
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
