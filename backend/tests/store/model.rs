//! Any interleaving of what servers do to one database leaves it as a model of a few lines says.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aicon_backend::store::{Delivered, Delivery, LedgerRow, Opened, Role, Status, Store};
use aicon_protocol::id::{ClientId, ResponseId};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::engines::{NOW, Place, engines, new, outcome, with_key};

const LEASE: i64 = 1_000;

/// What a server does. Uses, servers and clients are numbers, taken modulo how many there are.
#[derive(Clone, Debug)]
enum Act {
    /// Time passes, or jumps back.
    Pass(i64),
    Open {
        id: usize,
        client: Option<usize>,
        key: bool,
    },
    Complete {
        server: usize,
        id: usize,
        failed: bool,
    },
    Claim {
        server: usize,
        client: usize,
        limit: u32,
    },
    /// Tells the result of the newest or an older claim of the server's, as if it were still its own.
    Finish {
        server: usize,
        claim: usize,
        result: usize,
    },
    Retry {
        server: usize,
    },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => (-700..1_500_i64).prop_map(Act::Pass),
        4 => (0..12_usize, prop::option::weighted(0.8, 0..2_usize), any::<bool>())
            .prop_map(|(id, client, key)| Act::Open { id, client, key }),
        6 => (0..2_usize, 0..13_usize, any::<bool>())
            .prop_map(|(server, id, failed)| Act::Complete { server, id, failed }),
        4 => (0..2_usize, 0..2_usize, 1..4_u32)
            .prop_map(|(server, client, limit)| Act::Claim { server, client, limit }),
        5 => (0..2_usize, 0..3_usize, 0..4_usize)
            .prop_map(|(server, claim, result)| Act::Finish { server, claim, result }),
        1 => (0..2_usize).prop_map(|server| Act::Retry { server }),
    ]
}

/// What should be there.
#[derive(Default)]
struct Model {
    now: i64,
    head: i64,
    uses: HashMap<usize, ModelUse>,
    ledger: Vec<(usize, i64)>,
    outbox: BTreeMap<u64, ModelRow>,
    delivered: BTreeMap<u64, i64>,
    /// Of each server, newest last.
    claims: [Vec<u64>; 2],
}

struct ModelUse {
    client: Option<usize>,
    key: bool,
    status: Status,
}

struct ModelRow {
    client: usize,
    parked: bool,
    attempts: u32,
    next_at: i64,
    due_at: i64,
    holder: Option<usize>,
}

impl Model {
    fn open(&mut self, id: usize, client: Option<usize>, key: bool) -> Expected {
        if self.uses.contains_key(&id) {
            return Expected::Error;
        }
        let holds = |row: &ModelUse| row.key && row.status != Status::Failed;
        let taken = self.uses.iter().find(|(_, row)| key && holds(row));
        if let Some((id, _)) = taken {
            return Expected::Taken(*id);
        }
        let status = Status::Open;
        self.uses.insert(
            id,
            ModelUse {
                client,
                key,
                status,
            },
        );
        Expected::New
    }

    fn complete(&mut self, id: usize, status: Status) -> bool {
        self.head = self.head.max(self.now);
        let Some(row) = self
            .uses
            .get_mut(&id)
            .filter(|row| row.status == Status::Open)
        else {
            return false;
        };
        row.status = status;
        if let Some(client) = row.client {
            self.ledger.push((id, self.head));
            let (next_at, due_at) = (self.now, self.now);
            let row = ModelRow {
                client,
                parked: false,
                attempts: 0,
                next_at,
                due_at,
                holder: None,
            };
            self.outbox.insert(self.ledger.len() as u64, row);
        }
        true
    }

    fn claim(&mut self, server: usize, client: usize, limit: u32) -> Vec<u64> {
        let due = |row: &ModelRow| row.client == client && !row.parked && row.due_at <= self.now;
        let mut due: Vec<_> = self.outbox.iter().filter(|(_, row)| due(row)).collect();
        due.sort_by_key(|(seq, row)| (row.due_at, **seq));
        let mut seqs: Vec<_> = due
            .iter()
            .take(limit as usize)
            .map(|(seq, _)| **seq)
            .collect();
        seqs.sort_unstable();
        for seq in &seqs {
            let row = self.outbox.get_mut(seq).unwrap();
            (row.holder, row.due_at) = (Some(server), self.now + LEASE);
            self.claims[server].push(*seq);
        }
        seqs
    }

    fn finish(&mut self, server: usize, seq: u64, result: &Delivered) {
        let Some(row) = self.outbox.get_mut(&seq) else {
            return;
        };
        if row.holder != Some(server) || row.parked {
            return;
        }
        row.holder = None;
        match result {
            Delivered::Done { at } => {
                self.outbox.remove(&seq);
                self.delivered.insert(seq, *at);
            }
            Delivered::Again { next_at, .. } => {
                row.attempts += 1;
                (row.next_at, row.due_at) = (*next_at, *next_at);
            }
            Delivered::Park { .. } => {
                row.attempts += 1;
                (row.parked, row.due_at) = (true, row.next_at);
            }
            Delivered::Release => row.due_at = row.next_at,
        }
    }

    fn retry(&mut self) -> u64 {
        let now = self.now;
        let parked = self.outbox.values_mut().filter(|row| row.parked);
        parked
            .map(|row| {
                (row.parked, row.next_at, row.due_at) = (false, now, now);
            })
            .count() as u64
    }

    fn delivery(&self, seq: u64) -> Delivery {
        if let Some(at) = self.delivered.get(&seq) {
            return Delivery::Delivered { at: *at };
        }
        let row = &self.outbox[&seq];
        let (attempts, next_at) = (row.attempts, row.next_at);
        if row.parked {
            Delivery::Parked {
                attempts,
                reason: "no".into(),
            }
        } else {
            let last_error = (attempts > 0).then(|| "no".to_owned());
            Delivery::Pending {
                attempts,
                next_at,
                last_error,
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Expected {
    New,
    Taken(usize),
    Error,
}

fn id(number: usize) -> ResponseId {
    ResponseId::new(format!("resp_{number}"))
}

fn result(number: usize, now: i64) -> Delivered {
    match number {
        0 => Delivered::Done { at: now },
        1 => Delivered::Again {
            next_at: now + 300,
            error: "no".into(),
        },
        2 => Delivered::Park {
            reason: "no".into(),
        },
        _ => Delivered::Release,
    }
}

async fn run(place: &Place, acts: &[Act]) {
    let servers = [
        place.open().await,
        Store::open(&place.options(Role::Tool)).await.unwrap(),
    ];
    let mut model = Model {
        now: NOW,
        ..Model::default()
    };
    for act in acts {
        perform(place, &servers, &mut model, act).await;
    }
    check(&servers[0], &model).await;
    for server in servers {
        server.close().await;
    }
}

async fn perform(place: &Place, servers: &[Store; 2], model: &mut Model, act: &Act) {
    match *act {
        Act::Pass(time) => {
            place.clock.advance(time);
            model.now += time;
        }
        Act::Open {
            id: number,
            client,
            key,
        } => {
            let name = id(number);
            let mut new = if key {
                with_key(name.as_str(), "k")
            } else {
                new(name.as_str())
            };
            new.client = client.map(|client| ClientId::new(client.to_string()));
            let found = match servers[number % 2].open_use(new).await {
                Ok(Opened::New(_)) => Expected::New,
                Ok(Opened::Taken(record)) => {
                    let taken = (0..12).find(|number| id(*number) == record.id);
                    Expected::Taken(taken.unwrap())
                }
                Err(_) => Expected::Error,
            };
            let expected = model.open(number, client, key);
            // An ID that is taken is an error, unless the key is taken too, which is told then.
            if expected != Expected::Error || !key {
                assert_eq!(found, expected);
            }
        }
        Act::Complete {
            server,
            id: number,
            failed,
        } => {
            let status = if failed {
                Status::Failed
            } else {
                Status::Completed
            };
            let done = servers[server]
                .complete_use(&id(number), outcome(status))
                .await;
            assert_eq!(done.unwrap(), model.complete(number, status));
        }
        Act::Claim {
            server,
            client,
            limit,
        } => {
            let lease = Duration::from_millis(LEASE as u64);
            let name = ClientId::new(client.to_string());
            let claims = servers[server]
                .claim(&name, model.now, lease, limit)
                .await
                .unwrap();
            let seqs: Vec<_> = claims.iter().map(|claim| claim.row.seq).collect();
            assert_eq!(seqs, model.claim(server, client, limit));
        }
        Act::Finish {
            server,
            claim,
            result: number,
        } => {
            let Some(seq) = model.claims[server].iter().rev().nth(claim).copied() else {
                return;
            };
            let result = result(number, model.now);
            servers[server]
                .finish_claims(vec![(seq, result.clone())])
                .await
                .unwrap();
            model.finish(server, seq, &result);
        }
        Act::Retry { server } => {
            let which = aicon_backend::store::RetryWhich::All;
            let retried = servers[server]
                .retry_parked(&which, model.now)
                .await
                .unwrap();
            assert_eq!(retried, model.retry());
        }
    }
}

async fn check(store: &Store, model: &Model) {
    let rows: Vec<LedgerRow> = store.ledger_rows(0, u64::MAX).await.unwrap();
    let found: Vec<_> = rows
        .iter()
        .map(|row| (row.seq, row.id.clone(), row.recorded_at))
        .collect();
    let expected = model.ledger.iter().zip(1..);
    let expected: Vec<_> = expected
        .map(|((number, at), seq)| (seq, id(*number), *at))
        .collect();
    assert_eq!(found, expected);
    assert!(rows.is_sorted_by_key(|row| row.recorded_at));
    for row in &rows {
        assert_eq!(row.delivery, model.delivery(row.seq), "row {}", row.seq);
    }
    let depth = store.outbox_depth().await.unwrap();
    let pending = model.outbox.values().filter(|row| !row.parked);
    assert_eq!(depth.pending, pending.clone().count() as u64);
    assert_eq!(depth.pending + depth.parked, model.outbox.len() as u64);
    let due = pending.map(|row| row.due_at).min();
    assert_eq!(store.next_due().await.unwrap(), due);
    let last = model.ledger.last().map(|(_, at)| *at);
    if let Some(last) = last {
        let span = store
            .ledger_span(NOW - 1_000_000, last + 1)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((span.first, span.last), (1, model.ledger.len() as u64));
    }
}

#[test]
fn any_interleaving_of_two_servers_leaves_what_the_model_says() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let places = runtime.block_on(engines()).len();
    for engine in 0..places {
        let cases = if engine == 0 { 40 } else { 15 };
        let mut runner = TestRunner::new(Config {
            cases,
            failure_persistence: None,
            max_shrink_iters: 200,
            ..Config::default()
        });
        runner
            .run(&prop::collection::vec(act(), 1..60), |acts| {
                let place = runtime.block_on(engines()).remove(engine);
                let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    runtime.block_on(run(&place, &acts));
                }));
                ran.map_err(|_| TestCaseError::fail("the database differs from the model"))
            })
            .unwrap();
    }
}
