//! Waiting on conditions, with a deadline, never for a time.

use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How long a server may take to come up: the machine may be building at the same time.
pub const PATIENCE: Duration = Duration::from_secs(30);

const INTERVAL: Duration = Duration::from_millis(20);

/// Asks until there is an answer. Errors count as "not yet".
///
/// # Errors
/// [`Error::Timeout`] when the time is over.
pub async fn until<T>(
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
                seconds: patience.as_secs(),
                last_seen,
            });
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
