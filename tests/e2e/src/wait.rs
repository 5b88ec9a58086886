//! Waiting on conditions, with a deadline, never for a time.

use std::time::Duration;

use crate::error::Result;

/// How long a condition may take to come true. Generous: two browsers may share two cores with a build.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Asks until there is an answer. Errors count as "not yet": a page that is just loading refuses many questions.
///
/// # Errors
///
/// [`crate::Error::Timeout`] after [`PATIENCE`].
pub async fn until<T>(what: &str, ask: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    until_within(PATIENCE, what, ask).await
}

/// As [`until`], with another patience.
///
/// # Errors
///
/// [`crate::Error::Timeout`] when the time is over.
pub async fn until_within<T>(
    patience: Duration,
    what: &str,
    ask: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    Ok(aicon_processes::until(patience, what, ask).await?)
}
