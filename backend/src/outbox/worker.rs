//! Who has reports that are due, and when to look again.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use aicon_protocol::id::ClientId;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::gate::Gate;
use super::lane::{Context, Lane, stopped};
use super::report::Reporter;
use crate::app::App;
use crate::clock::Clock;

/// Longest sleep: by then the command line may have taken a row out of parking, or a replica's leases may have lapsed.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);

/// Longest sleep while a client that has rows cannot be served: another one's row may fall due meanwhile.
const BLOCKED_SLEEP: Duration = Duration::from_secs(1);

/// Shortest time between two looks, however many uses end meanwhile.
const SHORTEST_SLEEP: Duration = Duration::from_millis(20);

/// A running worker.
#[derive(Debug)]
pub struct Outbox {
    stop: watch::Sender<bool>,
    worker: Option<tokio::task::JoinHandle<()>>,
}

/// Starts reporting. Without AICON's endpoint nothing can be reported: uses are kept until there is one.
pub fn run(app: &App) -> Outbox {
    let (stop, stopped) = watch::channel(false);
    let Some(endpoint) = app.settings.aicon.record_usage_url() else {
        return Outbox { stop, worker: None };
    };
    let context = Context {
        store: app.store.clone(),
        metrics: app.metrics.clone(),
        reporter: Reporter {
            client: app.http.clone(),
            endpoint: endpoint.into(),
            clients: app.clients.clone(),
            time_format: app.settings.aicon.record_usage_time_format.clone(),
            timeout: app.settings.aicon.usage.timeout,
            clock: app.clock.clone(),
        },
        settings: app.settings.aicon.usage.clone(),
        stop: stopped,
    };
    Outbox {
        stop,
        worker: Some(tokio::spawn(Worker::new(context).run())),
    }
}

impl Outbox {
    /// Ends: reports under way have two seconds, what is not sent is given back.
    pub async fn stop(self) {
        // Without a worker there is nobody to tell.
        let _ = self.stop.send(true);
        if let Some(worker) = self.worker
            && worker.await.is_err()
        {
            tracing::error!("the outbox ended early");
        }
    }
}

struct Worker {
    context: Context,
    clock: Clock,
    gates: HashMap<ClientId, Gate>,
    lanes: JoinSet<(ClientId, Gate)>,
    running: HashMap<ClientId, Arc<Notify>>,
    unready: HashSet<ClientId>,
    is_store_failing: bool,
}

/// When to look again.
struct Next {
    at: Option<i64>,
    longest: Duration,
}

impl Worker {
    fn new(context: Context) -> Self {
        Self {
            clock: context.reporter.clock.clone(),
            context,
            gates: HashMap::new(),
            lanes: JoinSet::new(),
            running: HashMap::new(),
            unready: HashSet::new(),
            is_store_failing: false,
        }
    }

    async fn run(mut self) {
        let mut stop = self.context.stop.clone();
        let store = self.context.store.clone();
        if let Err(error) = store.free_claims().await {
            tracing::warn!(%error, "reports that a crash left under way wait for their leases");
        }
        while !*stop.borrow() {
            let next = self.look().await;
            let at = async {
                match next.at {
                    Some(at) => self.clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = store.outbox_wake().notified() => {}
                () = at => {}
                () = tokio::time::sleep(next.longest) => {}
                Some(ended) = self.lanes.join_next() => self.reap(ended),
                () = stopped(&mut stop) => break,
            }
            while let Some(ended) = self.lanes.try_join_next() {
                self.reap(ended);
            }
            tokio::time::sleep(SHORTEST_SLEEP).await;
        }
        // The lanes were told as well; each gives back what it has.
        while self.lanes.join_next().await.is_some() {}
    }

    /// Starts a lane for each client that has rows and can be served.
    async fn look(&mut self) -> Next {
        match self.look_or_fail().await {
            Ok(next) => {
                self.is_store_failing = false;
                next
            }
            Err(error) => {
                if !std::mem::replace(&mut self.is_store_failing, true) {
                    tracing::error!(%error, "failed to look for reports");
                }
                Next {
                    at: None,
                    longest: BLOCKED_SLEEP,
                }
            }
        }
    }

    async fn look_or_fail(&mut self) -> Result<Next, crate::store::StoreError> {
        let now = self.clock.now();
        let mut at: Option<i64> = None;
        let mut is_blocked = false;
        for client in self.context.store.waiting_clients(now).await? {
            let gate = self.gates.get(&client);
            let opens_at = gate.and_then(Gate::opens_at).filter(|at| *at > now);
            if let Some(more) = self.running.get(&client) {
                is_blocked = true;
                more.notify_one();
            } else if !self.is_ready(&client) {
                is_blocked = true;
            } else if let Some(opens_at) = opens_at {
                is_blocked = true;
                at = Some(at.map_or(opens_at, |at| at.min(opens_at)));
            } else {
                self.start(client);
            }
        }
        // What is due already belongs to a lane or to a client that must wait.
        let due = self
            .context
            .store
            .next_due()
            .await?
            .filter(|due| *due > now);
        Ok(Next {
            at: at.into_iter().chain(due).min(),
            longest: if is_blocked {
                BLOCKED_SLEEP
            } else {
                LONGEST_SLEEP
            },
        })
    }

    fn start(&mut self, client: ClientId) {
        let gate = self.gates.remove(&client).unwrap_or_default();
        let more = Arc::new(Notify::new());
        let lane = Lane::new(self.context.clone(), client.clone(), gate, more.clone());
        self.running.insert(client, more);
        self.lanes.spawn(lane.run());
    }

    fn reap(&mut self, ended: Result<(ClientId, Gate), tokio::task::JoinError>) {
        match ended {
            Ok((client, gate)) => {
                self.running.remove(&client);
                self.gates.insert(client, gate);
            }
            Err(error) => {
                tracing::error!(%error, "a client's reports ended early");
                // Which one it was is not known; a second lane of a client does no harm, its claims are others.
                self.running.clear();
            }
        }
    }

    /// Says once that a client's reports must wait.
    fn is_ready(&mut self, client: &ClientId) -> bool {
        let is_ready = self.context.reporter.is_ready(client);
        if is_ready {
            if self.unready.remove(client) {
                tracing::info!(client.id = %client, "reports of the client go out again");
            }
        } else if self.unready.insert(client.clone()) {
            tracing::warn!(client.id = %client, "the client has no usable secret, its reports wait (`aicon-backend client add`, or the configuration)");
        }
        is_ready
    }
}
