//! The current time, injected, so that tests can move it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Source of the current time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `milliseconds` since the epoch until it is moved by [`Clock::advance`].
    pub fn manual(milliseconds: i64) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(milliseconds))))
    }

    /// Moves a manual clock, and all its clones. The machine's clock stays as it is.
    pub fn advance(&self, milliseconds: i64) {
        if let Source::Manual(now) = &self.0 {
            now.fetch_add(milliseconds, Ordering::SeqCst);
        }
    }

    /// Milliseconds since the epoch.
    pub fn now(&self) -> i64 {
        match &self.0 {
            Source::System => Timestamp::now().as_millisecond(),
            Source::Manual(now) => now.load(Ordering::SeqCst),
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

    #[test]
    fn timestamps_have_milliseconds_and_z() {
        assert_eq!(iso(1_731_760_496_789), "2024-11-16T12:34:56.789Z");
        assert_eq!(iso(1_731_760_496_000), "2024-11-16T12:34:56.000Z");
    }
}
