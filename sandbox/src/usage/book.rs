//! The uses that AICON knows, by GUID, with their sums. Each call costs the same however many there are.

use std::collections::HashMap;
use std::sync::Arc;

use aicon_protocol::aicon::RecordUsage;
use aicon_protocol::id::{ClientId, UserId};
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Serialize;
use uuid::Uuid;

use super::check::Checked;

/// How many conflicts are kept; all are counted.
const KEPT_CONFLICTS: usize = 1000;

/// A use, from its first try on.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) guid: Uuid,
    /// As it was recorded, or as it was first tried; without the client secret.
    pub(crate) usage: Arc<RecordUsage>,
    /// When the use ended, by its own account: UTC, whole seconds.
    pub(crate) ended_at: DateTime,
    /// On which path it came first.
    pub(crate) path: String,
    /// Calls of right shape and secret about it, whatever came of them.
    pub(crate) tries: u64,
    /// Calls whose body differed from the first one's; a provider that does that has a fault.
    pub(crate) conflicts: u64,
    /// `None` while no call came through.
    pub(crate) record: Option<Record>,
}

/// That a use was recorded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    /// From 1, in the order of recording.
    pub(crate) ordinal: u64,
    /// When it was recorded.
    pub(crate) received_at: Timestamp,
    /// How often it was to be recorded again, which had no effect.
    pub(crate) repeats: u64,
}

/// A [`Known`] as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct UsageView<'a> {
    usage: &'a RecordUsage,
    path: &'a str,
    tries: u64,
    conflicts: u64,
    recorded: bool,
    ordinal: Option<u64>,
    received_at: Option<Timestamp>,
    repeats: u64,
}

/// Two bodies about one GUID.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Conflict {
    /// When the second one came.
    pub(crate) at: Timestamp,
    /// The body known before.
    pub(crate) first: RecordUsage,
    /// The body that differs.
    pub(crate) then: RecordUsage,
}

/// Recorded uses, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    pub(crate) count: u64,
    pub(crate) sum_won: u64,
    pub(crate) tokens_in: u64,
    pub(crate) tokens_out: u64,
}

/// `/sandbox/summary`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Summary {
    /// Of all recorded uses.
    #[serde(flatten)]
    pub(crate) totals: Totals,
    /// GUIDs seen, recorded or not.
    pub(crate) distinct_guids: u64,
    /// GUIDs seen of which no call came through.
    pub(crate) unrecorded: u64,
    /// Users with a recorded use.
    pub(crate) distinct_users: u64,
    /// Calls of right shape and secret.
    pub(crate) tries: u64,
    /// Calls that would have recorded a recorded use again.
    pub(crate) repeats: u64,
    /// Calls with a known GUID and another body.
    pub(crate) conflicts: u64,
    /// By client ID.
    pub(crate) clients: HashMap<ClientId, Totals>,
}

/// Uses by their GUID, and in the order of recording.
#[derive(Default)]
pub(crate) struct Usages {
    known: Vec<Known>,
    by_guid: HashMap<Uuid, usize>,
    recorded: Vec<usize>,
    conflicts: Vec<Conflict>,
    totals: Totals,
    users: HashMap<UserId, Totals>,
    clients: HashMap<ClientId, Totals>,
    tries: u64,
    repeats: u64,
    conflict_count: u64,
}

impl Usages {
    /// Counts a call about a use, before it is known what comes of it.
    pub(crate) fn note_try(
        &mut self,
        usage: &Arc<RecordUsage>,
        checked: Checked,
        path: &str,
        at: Timestamp,
    ) {
        self.tries += 1;
        let Some(&index) = self.by_guid.get(&checked.guid) else {
            self.by_guid.insert(checked.guid, self.known.len());
            self.known.push(Known {
                guid: checked.guid,
                usage: usage.clone(),
                ended_at: checked.ended_at,
                path: path.to_owned(),
                tries: 1,
                conflicts: 0,
                record: None,
            });
            return;
        };
        let known = &mut self.known[index];
        known.tries += 1;
        if is_same_use(&known.usage, usage) {
            return;
        }
        known.conflicts += 1;
        self.conflict_count += 1;
        if self.conflicts.len() < KEPT_CONFLICTS {
            self.conflicts.push(Conflict {
                at,
                first: known.usage.as_ref().clone(),
                then: usage.as_ref().clone(),
            });
        }
    }

    /// Records a use that was tried, or counts a repeat when it is recorded.
    pub(crate) fn record(&mut self, usage: Arc<RecordUsage>, checked: Checked, at: Timestamp) {
        let Some(&index) = self.by_guid.get(&checked.guid) else {
            return;
        };
        let known = &mut self.known[index];
        if let Some(record) = &mut known.record {
            record.repeats += 1;
            self.repeats += 1;
            return;
        }
        self.recorded.push(index);
        known.record = Some(Record {
            ordinal: self.recorded.len() as u64,
            received_at: at,
            repeats: 0,
        });
        known.ended_at = checked.ended_at;
        self.totals.add(&usage);
        entry(&mut self.users, &usage.user_id).add(&usage);
        entry(&mut self.clients, &usage.client_id).add(&usage);
        known.usage = usage;
    }

    /// The use of a GUID.
    pub(crate) fn get(&self, guid: Uuid) -> Option<&Known> {
        self.by_guid.get(&guid).map(|&index| &self.known[index])
    }

    /// How many are recorded, which is the newest one's ordinal.
    pub(crate) fn recorded_count(&self) -> u64 {
        self.recorded.len() as u64
    }

    /// Recorded uses with `first <= ordinal <= last`, in the order of recording; either end may be out of range.
    pub(crate) fn recorded(
        &self,
        first: u64,
        last: u64,
    ) -> impl DoubleEndedIterator<Item = &Known> + ExactSizeIterator {
        let len = self.recorded.len();
        let end = usize::try_from(last).map_or(len, |last| last.min(len));
        let start = usize::try_from(first.saturating_sub(1)).map_or(end, |start| start.min(end));
        self.recorded[start..end]
            .iter()
            .map(|&index| &self.known[index])
    }

    /// The conflicts kept, oldest first.
    pub(crate) fn conflicts(&self) -> &[Conflict] {
        &self.conflicts
    }

    /// What each user has spent.
    pub(crate) fn users(&self) -> &HashMap<UserId, Totals> {
        &self.users
    }

    pub(crate) fn summary(&self) -> Summary {
        Summary {
            totals: self.totals,
            distinct_guids: self.known.len() as u64,
            unrecorded: (self.known.len() - self.recorded.len()) as u64,
            distinct_users: self.users.len() as u64,
            tries: self.tries,
            repeats: self.repeats,
            conflicts: self.conflict_count,
            clients: self.clients.clone(),
        }
    }
}

impl Known {
    pub(crate) fn view(&self) -> UsageView<'_> {
        UsageView {
            usage: &self.usage,
            path: &self.path,
            tries: self.tries,
            conflicts: self.conflicts,
            recorded: self.record.is_some(),
            ordinal: self.record.map(|record| record.ordinal),
            received_at: self.record.map(|record| record.received_at),
            repeats: self.record.map_or(0, |record| record.repeats),
        }
    }
}

impl Totals {
    fn add(&mut self, usage: &RecordUsage) {
        let info = &usage.data_info;
        self.count += 1;
        // One amount is checked; sums and tokens of a hostile provider stop at the end of the range.
        self.sum_won = self.sum_won.saturating_add(info.amount_for_settlement);
        self.tokens_in = self.tokens_in.saturating_add(info.token_in);
        self.tokens_out = self.tokens_out.saturating_add(info.token_out);
    }
}

/// Looks before it clones the key: nearly always it is there.
fn entry<'a, K: Clone + Eq + std::hash::Hash>(
    totals: &'a mut HashMap<K, Totals>,
    key: &K,
) -> &'a mut Totals {
    if !totals.contains_key(key) {
        totals.insert(key.clone(), Totals::default());
    }
    totals.get_mut(key).expect("it was put in just now")
}

/// The GUID is compared as the UUID it is: it led here, in whatever case it was written.
fn is_same_use(one: &RecordUsage, other: &RecordUsage) -> bool {
    let (a, b) = (&one.data_info, &other.data_info);
    one.user_id == other.user_id
        && one.client_id == other.client_id
        && one.parameter_info == other.parameter_info
        && a.amount_for_settlement == b.amount_for_settlement
        && a.timestamp_start_string == b.timestamp_start_string
        && a.timestamp_end_string == b.timestamp_end_string
        && (a.token_in, a.token_out, a.response_code) == (b.token_in, b.token_out, b.response_code)
}

#[cfg(test)]
mod tests {
    use super::super::check::check;
    use super::super::sample as usage;
    use super::*;

    fn note(usages: &mut Usages, usage: &RecordUsage, is_recorded: bool) {
        let checked = check(usage).unwrap();
        let usage = Arc::new(usage.clone());
        usages.note_try(&usage, checked, "/p", Timestamp::UNIX_EPOCH);
        if is_recorded {
            usages.record(usage, checked, Timestamp::UNIX_EPOCH);
        }
    }

    #[test]
    fn a_repeat_is_counted_and_a_different_one_is_a_conflict() {
        let mut usages = Usages::default();
        for _ in 0..2 {
            note(&mut usages, &usage(), true);
        }
        let mut other = usage();
        other.data_info.amount_for_settlement = 150;
        note(&mut usages, &other, true);
        let summary = usages.summary();
        assert_eq!((summary.totals.count, summary.totals.sum_won), (1, 100));
        assert_eq!(
            (summary.tries, summary.repeats, summary.conflicts),
            (3, 2, 1)
        );
        let [conflict] = usages.conflicts() else {
            panic!("one conflict is kept")
        };
        assert_eq!(conflict.first, usage());
        assert_eq!(conflict.then, other);
    }

    #[test]
    fn a_try_that_failed_counts_and_its_body_counts_for_conflicts() {
        let mut usages = Usages::default();
        note(&mut usages, &usage(), false);
        let mut other = usage();
        other.parameter_info.output_content = "other".to_owned();
        assert_eq!(usages.summary().unrecorded, 1);
        note(&mut usages, &other, true);
        let summary = usages.summary();
        assert_eq!(
            (summary.tries, summary.unrecorded, summary.conflicts),
            (2, 0, 1)
        );
        let known = usages.recorded(1, u64::MAX).next().unwrap();
        assert_eq!(known.usage.parameter_info.output_content, "other");
    }

    #[test]
    fn a_guid_in_capitals_is_the_same_guid() {
        let mut usages = Usages::default();
        note(&mut usages, &usage(), true);
        let mut capitals = usage();
        capitals.data_info.usage_guid.make_ascii_uppercase();
        note(&mut usages, &capitals, true);
        assert_eq!(usages.recorded_count(), 1);
        assert_eq!(usages.summary().conflicts, 0);
    }

    #[test]
    fn spans_out_of_range_are_cut() {
        let mut usages = Usages::default();
        for _ in 0..3 {
            let mut usage = usage();
            usage.data_info.usage_guid = Uuid::new_v4().to_string();
            note(&mut usages, &usage, true);
        }
        for (first, last, expected) in [
            (1, 3, 3),
            (0, u64::MAX, 3),
            (2, 2, 1),
            (4, 9, 0),
            (3, 1, 0),
            (u64::MAX, 0, 0),
        ] {
            assert_eq!(
                usages.recorded(first, last).len(),
                expected,
                "{first} {last}"
            );
        }
    }
}
