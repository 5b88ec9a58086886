//! What goes wrong with record usage: by percentage and seed, by user, for a while.

mod change;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fastrand::Rng;
use serde::{Deserialize, Serialize};

use change::duration;

pub(crate) use change::{RecordFaultChange, RecordFaultError};

/// A fault that is drawn by its percentage. One call has one of them at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fault {
    /// 500; not recorded.
    Error,
    /// 429 with `Retry-After` in seconds; not recorded.
    TooManyRequests,
    /// Never answered; not recorded.
    Timeout,
    /// Recorded, then the connection closes without an answer.
    LostAnswer,
    /// Recorded, then never answered.
    CommitTimeout,
    /// Recorded; 200 with a body that is no JSON.
    Garbage,
    /// 200 with the page of a proxy in between; not recorded.
    GarbageUncommitted,
    /// The connection is reset; not recorded.
    Reset,
}

impl Fault {
    pub(crate) const ALL: [Self; 8] = [
        Self::Error,
        Self::TooManyRequests,
        Self::Timeout,
        Self::LostAnswer,
        Self::CommitTimeout,
        Self::Garbage,
        Self::GarbageUncommitted,
        Self::Reset,
    ];

    /// As in JSON and flags.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::TooManyRequests => "too_many_requests",
            Self::Timeout => "timeout",
            Self::LostAnswer => "lost_answer",
            Self::CommitTimeout => "commit_timeout",
            Self::Garbage => "garbage",
            Self::GarbageUncommitted => "garbage_uncommitted",
            Self::Reset => "reset",
        }
    }
}

/// The faults as set. The fields' names are those of `/sandbox/faults` (below `record_usage`) and of `--fault`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct RecordFaults {
    /// Where the draws start. The n-th call after it was set meets the n-th draw, whichever use it is about.
    pub(crate) seed: u64,
    /// Percent of the calls that meet each fault; together 100 at most.
    pub(crate) percent: BTreeMap<Fault, f64>,
    /// Seconds in the `Retry-After` of a 429.
    pub(crate) retry_after_s: u64,
    /// Percent of the calls that are answered later, drawn on its own, whatever fault they meet.
    pub(crate) delay_percent: f64,
    /// Milliseconds by which they are later.
    pub(crate) delay_ms: u64,
    /// Users whose uses are refused for good.
    pub(crate) refuse_users: Vec<String>,
    /// The 4xx with which they are refused.
    pub(crate) refuse_status: u16,
}

/// What happens to one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Draw {
    pub(crate) delay: Option<Duration>,
    pub(crate) outcome: Outcome,
}

/// See [`Draw`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Recorded and answered.
    Fine,
    /// As drawn.
    Fault(Fault),
    /// Refused with this status because of the user.
    Refused(u16),
    /// The connection is reset: AICON is away.
    Outage,
}

/// Settings, and what moves under them.
pub(crate) struct FaultSource {
    settings: RecordFaults,
    rng: Rng,
    outage_until: Option<Instant>,
}

impl FaultSource {
    /// From the flags, each `NAME=VALUE`.
    ///
    /// # Errors
    ///
    /// When one makes no sense.
    pub(crate) fn from_flags(flags: &[String], now: Instant) -> Result<Self, RecordFaultError> {
        let mut source = Self {
            settings: RecordFaults::default(),
            rng: Rng::with_seed(0),
            outage_until: None,
        };
        source.apply(&RecordFaultChange::from_flags(flags)?, now)?;
        Ok(source)
    }

    pub(crate) fn settings(&self) -> &RecordFaults {
        &self.settings
    }

    /// Seconds for which the outage goes on.
    pub(crate) fn outage_s(&self, now: Instant) -> f64 {
        self.outage_until.map_or(0.0, |until| {
            until.saturating_duration_since(now).as_secs_f64()
        })
    }

    /// Changes all that is named, or nothing.
    ///
    /// # Errors
    ///
    /// When the change makes no sense.
    pub(crate) fn apply(
        &mut self,
        change: &RecordFaultChange,
        now: Instant,
    ) -> Result<(), RecordFaultError> {
        let settings = change.applied_to(&self.settings)?;
        let outage = change
            .outage_s
            .map(|seconds| duration("outage_s", seconds))
            .transpose()?;
        if change.clear || change.seed.is_some() {
            self.rng = Rng::with_seed(settings.seed);
        }
        if change.clear {
            self.outage_until = None;
        }
        if let Some(outage) = outage {
            self.outage_until = (!outage.is_zero()).then(|| now + outage);
        }
        self.settings = settings;
        Ok(())
    }

    /// Decides about a call.
    pub(crate) fn draw(&mut self, user: &str, now: Instant) -> Draw {
        // Drawn each time, so that the n-th call's luck does not depend on what was switched on before.
        let (delay_at, fault_at) = (self.rng.f64() * 100.0, self.rng.f64() * 100.0);
        let settings = &self.settings;
        let is_late = settings.delay_ms > 0 && delay_at < settings.delay_percent;
        let outcome = if self.outage_until.is_some_and(|until| now < until) {
            Outcome::Outage
        } else if settings.refuse_users.iter().any(|refused| refused == user) {
            Outcome::Refused(settings.refuse_status)
        } else {
            settings
                .fault_at(fault_at)
                .map_or(Outcome::Fine, Outcome::Fault)
        };
        Draw {
            delay: is_late.then(|| Duration::from_millis(settings.delay_ms)),
            outcome,
        }
    }
}

impl Default for RecordFaults {
    fn default() -> Self {
        Self {
            seed: 0,
            percent: Fault::ALL.map(|fault| (fault, 0.0)).into(),
            retry_after_s: 1,
            delay_percent: 100.0,
            delay_ms: 0,
            refuse_users: Vec::new(),
            refuse_status: 422,
        }
    }
}

impl RecordFaults {
    /// The fault in whose share of 0 to 100 the point lies.
    fn fault_at(&self, point: f64) -> Option<Fault> {
        let mut end = 0.0;
        self.percent.iter().find_map(|(&fault, &percent)| {
            end += percent;
            (point < end).then_some(fault)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(flags: &[&str]) -> FaultSource {
        let flags: Vec<String> = flags.iter().map(|&flag| flag.to_owned()).collect();
        FaultSource::from_flags(&flags, Instant::now()).unwrap()
    }

    fn outcomes(source: &mut FaultSource, calls: usize) -> Vec<Outcome> {
        let now = Instant::now();
        (0..calls)
            .map(|_| source.draw("demo", now).outcome)
            .collect()
    }

    #[test]
    fn nothing_is_wrong_unless_it_is_asked_for() {
        assert!(
            outcomes(&mut source(&[]), 1000)
                .iter()
                .all(|outcome| *outcome == Outcome::Fine)
        );
    }

    #[test]
    fn a_seed_repeats_its_run_and_another_one_does_not() {
        let flags = ["error=20", "lost_answer=20", "seed=7"];
        let first = outcomes(&mut source(&flags), 200);
        assert_eq!(outcomes(&mut source(&flags), 200), first);
        assert_ne!(
            outcomes(&mut source(&["error=20", "lost_answer=20", "seed=8"]), 200),
            first
        );
    }

    #[test]
    fn each_fault_gets_its_share() {
        let mut source = source(&["error=50", "reset=10", "commit_timeout=5"]);
        let drawn = outcomes(&mut source, 20_000);
        for (fault, share) in [
            (Fault::Error, 0.5),
            (Fault::Reset, 0.1),
            (Fault::CommitTimeout, 0.05),
            (Fault::Timeout, 0.0),
        ] {
            let count = drawn
                .iter()
                .filter(|outcome| **outcome == Outcome::Fault(fault))
                .count();
            let got = f64::from(u32::try_from(count).unwrap()) / 20_000.0;
            assert!((got - share).abs() < 0.02, "{fault:?}: {got}");
        }
    }

    #[test]
    fn a_hundred_percent_leaves_no_call_out() {
        let drawn = outcomes(&mut source(&["error=99.9", "reset=0.1"]), 5000);
        assert!(!drawn.contains(&Outcome::Fine));
    }

    #[test]
    fn an_outage_ends_by_itself() {
        let now = Instant::now();
        let mut source = FaultSource::from_flags(&["outage_s=10".to_owned()], now).unwrap();
        assert_eq!(source.draw("demo", now).outcome, Outcome::Outage);
        let later = now + Duration::from_secs(10);
        assert_eq!(source.draw("demo", later).outcome, Outcome::Fine);
    }

    #[test]
    fn a_refused_user_does_not_touch_the_others() {
        let mut source = source(&["refuse_user=a", "refuse_user=b", "refuse_status=403"]);
        let now = Instant::now();
        assert_eq!(source.draw("b", now).outcome, Outcome::Refused(403));
        assert_eq!(source.draw("c", now).outcome, Outcome::Fine);
    }

    #[test]
    fn nonsense_is_refused_and_changes_nothing() {
        for wrong in [
            "error=101",
            "error=-1",
            "error=NaN",
            "error=x",
            "nothing=1",
            "error",
            "refuse_status=500",
            "outage_s=1e9",
            "delay_ms=99999999999",
        ] {
            assert!(
                FaultSource::from_flags(&[wrong.to_owned()], Instant::now()).is_err(),
                "{wrong}"
            );
        }
        let mut source = source(&["error=60"]);
        let before = source.settings().clone();
        let change = serde_json::from_str(r#"{"seed":9,"percent":{"reset":41}}"#).unwrap();
        assert_eq!(
            source.apply(&change, Instant::now()),
            Err(RecordFaultError::Sum(101.0))
        );
        assert_eq!(*source.settings(), before);
    }

    #[test]
    fn clear_leaves_only_what_comes_with_it() {
        let mut source = source(&["error=60", "outage_s=60", "seed=4"]);
        let change = serde_json::from_str(r#"{"clear":true,"percent":{"reset":1}}"#).unwrap();
        source.apply(&change, Instant::now()).unwrap();
        assert_eq!(source.outage_s(Instant::now()), 0.0);
        assert_eq!(source.settings().percent[&Fault::Error], 0.0);
        assert_eq!(source.settings().percent[&Fault::Reset], 1.0);
    }
}
