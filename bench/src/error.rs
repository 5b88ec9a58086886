use std::io;

/// The outcome of a step.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Why there is no measurement.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("failed to use the store: {0}")]
    Store(#[from] aicon_backend::store::StoreError),
    #[error("failed to use the database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("failed to ask a server: {0}")]
    Http(#[from] reqwest::Error),
    #[error("failed to use a file or a process: {0}")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Servers(#[from] aicon_crash::Error),
    /// A process of the bench's own did not come up.
    #[error(transparent)]
    Process(#[from] aicon_processes::Error),
    #[error(transparent)]
    Browser(#[from] aicon_e2e::Error),
    #[error("failed to read an answer: {0}")]
    Json(#[from] serde_json::Error),
    #[error("failed to run `{program}`: {said}")]
    Program { program: String, said: String },
    #[error("{0}")]
    Unexpected(String),
}
