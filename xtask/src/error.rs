use std::{io, path::Path, process::ExitStatus};

/// Why a task ended early. The texts are for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The file system or a child process refused something.
    #[error("failed to {verb} `{object}`: {source}")]
    Io {
        verb: &'static str,
        object: String,
        source: io::Error,
    },
    /// A child process ran and failed; `log` holds the end of what it wrote.
    #[error("failed to run `{command}`: {status}{log}")]
    Command {
        command: String,
        status: ExitStatus,
        log: String,
    },
    /// Something that only the user can change, said in full.
    #[error("{0}")]
    Unmet(String),
    /// Ctrl-C or a termination signal.
    #[error("interrupted")]
    Interrupted,
}

/// What every task answers.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// For `map_err`: the verb and the object of the failed action.
    pub(crate) fn io(
        verb: &'static str,
        object: impl Into<String>,
    ) -> impl FnOnce(io::Error) -> Self {
        let object = object.into();
        move |source| Self::Io {
            verb,
            object,
            source,
        }
    }

    /// As [`Error::io`], for a path.
    pub(crate) fn path(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        Self::io(verb, path.display().to_string())
    }
}
