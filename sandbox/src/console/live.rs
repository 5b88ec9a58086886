//! `GET /sandbox/live`: what the console shows of the uses, as server-sent events while it changes.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use aicon_protocol::id::UserId;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;

use crate::state::Sandbox;
use crate::text::{Lang, excerpt, grouped};
use crate::usage::{Known, Totals, Usages};

/// Uses on one page of the list.
pub(super) const PAGE: u64 = 20;

/// Users in the list, those with the highest cost.
const SHOWN_USERS: usize = 15;

/// The least time between two events to one console.
const PACE: Duration = Duration::from_millis(250);

/// How much of a prompt a row shows, and of a user's name.
const PROMPT_CHARS: usize = 120;
const USER_CHARS: usize = 80;

/// Texts by the place that shows them.
pub(super) type Fields = BTreeMap<&'static str, String>;

/// One console's worth of the book.
#[derive(Debug, Serialize)]
pub(super) struct Snapshot {
    pub(super) totals: Fields,
    pub(super) has_conflicts: bool,
    pub(super) users: Vec<Row>,
    /// The newest first.
    pub(super) uses: Vec<Row>,
}

/// A row, and what keeps it the same one.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) key: String,
    pub(super) fields: Fields,
}

pub(crate) async fn handle(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let lang = Lang::from_headers(&headers);
    let mut stopped = sandbox.stopped.clone();
    let events = stream::unfold(None, move |seen| {
        let sandbox = sandbox.clone();
        async move {
            let mut changes = match seen {
                None => sandbox.changed.subscribe(),
                Some(changes) => wait(changes).await?,
            };
            changes.mark_unchanged();
            let snapshot = Snapshot::newest(&sandbox.usages.lock(), lang);
            let event = Event::default()
                .event("state")
                .json_data(snapshot)
                .expect("texts and lists can be written as JSON");
            Some((Ok(event), Some(changes)))
        }
    });
    let end = async move { _ = stopped.wait_for(|stopped| *stopped).await };
    Sse::new(events.take_until(end)).keep_alive(KeepAlive::default())
}

type Changes = tokio::sync::watch::Receiver<()>;

/// `None` when nothing can change any more.
async fn wait(mut changes: Changes) -> Option<Changes> {
    tokio::time::sleep(PACE).await;
    changes.changed().await.ok()?;
    Some(changes)
}

impl Snapshot {
    /// With the first page of uses.
    pub(super) fn newest(usages: &Usages, lang: Lang) -> Self {
        Self::before(usages, u64::MAX, lang)
    }

    /// With the page of uses that ends before an ordinal.
    pub(super) fn before(usages: &Usages, ordinal: u64, lang: Lang) -> Self {
        let last = usages.recorded_count().min(ordinal.saturating_sub(1));
        let first = last.saturating_sub(PAGE) + 1;
        let summary = usages.summary();
        Self {
            totals: total_fields(usages, lang),
            has_conflicts: summary.conflicts > 0,
            users: top_users(usages),
            uses: usages.recorded(first, last).rev().map(use_row).collect(),
        }
    }
}

fn total_fields(usages: &Usages, lang: Lang) -> Fields {
    let summary = usages.summary();
    let Totals {
        count,
        sum_won,
        tokens_in,
        tokens_out,
    } = summary.totals;
    let resends = summary.tries.saturating_sub(summary.totals.count);
    Fields::from([
        ("count", grouped(count)),
        ("won", won(sum_won, lang)),
        ("tokens_in", grouped(tokens_in)),
        ("tokens_out", grouped(tokens_out)),
        ("users", grouped(summary.distinct_users)),
        ("resends", grouped(resends)),
        ("unrecorded", grouped(summary.unrecorded)),
        ("conflicts", grouped(summary.conflicts)),
    ])
}

/// An amount of money as people write it.
pub(crate) fn won(amount: u64, lang: Lang) -> String {
    let amount = grouped(amount);
    lang.pick(format!("{amount}원"), format!("₩{amount}"))
}

fn top_users(usages: &Usages) -> Vec<Row> {
    let mut users: Vec<_> = usages.users().iter().collect();
    if users.len() > SHOWN_USERS {
        users.select_nth_unstable_by(SHOWN_USERS, |a, b| by_cost(*a).cmp(&by_cost(*b)));
        users.truncate(SHOWN_USERS);
    }
    users.sort_unstable_by(|a, b| by_cost(*a).cmp(&by_cost(*b)));
    users
        .into_iter()
        .map(|(id, totals)| Row {
            key: id.as_str().to_owned(),
            fields: Fields::from([
                ("user", excerpt(id.as_str(), USER_CHARS)),
                ("count", grouped(totals.count)),
                ("tokens_in", grouped(totals.tokens_in)),
                ("tokens_out", grouped(totals.tokens_out)),
                ("won", grouped(totals.sum_won)),
            ]),
        })
        .collect()
}

/// The dearest first; by name where they are even, so that the order stands still.
fn by_cost<'a>((id, totals): (&'a UserId, &'a Totals)) -> (Reverse<u64>, &'a UserId) {
    (Reverse(totals.sum_won), id)
}

fn use_row(known: &Known) -> Row {
    let info = &known.usage.data_info;
    let tries = match known.conflicts {
        0 => grouped(known.tries),
        conflicts => format!("{} (≠ {})", grouped(known.tries), grouped(conflicts)),
    };
    Row {
        key: known.guid.to_string(),
        fields: Fields::from([
            (
                "ended",
                known.ended_at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            ),
            ("user", excerpt(known.usage.user_id.as_str(), USER_CHARS)),
            (
                "prompt",
                excerpt(&known.usage.parameter_info.input_content, PROMPT_CHARS),
            ),
            ("tokens_in", grouped(info.token_in)),
            ("tokens_out", grouped(info.token_out)),
            ("won", grouped(info.amount_for_settlement)),
            ("status", info.response_code.to_string()),
            ("tries", tries),
            ("guid", known.guid.to_string()),
        ]),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::usage::{check, sample};

    fn usages(users: usize, uses: usize) -> Usages {
        let mut usages = Usages::default();
        for n in 0..uses {
            let mut usage = sample();
            usage.user_id = UserId::new(format!("user-{:04}", n % users));
            usage.data_info.usage_guid = Uuid::new_v4().to_string();
            usage.data_info.amount_for_settlement = n as u64;
            let checked = check(&usage).unwrap();
            let usage = Arc::new(usage);
            usages.note_try(&usage, checked, "/p", Timestamp::UNIX_EPOCH);
            usages.record(usage, checked, Timestamp::UNIX_EPOCH);
        }
        usages
    }

    #[test]
    fn a_snapshot_stays_small_and_begins_with_the_newest_and_the_dearest() {
        let snapshot = Snapshot::newest(&usages(300, 3000), Lang::En);
        assert_eq!(snapshot.uses.len() as u64, PAGE);
        assert_eq!(snapshot.uses[0].fields["won"], "2,999");
        assert_eq!(snapshot.users.len(), SHOWN_USERS);
        assert_eq!(snapshot.users[0].key, "user-0299");
        assert_eq!(snapshot.totals["users"], "300");
        assert!(serde_json::to_string(&snapshot).unwrap().len() < 64 << 10);
    }

    #[test]
    fn a_page_before_an_ordinal_ends_there() {
        let usages = usages(1, 120);
        let older = Snapshot::before(&usages, 71, Lang::Ko);
        assert_eq!(older.uses[0].fields["won"], "69");
        assert_eq!(older.uses.len() as u64, PAGE);
        assert_eq!(Snapshot::before(&usages, 6, Lang::Ko).uses.len(), 5);
        assert_eq!(Snapshot::before(&usages, 0, Lang::Ko).uses.len(), 0);
    }
}
