//! One client's reports: claim, send, mark, until nothing is due.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use aicon_protocol::id::ClientId;
use tokio::sync::{Notify, watch};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use super::backoff::{full_jitter, random};
use super::gate::Gate;
use super::report::Reporter;
use super::results::Results;
use super::verdict::Verdict;
use crate::config::UsageSettings;
use crate::metrics::Metrics;
use crate::store::{Claim, Delivered, Store};

/// Rows claimed at once, as a multiple of those that may be under way, so that these are kept busy.
const CLAIMS_PER_SENDER: u32 = 4;

/// What a claim holds a row for beyond the time in which all that is claimed with it can be sent, each taking its whole
/// time limit. With the default limit of 10 s a claim holds for a minute.
const LEASE_MARGIN: Duration = Duration::from_secs(20);

/// Bytes of prompts and answers at hand, beyond which nothing more is claimed.
const BYTES_AT_HAND: usize = 16 * 1024 * 1024;

/// Rows with more bytes than this are claimed one by one.
const LARGE: usize = 256 * 1024;

/// How long a lane rests when the store fails, or when nothing can be sent.
const REST: Duration = Duration::from_secs(1);

/// How long reports under way may take to end when the server stops.
const LAST_REPORTS: Duration = Duration::from_secs(2);

/// What a lane needs.
#[derive(Clone, Debug)]
pub(super) struct Context {
    pub(super) store: Store,
    pub(super) metrics: Arc<Metrics>,
    pub(super) reporter: Reporter,
    pub(super) settings: UsageSettings,
    pub(super) stop: watch::Receiver<bool>,
}

/// A row that waits for its turn.
struct Waiting {
    claim: Claim,
    bytes: usize,
    lapses: Instant,
}

/// A row under way.
struct UnderWay {
    seq: u64,
    attempts: u32,
    bytes: usize,
    guid: String,
}

pub(super) struct Lane {
    context: Context,
    client: ClientId,
    gate: Gate,
    more: Arc<Notify>,
    waiting: VecDeque<Waiting>,
    sending: JoinSet<Verdict>,
    under_way: HashMap<Id, UnderWay>,
    results: Results,
    next_claim: usize,
    is_dry: bool,
}

impl Lane {
    /// `more` says that there may be rows again while others are under way.
    pub(super) fn new(context: Context, client: ClientId, gate: Gate, more: Arc<Notify>) -> Self {
        Self {
            context,
            client,
            gate,
            more,
            waiting: VecDeque::new(),
            sending: JoinSet::new(),
            under_way: HashMap::new(),
            results: Results::default(),
            next_claim: 1,
            is_dry: false,
        }
    }

    /// Reports what is due; ends when nothing is, when the gate is shut, or when the server stops.
    pub(super) async fn run(mut self) -> (ClientId, Gate) {
        let mut stop = self.context.stop.clone();
        let more = self.more.clone();
        while !*stop.borrow() {
            self.fill().await;
            if self.sending.is_empty() {
                break;
            }
            let group = self.results.due();
            tokio::select! {
                Some(sent) = self.sending.join_next_with_id() => self.settle(sent),
                () = sleep_until(group) => self.mark().await,
                () = more.notified() => self.is_dry = false,
                () = stopped(&mut stop) => break,
            }
            while let Some(sent) = self.sending.try_join_next_with_id() {
                self.settle(sent);
            }
            if self.results.are_many() {
                self.mark().await;
            }
        }
        self.end().await;
        (self.client, self.gate)
    }

    /// Claims and sends until so many are under way as may be, or nothing is due.
    async fn fill(&mut self) {
        loop {
            self.start();
            let now = self.context.reporter.clock.now();
            let admitted = self
                .gate
                .admits(now, self.context.settings.concurrency_per_client);
            let at_hand: usize = self.under_way.values().map(|row| row.bytes).sum();
            let is_full = self.under_way.len() >= admitted || at_hand >= BYTES_AT_HAND;
            if is_full || self.is_dry {
                return;
            }
            self.claim(now, if admitted == 1 { 1 } else { self.next_claim })
                .await;
        }
    }

    /// Claims `limit` rows. Begins with one and takes more with each claim, as long as they are small.
    async fn claim(&mut self, now: i64, limit: usize) {
        let lease = self.context.settings.timeout * CLAIMS_PER_SENDER + LEASE_MARGIN;
        let lapses = Instant::now() + lease;
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let store = &self.context.store;
        let claims = match store.claim(&self.client, now, lease, limit).await {
            Ok(claims) => claims,
            Err(error) => {
                tracing::error!(client.id = %self.client, %error, "failed to claim reports");
                self.gate.rest(now, REST);
                self.is_dry = true;
                return;
            }
        };
        self.is_dry = claims.is_empty();
        let waiting = claims.into_iter().map(|claim| Waiting {
            bytes: claim.row.input.len() + claim.row.content.len(),
            claim,
            lapses,
        });
        self.waiting.extend(waiting);
        let is_large = self.waiting.iter().any(|row| row.bytes > LARGE);
        let most = self.context.settings.concurrency_per_client * CLAIMS_PER_SENDER as usize;
        self.next_claim = if is_large {
            1
        } else {
            (self.next_claim * 2).min(most)
        };
    }

    /// Sends as many as may be under way.
    fn start(&mut self) {
        let now = self.context.reporter.clock.now();
        let most = self.context.settings.concurrency_per_client;
        let admitted = self.gate.admits(now, most);
        while self.sending.len() < admitted {
            let Some(Waiting {
                claim,
                bytes,
                lapses,
            }) = self.waiting.pop_front()
            else {
                break;
            };
            if Instant::now() + self.context.settings.timeout >= lapses {
                // Another replica may have it before the answer is there.
                self.results.push(claim.row.seq, Delivered::Release);
                continue;
            }
            let row = UnderWay {
                seq: claim.row.seq,
                attempts: claim.attempts,
                bytes,
                guid: claim.row.guid.as_str().to_owned(),
            };
            let reporter = self.context.reporter.clone();
            let task = self
                .sending
                .spawn(async move { reporter.send(claim.row).await });
            self.under_way.insert(task.id(), row);
        }
        if admitted == 0 {
            self.release_waiting();
        }
    }

    /// Takes a verdict to the row and to the gate.
    fn settle(&mut self, sent: Result<(Id, Verdict), JoinError>) {
        let (id, verdict) = match sent {
            Ok(sent) => sent,
            // A report that panics is one that was not sent; its lease would lapse otherwise.
            Err(error) => (error.id(), Verdict::Unsent),
        };
        let Some(row) = self.under_way.remove(&id) else {
            return;
        };
        let now = self.context.reporter.clock.now();
        self.context.metrics.delivery(verdict.word());
        match verdict {
            Verdict::Delivered => {
                self.gate.answered();
                self.results.push(row.seq, Delivered::Done { at: now });
            }
            Verdict::Again { error, retry_after } => {
                let settings = &self.context.settings;
                self.gate.failed(now, retry_after, settings, random());
                let tries = row.attempts.saturating_add(1);
                let wait = full_jitter(
                    settings.first_backoff,
                    settings.longest_backoff,
                    tries,
                    random(),
                )
                .max(retry_after.unwrap_or_default());
                let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
                if tries == 1 {
                    tracing::warn!(usage.guid = row.guid, client.id = %self.client, %error, "report failed, sent again later");
                }
                let next_at = now.saturating_add(wait);
                self.results
                    .push(row.seq, Delivered::Again { next_at, error });
            }
            Verdict::Park { reason } => {
                self.gate.answered();
                tracing::error!(usage.guid = row.guid, client.id = %self.client, %reason, "report parked: AICON refuses it");
                self.results.push(row.seq, Delivered::Park { reason });
            }
            Verdict::Unsent => {
                self.gate.rest(now, REST);
                self.results.push(row.seq, Delivered::Release);
            }
        }
    }

    fn release_waiting(&mut self) {
        while let Some(waiting) = self.waiting.pop_front() {
            self.results.push(waiting.claim.row.seq, Delivered::Release);
        }
    }

    async fn mark(&mut self) {
        if let Err(error) = self.results.mark(&self.context.store).await {
            tracing::error!(client.id = %self.client, %error, "failed to mark reports, they will be sent again");
            self.gate.rest(self.context.reporter.clock.now(), REST);
        }
    }

    /// Gives back what was not sent, and what cannot be waited for.
    async fn end(&mut self) {
        self.release_waiting();
        let deadline = Instant::now() + LAST_REPORTS;
        while let Ok(Some(sent)) =
            tokio::time::timeout_at(deadline, self.sending.join_next_with_id()).await
        {
            self.settle(sent);
        }
        self.sending.abort_all();
        for (_, row) in std::mem::take(&mut self.under_way) {
            self.results.push(row.seq, Delivered::Release);
        }
        self.mark().await;
    }
}

/// Waits until the server stops.
pub(super) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A sender that is gone has stopped as well.
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
