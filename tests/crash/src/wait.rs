//! Waiting on conditions, with a deadline, never for a time.

use std::time::Duration;

use crate::error::Result;

/// Asks until there is an answer. Errors count as "not yet".
///
/// # Errors
/// [`crate::Error::Timeout`] when the time is over.
pub async fn until<T>(
    patience: Duration,
    what: &str,
    ask: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    Ok(aicon_processes::until(patience, what, ask).await?)
}
