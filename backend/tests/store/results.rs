//! Files that models made: kept under a token, swept when their time is over.

use aicon_backend::store::{ResultRecord, Store};
use aicon_protocol::id::FileId;

use crate::engines::{NOW, on_each_engine};

async fn keep(store: &Store, token: &str, expires_at: i64) -> ResultRecord {
    let record = ResultRecord {
        token: token.to_owned(),
        blob: FileId::new(format!("file_{token}")),
        name: "요약 \"결과\".txt".to_owned(),
        media_type: "text/plain; charset=utf-8".to_owned(),
        bytes: 3,
        created_at: NOW,
        expires_at,
    };
    store.insert_result(&record).await.unwrap();
    let mut blob = store.write_blob(&record.blob);
    blob.write(b"abc").await.unwrap();
    blob.finish().await.unwrap();
    record
}

#[tokio::test]
async fn a_result_is_there_until_it_is_swept_and_others_stay() {
    on_each_engine(async |place| {
        let store = place.open().await;
        let (old, new) = (
            keep(&store, "old", NOW).await,
            keep(&store, "new", NOW + 1).await,
        );
        assert_eq!(store.result("old").await.unwrap(), Some(old.clone()));
        assert_eq!(store.result("n\0w").await.unwrap(), None);
        assert_eq!(store.sweep_results(NOW).await.unwrap(), 1);
        assert_eq!(store.sweep_results(NOW).await.unwrap(), 0);
        assert_eq!(store.result("old").await.unwrap(), None);
        assert_eq!(store.result("new").await.unwrap(), Some(new.clone()));
        assert!(store.stream_blob(&old.blob).await.is_err());
        assert!(store.stream_blob(&new.blob).await.is_ok());
    })
    .await;
}
