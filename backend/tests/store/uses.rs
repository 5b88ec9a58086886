//! Uses: opened, completed once, read by their owners.

use aicon_backend::store::{NewUse, Opened, Role, Status, Store};
use aicon_protocol::id::{ResponseId, UserId};

use crate::engines::{NOW, new, on_each_engine, outcome, with_key};

#[tokio::test]
async fn a_use_is_completed_once_and_read_by_its_owner_only() {
    on_each_engine(async |place| {
        let store = place.open().await;
        let id = ResponseId::new("resp_1");
        assert!(matches!(
            store.open_use(new("resp_1")).await.unwrap(),
            Opened::New(_)
        ));
        let open = store
            .response(&UserId::new("a"), &id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (open.status, open.response_code, open.ended_at),
            (Status::Open, None, None)
        );
        assert!(
            store
                .complete_use(&id, outcome(Status::Completed))
                .await
                .unwrap()
        );
        assert!(
            !store
                .complete_use(&id, outcome(Status::Stopped))
                .await
                .unwrap()
        );
        assert!(
            !store
                .complete_use(&ResponseId::new("resp_2"), outcome(Status::Stopped))
                .await
                .unwrap()
        );
        let record = store
            .response(&UserId::new("a"), &id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(record.status, Status::Completed);
        assert_eq!(
            (record.input.as_str(), record.content.as_str()),
            ("안녕 \"hi\" \\ 👋", "답변\n")
        );
        assert_eq!(
            (
                record.files.len(),
                record.usage.total_tokens,
                record.usage_estimated
            ),
            (2, 46, true)
        );
        assert_eq!(
            (record.amount, record.content_limit, record.response_code),
            (150, Some(7), Some(200))
        );
        assert_eq!((record.started_at, record.ended_at), (NOW, Some(NOW + 1)));
        assert!(
            store
                .response(&UserId::new("b"), &id)
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(
            store.tokens_since(&UserId::new("a"), NOW).await.unwrap(),
            46
        );
        assert_eq!(
            store
                .tokens_since(&UserId::new("a"), NOW + 1)
                .await
                .unwrap(),
            0
        );
    })
    .await;
}

#[tokio::test]
async fn what_a_crash_left_open_is_found_and_ended_once() {
    on_each_engine(async |place| {
        let store = place.open().await;
        store.open_use(new("resp_1")).await.unwrap();
        assert!(store.interrupted_uses(10).await.unwrap().is_empty());
        store.close().await;
        let store = place.open().await;
        let found = store.interrupted_uses(10).await.unwrap();
        assert_eq!(found.len(), 1);
        assert!(
            store
                .complete_use(&found[0].id, outcome(Status::Failed))
                .await
                .unwrap()
        );
        assert!(store.interrupted_uses(10).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_key_belongs_to_one_use_until_that_is_stopped_or_failed() {
    on_each_engine(async |place| {
        let store = place.open().await;
        store.open_use(with_key("resp_1", "k")).await.unwrap();
        assert_eq!(
            taken(&store, with_key("resp_2", "k")).await.as_deref(),
            Some("resp_1")
        );
        let other = NewUse {
            owner: UserId::new("b"),
            ..with_key("resp_3", "k")
        };
        assert_eq!(taken(&store, other).await, None);
        store
            .complete_use(&ResponseId::new("resp_1"), outcome(Status::Stopped))
            .await
            .unwrap();
        assert_eq!(taken(&store, with_key("resp_4", "k")).await, None);
        store
            .complete_use(&ResponseId::new("resp_4"), outcome(Status::Completed))
            .await
            .unwrap();
        assert_eq!(
            taken(&store, with_key("resp_5", "k")).await.as_deref(),
            Some("resp_4")
        );
    })
    .await;
}

async fn taken(store: &Store, new: NewUse) -> Option<String> {
    match store.open_use(new).await.unwrap() {
        Opened::New(_) => None,
        Opened::Taken(record) => {
            assert_eq!(record.idempotency.unwrap().fingerprint, "fingerprint-k");
            Some(record.id.as_str().to_owned())
        }
    }
}

#[tokio::test]
async fn a_second_server_on_the_same_file_is_refused_and_a_tool_is_not() {
    let place = crate::engines::sqlite();
    let store = place.open().await;
    let refused = Store::open(&place.options(Role::Server))
        .await
        .unwrap_err()
        .to_string();
    assert!(refused.contains("another server is using it"), "{refused}");
    let tool = Store::open(&place.options(Role::Tool)).await.unwrap();
    tool.ping().await.unwrap();
    drop(store);
    place.open().await;
}
