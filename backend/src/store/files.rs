//! Records of uploaded files.

use aicon_protocol::id::{FileId, UserId};

use super::database::{reading, writing};
use super::record::{column, count};
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

#[derive(sqlx::FromRow)]
struct FileColumns {
    id: String,
    owner: String,
    media_type: String,
    bytes: i64,
    width: i64,
    height: i64,
    created_at: i64,
    expires_at: i64,
}

impl Store {
    /// # Errors
    /// The row cannot be written.
    pub async fn insert_file(&self, file: &FileRecord) -> Result<(), StoreError> {
        writing!(&self.database, pool => {
            sqlx::query(
                "INSERT INTO files (id, owner, media_type, bytes, width, height, created_at, expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(file.id.as_str())
            .bind(self.text(file.owner.as_str()))
            .bind(&file.media_type)
            .bind(column(file.bytes))
            .bind(i64::from(file.width))
            .bind(i64::from(file.height))
            .bind(file.created_at)
            .bind(file.expires_at)
            .execute(pool)
            .await
            .map(drop)
        })
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
        let row: Option<FileColumns> = reading!(&self.database, pool => {
            sqlx::query_as("SELECT * FROM files WHERE id = $1 AND owner = $2 AND expires_at > $3")
                .bind(self.text(id.as_str()))
                .bind(self.text(owner.as_str()))
                .bind(now)
                .fetch_optional(pool)
                .await
        })
        .map_err(sql("read a file"))?;
        Ok(row.map(FileRecord::from))
    }

    /// Deletes what has expired at `now`, blobs first: a crash between leaves a row for the next sweep. Answers how many.
    ///
    /// # Errors
    /// The database or the blob store does not answer.
    pub async fn sweep_files(&self, now: i64) -> Result<usize, StoreError> {
        let ids: Vec<String> = reading!(&self.database, pool => {
            sqlx::query_scalar("SELECT id FROM files WHERE expires_at <= $1 LIMIT 1000")
                .bind(now)
                .fetch_all(pool)
                .await
        })
        .map_err(sql("list expired files"))?;
        for id in &ids {
            self.delete_blob(&FileId::new(id.as_str())).await?;
            writing!(&self.database, pool => {
                sqlx::query("DELETE FROM files WHERE id = $1").bind(id).execute(pool).await.map(drop)
            })
            .map_err(sql("delete a file"))?;
        }
        Ok(ids.len())
    }
}

impl From<FileColumns> for FileRecord {
    fn from(row: FileColumns) -> Self {
        Self {
            id: FileId::new(row.id),
            owner: UserId::new(row.owner),
            media_type: row.media_type,
            bytes: count(row.bytes),
            width: u32::try_from(row.width).unwrap_or(0),
            height: u32::try_from(row.height).unwrap_or(0),
            created_at: row.created_at,
            expires_at: row.expires_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreOptions;

    #[tokio::test]
    async fn the_sweep_deletes_what_has_expired_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreOptions::in_directory(directory.path()))
            .await
            .unwrap();
        let owner = UserId::new("a");
        for (name, expires_at) in [("file-1", 10), ("file-2", 11)] {
            let id = FileId::new(name);
            let mut blob = store.write_blob(&id);
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
