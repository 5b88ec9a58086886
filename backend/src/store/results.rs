//! Records of files that models made.

use aicon_protocol::id::FileId;

use super::database::{reading, writing};
use super::record::{column, count};
use super::{Store, StoreError, sql};

/// A file that a model made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultRecord {
    /// Who has it has the file.
    pub token: String,
    /// What its blob is called.
    pub blob: FileId,
    /// As it is downloaded.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Size.
    pub bytes: u64,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// Milliseconds since the epoch; from here on nobody gets it.
    pub expires_at: i64,
}

#[derive(sqlx::FromRow)]
struct ResultColumns {
    token: String,
    blob: String,
    name: String,
    media_type: String,
    bytes: i64,
    created_at: i64,
    expires_at: i64,
}

impl Store {
    /// # Errors
    /// The row cannot be written.
    pub async fn insert_result(&self, result: &ResultRecord) -> Result<(), StoreError> {
        writing!(&self.database, pool => {
            sqlx::query(
                "INSERT INTO results (token, blob, name, media_type, bytes, created_at, expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(&result.token)
            .bind(result.blob.as_str())
            .bind(self.text(&result.name))
            .bind(&result.media_type)
            .bind(column(result.bytes))
            .bind(result.created_at)
            .bind(result.expires_at)
            .execute(pool)
            .await
            .map(drop)
        })
        .map_err(sql("insert a result file"))
    }

    /// The file of a token, expired or not.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn result(&self, token: &str) -> Result<Option<ResultRecord>, StoreError> {
        let row: Option<ResultColumns> = reading!(&self.database, pool => {
            sqlx::query_as("SELECT * FROM results WHERE token = $1")
                .bind(self.text(token))
                .fetch_optional(pool)
                .await
        })
        .map_err(sql("read a result file"))?;
        Ok(row.map(ResultRecord::from))
    }

    /// Deletes what has expired at `now`, blobs first: a crash between leaves a row for the next sweep. Answers how many.
    ///
    /// # Errors
    /// The database or the blob store does not answer.
    pub async fn sweep_results(&self, now: i64) -> Result<usize, StoreError> {
        let rows: Vec<ResultColumns> = reading!(&self.database, pool => {
            sqlx::query_as("SELECT * FROM results WHERE expires_at <= $1 LIMIT 1000")
                .bind(now)
                .fetch_all(pool)
                .await
        })
        .map_err(sql("list expired result files"))?;
        let expired: Vec<_> = rows.into_iter().map(ResultRecord::from).collect();
        for result in &expired {
            self.delete_blob(&result.blob).await?;
            writing!(&self.database, pool => {
                let delete = sqlx::query("DELETE FROM results WHERE token = $1");
                delete.bind(&result.token).execute(pool).await.map(drop)
            })
            .map_err(sql("delete a result file"))?;
        }
        Ok(expired.len())
    }
}

impl From<ResultColumns> for ResultRecord {
    fn from(row: ResultColumns) -> Self {
        Self {
            token: row.token,
            blob: FileId::new(row.blob),
            name: row.name,
            media_type: row.media_type,
            bytes: count(row.bytes),
            created_at: row.created_at,
            expires_at: row.expires_at,
        }
    }
}
