//! Waiting on conditions, with a deadline, never for a time.

use std::fmt::Display;
use std::time::{Duration, Instant};

use crate::error::Timeout;

const INTERVAL: Duration = Duration::from_millis(40);

/// Asks until there is an answer. Errors count as "not yet": a server or a page that is just starting refuses many questions.
///
/// # Errors
/// When the time is over.
pub async fn until<T, E: Display>(
    patience: Duration,
    what: &str,
    mut ask: impl AsyncFnMut() -> Result<Option<T>, E>,
) -> Result<T, Timeout> {
    let deadline = Instant::now() + patience;
    loop {
        let last_seen = match ask().await {
            Ok(Some(answer)) => return Ok(answer),
            Ok(None) => "it never came true".to_owned(),
            Err(error) => format!("the last error: {error}"),
        };
        if Instant::now() >= deadline {
            return Err(Timeout {
                what: what.to_owned(),
                last_seen: format!("{last_seen} ({} s)", patience.as_secs()),
            });
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
