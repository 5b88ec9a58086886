//! PostgreSQL where `AICON_TEST_POSTGRES` names one.

use std::str::FromStr as _;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _};

/// The URL of a schema of the test's own, or nothing, which is told.
pub(crate) async fn schema() -> Option<String> {
    let Ok(url) = std::env::var("AICON_TEST_POSTGRES") else {
        println!("skipped on postgres: AICON_TEST_POSTGRES is not set");
        return None;
    };
    let schema = format!("test_{}", aicon_backend::id::request_id());
    let options = PgConnectOptions::from_str(&url).unwrap();
    let mut connection = options.connect().await.unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE SCHEMA {schema}")))
        .execute(&mut connection)
        .await
        .unwrap();
    let separator = if url.contains('?') { '&' } else { '?' };
    Some(format!(
        "{url}{separator}options=-c%20search_path%3D{schema}"
    ))
}
