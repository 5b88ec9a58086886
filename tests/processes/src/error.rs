use std::io;
use std::path::PathBuf;

/// The outcome of a step.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a program is of no use.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It could not be started.
    #[error("failed to start `{program}`: {source}")]
    Start {
        /// The program.
        program: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// It ended, or never said what it should.
    #[error("`{program}` did not come up; its last words:\n{last_words}")]
    NotUp {
        /// The program.
        program: PathBuf,
        /// The end of its log.
        last_words: String,
    },
    /// Its log, its state or its port.
    #[error("failed to use a process: {0}")]
    Io(#[from] io::Error),
}

/// What was waited for did not come.
#[derive(Debug, thiserror::Error)]
#[error("gave up waiting for {what}; {last_seen}")]
pub struct Timeout {
    /// The condition.
    pub what: String,
    /// What there was instead.
    pub last_seen: String,
}
