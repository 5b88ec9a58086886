//! Whether reports of a client may go out: when AICON fails for all of them, one at a time tries whether it is back.

use std::time::Duration;

use super::backoff::full_jitter;
use crate::config::UsageSettings;

/// One client's gate. Open until so many reports in a row have failed; then shut, but for one report after each pause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Gate {
    failures: u32,
    pauses: u32,
    shut_until: Option<i64>,
}

impl Gate {
    /// How many reports may be under way, of `most` at best.
    pub(super) fn admits(&self, now: i64, most: usize) -> usize {
        match self.shut_until {
            None => most,
            Some(until) if now >= until => 1,
            Some(_) => 0,
        }
    }

    /// When a report may go out again; absent while it is open.
    pub(super) fn opens_at(&self) -> Option<i64> {
        self.shut_until
    }

    /// AICON took a report, or gave a reason not to: it is there.
    pub(super) fn answered(&mut self) {
        *self = Self::default();
    }

    /// A report failed for a reason that passes. What AICON asked to be left alone for (`Retry-After`) it is.
    pub(super) fn failed(
        &mut self,
        now: i64,
        retry_after: Option<Duration>,
        settings: &UsageSettings,
        random: u64,
    ) {
        self.failures = self.failures.saturating_add(1);
        if let Some(wait) = retry_after {
            self.rest(now, wait);
        }
        // Those that were under way when it shut tell nothing new.
        let is_resting = self.shut_until.is_some_and(|until| now < until);
        if is_resting || self.failures < settings.failures_to_pause {
            return;
        }
        self.pauses = self.pauses.saturating_add(1);
        let (first, longest) = (settings.first_backoff, settings.longest_pause);
        let wait = full_jitter(first, longest, self.pauses, random).max(first.min(longest));
        self.rest(now, wait);
    }

    /// Shuts it for `wait`, or leaves it shut for longer.
    pub(super) fn rest(&mut self, now: i64, wait: Duration) {
        let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        let until = now.saturating_add(wait);
        self.shut_until = Some(self.shut_until.map_or(until, |before| before.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn failed(gate: &mut Gate, now: i64, times: u32) {
        for _ in 0..times {
            gate.failed(now, None, &UsageSettings::default(), u64::MAX);
        }
    }

    #[test]
    fn after_eight_failures_in_a_row_one_report_at_a_time_is_tried() {
        let mut gate = Gate::default();
        failed(&mut gate, 0, 7);
        assert_eq!(gate.admits(0, 8), 8);
        failed(&mut gate, 0, 1);
        assert_eq!(gate.admits(0, 8), 0);
        let opens = gate.opens_at().unwrap();
        assert!((500..=30_000).contains(&opens), "{opens}");
        // The rest of what was under way fails too, and does not lengthen the pause.
        failed(&mut gate, 1, 7);
        assert_eq!(gate.opens_at(), Some(opens));
        assert_eq!(gate.admits(opens, 8), 1);
        failed(&mut gate, opens, 1);
        assert_eq!(gate.admits(opens, 8), 0);
        gate.answered();
        assert_eq!((gate.admits(opens, 8), gate.opens_at()), (8, None));
    }

    #[test]
    fn one_that_is_answered_in_between_keeps_it_open() {
        let mut gate = Gate::default();
        for _ in 0..10 {
            failed(&mut gate, 0, 7);
            gate.answered();
        }
        assert_eq!(gate.admits(0, 8), 8);
    }

    #[test]
    fn it_stays_shut_for_as_long_as_aicon_asked() {
        let mut gate = Gate::default();
        let wait = Some(Duration::from_secs(120));
        gate.failed(1_000, wait, &UsageSettings::default(), 0);
        assert_eq!((gate.admits(120_999, 8), gate.admits(121_000, 8)), (0, 1));
    }

    proptest! {
        #[test]
        fn a_pause_is_never_longer_than_the_longest(randoms in prop::collection::vec(any::<u64>(), 1..40)) {
            let (mut gate, mut now) = (Gate::default(), 0);
            for random in randoms {
                gate.failed(now, None, &UsageSettings::default(), random);
                if let Some(opens) = gate.opens_at() {
                    prop_assert!(opens - now <= 30_000);
                    now = opens;
                }
            }
        }
    }
}
