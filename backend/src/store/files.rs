//! Records of uploaded files.

use aicon_protocol::id::{FileId, UserId};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::{Store, StoreError, sql};

/// An uploaded picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRecord {
    /// The file's ID, which names its blob too.
    pub id: FileId,
    /// Whose it is.
    pub owner: UserId,
    /// By its content, not by its name.
    pub media_type: String,
    /// Size.
    pub bytes: u64,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// Milliseconds since the epoch; from here on there is no such file.
    pub expires_at: i64,
}

impl Store {
    /// # Errors
    /// The row cannot be written.
    pub async fn insert_file(&self, file: &FileRecord) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO files (id, owner, media_type, bytes, width, height, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(file.id.as_str())
        .bind(file.owner.as_str())
        .bind(&file.media_type)
        .bind(i64::try_from(file.bytes).unwrap_or(i64::MAX))
        .bind(i64::from(file.width))
        .bind(i64::from(file.height))
        .bind(file.created_at)
        .bind(file.expires_at)
        .execute(&self.pool)
        .await
        .map(drop)
        .map_err(sql("insert a file"))
    }

    /// The file, if it is `owner`'s and not expired at `now`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn file(
        &self,
        owner: &UserId,
        id: &FileId,
        now: i64,
    ) -> Result<Option<FileRecord>, StoreError> {
        let row =
            sqlx::query("SELECT * FROM files WHERE id = $1 AND owner = $2 AND expires_at > $3")
                .bind(id.as_str())
                .bind(owner.as_str())
                .bind(now)
                .fetch_optional(&self.pool)
                .await
                .map_err(sql("read a file"))?;
        row.as_ref().map(record).transpose()
    }

    /// Deletes what has expired at `now`, blobs first: a crash between leaves a row for the next sweep. Answers how many.
    ///
    /// # Errors
    /// The database or the blob store does not answer.
    pub async fn sweep_files(&self, now: i64) -> Result<usize, StoreError> {
        let rows = sqlx::query("SELECT * FROM files WHERE expires_at <= $1 LIMIT 1000")
            .bind(now)
            .fetch_all(&self.pool)
            .await
            .map_err(sql("list expired files"))?;
        for row in &rows {
            let file = record(row)?;
            self.delete_blob(&file.id).await?;
            sqlx::query("DELETE FROM files WHERE id = $1")
                .bind(file.id.as_str())
                .execute(&self.pool)
                .await
                .map_err(sql("delete a file"))?;
        }
        Ok(rows.len())
    }
}

fn record(row: &SqliteRow) -> Result<FileRecord, StoreError> {
    let read = || -> Result<FileRecord, sqlx::Error> {
        Ok(FileRecord {
            id: FileId::new(row.try_get::<String, _>("id")?),
            owner: UserId::new(row.try_get::<String, _>("owner")?),
            media_type: row.try_get("media_type")?,
            bytes: u64::try_from(row.try_get::<i64, _>("bytes")?).unwrap_or(0),
            width: u32::try_from(row.try_get::<i64, _>("width")?).unwrap_or(0),
            height: u32::try_from(row.try_get::<i64, _>("height")?).unwrap_or(0),
            created_at: row.try_get("created_at")?,
            expires_at: row.try_get("expires_at")?,
        })
    };
    read().map_err(sql("read a file's columns"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_sweep_deletes_what_has_expired_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        let owner = UserId::new("a");
        for (name, expires_at) in [("file-1", 10), ("file-2", 11)] {
            let id = FileId::new(name);
            let mut blob = store.write_blob(&id).await.unwrap();
            blob.write(b"x").await.unwrap();
            blob.finish().await.unwrap();
            let (media_type, owner) = ("image/png".to_owned(), owner.clone());
            let file = FileRecord {
                id,
                owner,
                media_type,
                bytes: 1,
                width: 1,
                height: 1,
                created_at: 0,
                expires_at,
            };
            store.insert_file(&file).await.unwrap();
        }
        assert_eq!(store.sweep_files(10).await.unwrap(), 1);
        assert!(
            store
                .file(&owner, &FileId::new("file-1"), 0)
                .await
                .unwrap()
                .is_none()
        );
        assert!(store.read_blob(&FileId::new("file-1")).await.is_err());
        assert!(
            store
                .file(&owner, &FileId::new("file-2"), 0)
                .await
                .unwrap()
                .is_some()
        );
        assert_eq!(store.read_blob(&FileId::new("file-2")).await.unwrap(), "x");
    }
}
