//! Waiting on conditions, with a deadline, never for a time.

use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How long a condition may take to come true. Generous: two browsers may share two cores with a build.
pub const PATIENCE: Duration = Duration::from_secs(20);

const INTERVAL: Duration = Duration::from_millis(40);

/// Asks until there is an answer. Errors count as "not yet": a page that is just loading refuses many questions.
///
/// # Errors
///
/// [`Error::Timeout`] after [`PATIENCE`].
pub async fn until<T>(what: &str, ask: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    until_within(PATIENCE, what, ask).await
}

/// As [`until`], with another patience.
///
/// # Errors
///
/// [`Error::Timeout`] when the time is over.
pub async fn until_within<T>(
    patience: Duration,
    what: &str,
    mut ask: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Instant::now() + patience;
    loop {
        let last_seen = match ask().await {
            Ok(Some(answer)) => return Ok(answer),
            Ok(None) => "it never came true".to_owned(),
            Err(error) => format!("the last error: {error}"),
        };
        if Instant::now() >= deadline {
            return Err(Error::Timeout {
                what: what.to_owned(),
                last_seen,
            });
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
