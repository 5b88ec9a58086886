//! The current time, injected, so that tests can move it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

/// After so long a sleeper looks at the clock again, which somebody may have set.
const LOOK_AGAIN_MS: i64 = 60_000;

/// Source of the current time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(Arc<watch::Sender<i64>>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `milliseconds` since the epoch until it is moved by [`Clock::advance`].
    pub fn manual(milliseconds: i64) -> Self {
        Self(Source::Manual(Arc::new(watch::Sender::new(milliseconds))))
    }

    /// Moves a manual clock, and all its clones. The machine's clock stays as it is.
    pub fn advance(&self, milliseconds: i64) {
        if let Source::Manual(now) = &self.0 {
            now.send_modify(|now| *now += milliseconds);
        }
    }

    /// Milliseconds since the epoch.
    pub fn now(&self) -> i64 {
        match &self.0 {
            Source::System => Timestamp::now().as_millisecond(),
            Source::Manual(now) => *now.borrow(),
        }
    }

    /// Waits until the clock shows `milliseconds` since the epoch; by a manual clock until it was moved so far.
    pub async fn sleep_until(&self, milliseconds: i64) {
        match &self.0 {
            Source::System => loop {
                let left = milliseconds.saturating_sub(self.now()).min(LOOK_AGAIN_MS);
                match u64::try_from(left) {
                    Ok(left) if left > 0 => tokio::time::sleep(Duration::from_millis(left)).await,
                    _ => return,
                }
            },
            Source::Manual(now) => {
                // The sender is ours, so that it outlives the wait.
                let _ = now.subscribe().wait_for(|now| *now >= milliseconds).await;
            }
        }
    }
}

/// ISO 8601, UTC, milliseconds, `Z` (`ai-api.md`, "Envelope").
pub fn iso(milliseconds: i64) -> String {
    let timestamp = Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{timestamp:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_clock_is_moved_far_enough() {
        let clock = Clock::manual(10);
        clock.sleep_until(10).await;
        let mut sleep = std::pin::pin!(clock.sleep_until(20));
        clock.advance(9);
        assert!(futures_util::poll!(&mut sleep).is_pending());
        clock.advance(1);
        sleep.await;
        Clock::system().sleep_until(0).await;
    }

    #[test]
    fn timestamps_have_milliseconds_and_z() {
        assert_eq!(iso(1_731_760_496_789), "2024-11-16T12:34:56.789Z");
        assert_eq!(iso(1_731_760_496_000), "2024-11-16T12:34:56.000Z");
    }
}
