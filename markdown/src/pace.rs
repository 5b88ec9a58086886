//! How fast a text grows.

/// Bytes a second that nobody reads any more: some hundred times as much as people do.
const UNREADABLE: f64 = 4.0 * 1024.0;
/// A jump of so many bytes is no pace: models and proxies send a few words, or a sentence, at once.
const JUMP: f64 = 512.0;

/// A bucket that each growth fills and that empties at the pace above.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    length: usize,
    level: f64,
    /// Milliseconds.
    seen: f64,
}

impl Pace {
    /// Of a text that has so many bytes already: they did not grow.
    pub(crate) fn of(length: usize) -> Self {
        Self {
            length,
            ..Self::default()
        }
    }

    /// Notes the text's length in bytes at a time in milliseconds; answers whether it grows faster than anyone reads. What
    /// is there when it is first noted did not grow.
    pub(crate) fn is_unreadable(&mut self, length: usize, now: f64) -> bool {
        if self.length == 0 {
            self.length = length;
        }
        // A clock that was set back is none that has run.
        let elapsed = (now - self.seen).max(0.0);
        let grown = length.saturating_sub(self.length) as f64;
        let left = (self.level - elapsed / 1000.0 * UNREADABLE).max(0.0);
        // What comes in one long jump is over with it.
        self.level = (left + grown).min(2.0 * JUMP);
        (self.length, self.seen) = (length, now);
        self.level > JUMP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often a text is unreadable that grows by so many bytes each `every` milliseconds for ten seconds.
    fn unreadable(bytes: usize, every: f64) -> usize {
        let mut pace = Pace::default();
        let count = (10_000.0 / every) as usize;
        (1..=count)
            .filter(|i| pace.is_unreadable(i * bytes, 1.7e12 + *i as f64 * every))
            .count()
    }

    #[test]
    fn a_models_pace_is_readable_however_it_is_cut() {
        assert_eq!(unreadable(10, 10.0), 0, "a hundred deltas a second");
        assert_eq!(unreadable(34, 17.0), 0, "the same in frames");
        assert_eq!(unreadable(300, 300.0), 0, "the same in sentences");
    }

    #[test]
    fn a_flying_text_is_unreadable_all_the_time() {
        let frames = 10_000 / 17;
        assert!(unreadable(340, 17.0) > frames - 5);
        assert!(unreadable(20_000, 17.0) > frames - 5);
    }

    #[test]
    fn a_text_that_stops_is_readable_soon() {
        let mut pace = Pace::of(1);
        assert!(pace.is_unreadable(1 << 20, 10.0));
        assert!(!pace.is_unreadable(1 << 20, 260.0));
    }

    #[test]
    fn what_is_there_at_first_did_not_grow() {
        assert!(!Pace::of(1 << 20).is_unreadable(1 << 20, 5.0));
        assert!(!Pace::default().is_unreadable(1 << 20, 5.0));
    }
}
