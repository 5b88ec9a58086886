//! One body, run on each engine.

use std::str::FromStr as _;

use aicon_backend::clock::Clock;
use aicon_backend::config::S3Settings;
use aicon_backend::store::{
    Idempotency, NewUse, Outcome, Role, Status, Store, StoreOptions, UseKind,
};
use aicon_protocol::ai::Usage;
use aicon_protocol::id::{ClientId, FileId, ResponseId, UsageGuid, UserId};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _};
use tempfile::TempDir;

/// The tests' time until they move it.
pub(crate) const NOW: i64 = 1_731_760_496_789;

/// A database of the test's own.
pub(crate) struct Place {
    pub(crate) clock: Clock,
    pub(crate) data: TempDir,
    pub(crate) blobs: Option<String>,
    pub(crate) s3: S3Settings,
    database: Option<String>,
}

impl Place {
    pub(crate) fn options(&self, role: Role) -> StoreOptions {
        StoreOptions {
            database: self.database.clone().map(Into::into),
            blobs: self.blobs.clone(),
            s3: self.s3.clone(),
            data: self.data.path().to_owned(),
            role,
            clock: self.clock.clone(),
        }
    }

    /// A server's store.
    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.options(Role::Server)).await.unwrap()
    }

    /// Runs a statement beside all servers, on PostgreSQL.
    pub(crate) async fn postgres_sql(&self, statement: &'static str) {
        let url = self.database.as_deref().unwrap();
        let options = PgConnectOptions::from_str(url).unwrap();
        let mut connection = options.connect().await.unwrap();
        sqlx::query(statement)
            .execute(&mut connection)
            .await
            .unwrap();
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.database.is_some()
    }
}

pub(crate) fn sqlite() -> Place {
    Place {
        clock: Clock::manual(NOW),
        data: tempfile::tempdir().unwrap(),
        database: None,
        blobs: None,
        s3: S3Settings::default(),
    }
}

/// A schema of the test's own in the database of `AICON_TEST_POSTGRES`.
async fn postgres() -> Option<Place> {
    let Ok(url) = std::env::var("AICON_TEST_POSTGRES") else {
        println!("skipped on postgres: AICON_TEST_POSTGRES is not set");
        return None;
    };
    let schema = format!("test_{}", aicon_backend::id::request_id());
    let mut connection = PgConnectOptions::from_str(&url)
        .unwrap()
        .connect()
        .await
        .unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE SCHEMA {schema}")))
        .execute(&mut connection)
        .await
        .unwrap();
    let separator = if url.contains('?') { '&' } else { '?' };
    Some(Place {
        clock: Clock::manual(NOW),
        data: tempfile::tempdir().unwrap(),
        blobs: None,
        s3: S3Settings::default(),
        database: Some(format!(
            "{url}{separator}options=-c%20search_path%3D{schema}"
        )),
    })
}

/// Both, where there are two.
pub(crate) async fn engines() -> Vec<Place> {
    let mut places = vec![sqlite()];
    places.extend(postgres().await);
    places
}

/// Runs a body on SQLite, then on PostgreSQL.
pub(crate) async fn on_each_engine<F: Future<Output = ()>>(body: impl Fn(Place) -> F) {
    for place in engines().await {
        body(place).await;
    }
}

/// A use of `a`'s with a client.
pub(crate) fn new(id: &str) -> NewUse {
    NewUse {
        id: ResponseId::new(id),
        guid: UsageGuid::new(format!("guid-{id}")),
        owner: UserId::new("a"),
        client: Some(ClientId::new("client-1")),
        kind: UseKind::Chat,
        model: "demo".into(),
        provider: "demo".into(),
        input: "안녕 \"hi\" \\ 👋".into(),
        files: vec![FileId::new("file-1"), FileId::new("file-2")],
        previous: None,
        idempotency: None,
        started_at: NOW,
    }
}

pub(crate) fn with_key(id: &str, key: &str) -> NewUse {
    NewUse {
        idempotency: Some(Idempotency {
            key: key.into(),
            fingerprint: format!("fingerprint-{key}"),
        }),
        ..new(id)
    }
}

pub(crate) fn outcome(status: Status) -> Outcome {
    Outcome {
        status,
        failure: None,
        response_code: 200,
        content: "답변\n".into(),
        usage: Usage::new(12, 34),
        usage_estimated: true,
        amount: 150,
        content_limit: Some(7),
        ended_at: NOW + 1,
    }
}
