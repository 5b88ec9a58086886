//! The outbox: leases, fences, parking.

use std::time::Duration;

use aicon_backend::store::{
    ClientRow, Delivered, Delivery, OutboxDepth, RetryWhich, Role, Status, Store,
};
use aicon_protocol::id::{ClientId, ResponseId, UsageGuid};

use crate::engines::{NOW, new, on_each_engine, outcome};

const LEASE: Duration = Duration::from_secs(30);
const AFTER: i64 = NOW + 30_000;

fn client(number: u32) -> ClientId {
    ClientId::new(format!("client-{number}"))
}

/// Ended uses, `count` of each of two clients.
async fn fill(store: &Store, count: u32) {
    for number in 0..count {
        for owner in [1, 2] {
            let id = ResponseId::new(format!("resp_{owner}_{number}"));
            let mut new = new(id.as_str());
            new.client = Some(client(owner));
            store.open_use(new).await.unwrap();
            store
                .complete_use(&id, outcome(Status::Completed))
                .await
                .unwrap();
        }
    }
}

async fn claimed(store: &Store, owner: u32, now: i64, limit: u32) -> Vec<u64> {
    let claims = store
        .claim(&client(owner), now, LEASE, limit)
        .await
        .unwrap();
    claims.iter().map(|claim| claim.row.seq).collect()
}

#[tokio::test]
async fn two_servers_never_hold_the_same_row_and_a_lease_that_is_over_is_up_for_all() {
    on_each_engine(async |place| {
        let one = place.open().await;
        let two = Store::open(&place.options(Role::Tool)).await.unwrap();
        assert!(one.waiting_clients(NOW).await.unwrap().is_empty());
        assert_eq!(one.next_due().await.unwrap(), None);
        fill(&one, 3).await;
        assert_eq!(
            one.waiting_clients(NOW).await.unwrap(),
            [client(1), client(2)]
        );
        assert!(one.waiting_clients(NOW - 1).await.unwrap().is_empty());
        assert_eq!(one.next_due().await.unwrap(), Some(NOW));
        assert_eq!(claimed(&one, 1, NOW, 2).await, [1, 3]);
        assert_eq!(claimed(&two, 1, NOW, 9).await, [5]);
        assert!(claimed(&two, 1, AFTER - 1, 9).await.is_empty());
        assert_eq!(one.waiting_clients(NOW).await.unwrap(), [client(2)]);
        assert_eq!(claimed(&two, 2, NOW, 9).await, [2, 4, 6]);
        assert_eq!(one.next_due().await.unwrap(), Some(AFTER));
        assert_eq!(claimed(&two, 1, AFTER, 9).await, [1, 3, 5]);
        one.finish_claims(vec![
            (1, Delivered::Done { at: 1 }),
            (
                3,
                Delivered::Park {
                    reason: "no".into(),
                },
            ),
        ])
        .await
        .unwrap();
        let depth = one.outbox_depth().await.unwrap();
        assert_eq!(
            (depth.pending, depth.parked),
            (6, 0),
            "a result of a lost claim counted"
        );
        let done = (1..=6).map(|seq| (seq, Delivered::Done { at: AFTER }));
        two.finish_claims(done.collect()).await.unwrap();
        assert_eq!(one.outbox_depth().await.unwrap(), OutboxDepth::default());
        for row in one.ledger_rows(1, 6).await.unwrap() {
            assert_eq!(row.delivery, Delivery::Delivered { at: AFTER });
        }
    })
    .await;
}

#[tokio::test]
async fn a_failed_row_waits_a_parked_one_stays_and_a_released_one_is_as_it_was() {
    on_each_engine(async |place| {
        let store = place.open().await;
        fill(&store, 3).await;
        assert_eq!(claimed(&store, 1, NOW, 9).await, [1, 3, 5]);
        let again = Delivered::Again {
            next_at: NOW + 500,
            error: "HTTP 500".into(),
        };
        let park = Delivered::Park {
            reason: "HTTP 404".into(),
        };
        store
            .finish_claims(vec![(1, again), (3, park), (5, Delivered::Release)])
            .await
            .unwrap();
        assert_eq!(claimed(&store, 1, NOW, 9).await, [5]);
        let claims = store.claim(&client(1), NOW + 500, LEASE, 9).await.unwrap();
        assert_eq!(
            (claims.len(), claims[0].row.seq, claims[0].attempts),
            (1, 1, 1)
        );
        let Delivery::Pending {
            attempts,
            next_at,
            last_error,
        } = claims[0].row.delivery.clone()
        else {
            panic!("not pending");
        };
        assert_eq!(
            (attempts, next_at, last_error.as_deref()),
            (1, NOW + 500, Some("HTTP 500"))
        );
        let parked = store.parked(9).await.unwrap();
        let delivery = Delivery::Parked {
            attempts: 1,
            reason: "HTTP 404".into(),
        };
        assert_eq!(
            (parked.len(), parked[0].seq, &parked[0].delivery),
            (1, 3, &delivery)
        );
        let depth = store.outbox_depth().await.unwrap();
        assert_eq!(
            depth,
            OutboxDepth {
                pending: 5,
                parked: 1,
                oldest_pending: Some(NOW)
            }
        );
        assert!(claimed(&store, 1, NOW + 1_000, 9).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn parked_rows_are_tried_again_when_somebody_says_so() {
    on_each_engine(async |place| {
        let store = place.open().await;
        fill(&store, 3).await;
        for owner in [1, 2] {
            let park = |seq| {
                (
                    seq,
                    Delivered::Park {
                        reason: "HTTP 400".into(),
                    },
                )
            };
            let seqs = claimed(&store, owner, NOW, 9).await;
            store
                .finish_claims(seqs.into_iter().map(park).collect())
                .await
                .unwrap();
        }
        assert_eq!(store.next_due().await.unwrap(), None);
        let retry = async |which| store.retry_parked(&which, NOW + 7).await.unwrap();
        assert_eq!(
            retry(RetryWhich::Guid(UsageGuid::new("guid-resp_1_0"))).await,
            1
        );
        assert_eq!(retry(RetryWhich::Guid(UsageGuid::new("nobody's"))).await, 0);
        assert_eq!(store.next_due().await.unwrap(), Some(NOW + 7));
        assert_eq!(retry(RetryWhich::Client(client(1))).await, 2);
        assert_eq!(retry(RetryWhich::All).await, 3);
        assert_eq!(retry(RetryWhich::All).await, 0);
        assert_eq!(claimed(&store, 1, NOW + 7, 9).await, [1, 3, 5]);
    })
    .await;
}

#[tokio::test]
async fn a_completion_wakes_the_worker() {
    on_each_engine(async |place| {
        let store = place.open().await;
        fill(&store, 1).await;
        let woken = tokio::time::timeout(Duration::from_secs(5), store.outbox_wake().notified());
        woken.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn clients_are_kept_and_replaced_and_deleted() {
    on_each_engine(async |place| {
        let store = place.open().await;
        let row = |secret: &str, at| ClientRow {
            id: client(1),
            secret: secret.into(),
            settings: "{}".into(),
            created_at: at,
            changed_at: at,
        };
        store.put_client(&row("sealed", 1)).await.unwrap();
        store.put_client(&row("sealed anew", 2)).await.unwrap();
        let kept = ClientRow {
            created_at: 1,
            ..row("sealed anew", 2)
        };
        assert_eq!(store.client_rows().await.unwrap(), [kept]);
        assert!(store.delete_client(&client(1)).await.unwrap());
        assert!(!store.delete_client(&client(1)).await.unwrap());
    })
    .await;
}
