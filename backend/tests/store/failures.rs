//! What goes wrong around a database.

use std::time::Duration;

use aicon_backend::service::recovery::recover;
use aicon_backend::store::{Flush, Opened, Role, Status, Store, StoreError};
use aicon_protocol::id::{ResponseId, UserId};
use futures_util::future::join_all;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use crate::engines::{Place, engines, new, on_each_engine, outcome, sqlite, with_key};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_database_can_be_opened_by_many_at_once() {
    on_each_engine(async |place| {
        let role = if place.is_postgres() {
            Role::Server
        } else {
            Role::Tool
        };
        let options = place.options(role);
        let opened = join_all((0..4).map(|_| {
            let options = options.clone();
            tokio::spawn(async move { Store::open(&options).await })
        }));
        for store in opened.await {
            let store = store.unwrap().unwrap();
            store.ping().await.unwrap();
            assert_eq!(store.ledger_span(0, i64::MAX).await.unwrap(), None);
        }
    })
    .await;
}

#[tokio::test]
async fn a_damaged_database_is_named_with_what_to_do() {
    let place = sqlite();
    let store = place.open().await;
    store.open_use(new("resp_1")).await.unwrap();
    store.close().await;
    drop(store);
    let file = place.data.path().join("aicon.db");
    let whole = std::fs::read(&file).unwrap();
    let mut overwritten = whole.clone();
    overwritten[..4096].fill(b'x');
    for damaged in [&overwritten, &whole[..whole.len() / 2]] {
        std::fs::write(&file, damaged).unwrap();
        let error = Store::open(&place.options(Role::Server)).await.unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
        let text = error.to_string();
        for part in [file.to_str().unwrap(), "damaged", "put back a copy", "-wal"] {
            assert!(text.contains(part), "{text}");
        }
    }
    std::fs::write(&file, &whole).unwrap();
    assert_eq!(
        place.open().await.interrupted_uses(9).await.unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_named_and_a_password_is_not() {
    let mut options = sqlite().options(Role::Server);
    options.database = Some("/proc/nothing/aicon.db".to_owned().into());
    let error = Store::open(&options).await.unwrap_err().to_string();
    assert!(error.contains("/proc/nothing"), "{error}");
    options.database = Some(
        "postgres://user:canary@127.0.0.1:1/nothing"
            .to_owned()
            .into(),
    );
    let error = Store::open(&options).await.unwrap_err().to_string();
    assert!(
        error.contains("AICON_DATABASE") && !error.contains("canary"),
        "{error}"
    );
}

#[tokio::test]
async fn a_completion_that_cannot_be_written_is_tried_until_it_can() {
    let place = sqlite();
    let store = place.open().await;
    store.open_use(new("resp_1")).await.unwrap();
    let mut other = while_nobody_writes(&place).await;
    let id = ResponseId::new("resp_1");
    assert!(
        store
            .complete_use(&id, outcome(Status::Completed))
            .await
            .is_err()
    );
    let later = tokio::spawn({
        let (store, id) = (store.clone(), id.clone());
        async move {
            store
                .complete_use_at_last(&id, outcome(Status::Completed))
                .await
        }
    });
    tokio::task::yield_now().await;
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    let stored = tokio::time::timeout(Duration::from_secs(20), later).await;
    assert!(stored.unwrap().unwrap().unwrap());
    let record = store
        .response(&UserId::new("a"), &id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(record.status, Status::Completed);
}

/// A connection in whose transaction nobody else writes to SQLite.
async fn while_nobody_writes(place: &Place) -> SqliteConnection {
    let file = place.data.path().join("aicon.db");
    let options = SqliteConnectOptions::new().filename(file);
    let mut other = options.connect().await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE")
        .execute(&mut other)
        .await
        .unwrap();
    other
}

#[tokio::test]
async fn after_the_end_of_the_store_nothing_is_tried_for_ever() {
    on_each_engine(async |place| {
        let store = place.open().await;
        store.open_use(new("resp_1")).await.unwrap();
        store.close().await;
        let id = ResponseId::new("resp_1");
        let last = store.complete_use_at_last(&id, outcome(Status::Completed));
        let result = tokio::time::timeout(Duration::from_secs(10), last).await;
        assert!(result.unwrap().is_err());
    })
    .await;
}

#[tokio::test]
async fn a_row_that_the_database_refuses_does_not_fail_the_others_of_its_batch() {
    on_each_engine(async |place| {
        let store = place.open().await;
        // Too long for an index of PostgreSQL, and random, so that it cannot be compressed.
        let key: String = (0..300).map(|_| aicon_backend::id::request_id()).collect();
        let (one, two, three) = tokio::join!(
            store.open_use(new("resp_1")),
            store.open_use(with_key("resp_2", &key)),
            store.open_use(new("resp_3")),
        );
        assert!(matches!(one, Ok(Opened::New(_))) && matches!(three, Ok(Opened::New(_))));
        assert_eq!(two.is_err(), place.is_postgres(), "{two:?}");
    })
    .await;
}

#[tokio::test]
async fn a_use_whose_caller_goes_away_while_it_is_opened_is_ended() {
    on_each_engine(async |place| {
        let store = place.open().await;
        let id = ResponseId::new("resp_1");
        {
            // Where nothing is in the way SQLite's row is written within the call.
            let other = match place.is_postgres() {
                true => None,
                false => Some(while_nobody_writes(&place).await),
            };
            let mut opening = std::pin::pin!(store.open_use(new("resp_1")));
            assert!(futures_util::poll!(&mut opening).is_pending());
            drop(other);
        }
        let ended = async {
            loop {
                let record = store.response(&UserId::new("a"), &id).await.unwrap();
                if let Some(record) = record.filter(|record| record.status != Status::Open) {
                    return record;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let record = tokio::time::timeout(Duration::from_secs(5), ended)
            .await
            .unwrap();
        assert_eq!(
            (record.status, record.response_code),
            (Status::Stopped, Some(499))
        );
        assert_eq!((record.amount, record.usage.total_tokens), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_silent_server_s_uses_are_ended_by_another_and_it_is_told_so() {
    for place in engines().await.into_iter().filter(Place::is_postgres) {
        let silent = place.open().await;
        let other = place.open().await;
        silent.open_use(new("resp_1")).await.unwrap();
        other.open_use(new("resp_2")).await.unwrap();
        other.heartbeat().await.unwrap();
        assert!(other.interrupted_uses(9).await.unwrap().is_empty());
        place
            .postgres_sql(
                "UPDATE instances SET seen_at = seen_at - 31000 WHERE id = \
                 (SELECT holder FROM uses WHERE id = 'resp_1')",
            )
            .await;
        assert!(
            silent.interrupted_uses(9).await.unwrap().is_empty(),
            "its own"
        );
        let clock = &place.clock;
        assert_eq!(recover(&other, clock).await.unwrap(), 1);
        assert_eq!(recover(&other, clock).await.unwrap(), 0);
        let id = ResponseId::new("resp_1");
        assert!(
            !silent
                .complete_use(&id, outcome(Status::Completed))
                .await
                .unwrap()
        );
        let rows = other.ledger_rows(0, 9).await.unwrap();
        assert_eq!(
            (rows.len(), rows[0].status, rows[0].amount),
            (1, Status::Failed, 0)
        );
        assert_eq!(
            (rows[0].response_code, rows[0].failure.as_deref()),
            (500, Some("interrupted"))
        );
        silent.heartbeat().await.unwrap();
        silent.open_use(new("resp_3")).await.unwrap();
        assert!(other.interrupted_uses(9).await.unwrap().is_empty());
    }
}

/// SQLite answers before the flush; what cannot be flushed must not be told.
#[tokio::test]
async fn an_open_row_says_when_it_outlives_a_power_cut_and_when_it_does_not() {
    on_each_engine(async |place| {
        let store = place.open().await;
        flush_of(&store, "resp_1").await.wait().await.unwrap();
        let mut begun = flush_of(&store, "resp_2").await;
        begun.begin();
        begun.wait().await.unwrap();
    })
    .await;
    let place = sqlite();
    let store = place.open().await;
    std::fs::remove_file(place.data.path().join("aicon.db-wal")).unwrap();
    let error = flush_of(&store, "resp_1").await.wait().await.unwrap_err();
    assert!(matches!(error, StoreError::Flush(_)), "{error:?}");
    let mut begun = flush_of(&store, "resp_2").await;
    begun.begin();
    let error = begun.wait().await.unwrap_err();
    assert!(matches!(error, StoreError::Flush(_)), "{error:?}");
}

async fn flush_of(store: &Store, id: &str) -> Flush {
    match store.open_use(new(id)).await.unwrap() {
        Opened::New(flush) => flush,
        Opened::Taken(_) => panic!("taken"),
    }
}
