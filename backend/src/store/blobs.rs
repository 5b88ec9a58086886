//! Contents of uploaded files, under generated names only.

use aicon_protocol::id::FileId;
use bytes::{Bytes, BytesMut};
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStoreExt as _, PutPayload};

use super::{Store, StoreError, blob, directory_error};

/// Bytes of one part: what an upload holds in memory.
const PART: usize = 256 * 1024;

/// A file being written. It exists once [`BlobWriter::finish`] has returned; dropped before, nothing is left of it.
#[derive(Debug)]
pub struct BlobWriter {
    upload: Box<dyn MultipartUpload>,
    buffer: BytesMut,
}

impl BlobWriter {
    /// Appends.
    ///
    /// # Errors
    /// The blob store cannot take it.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PART {
            self.flush().await
        } else {
            Ok(())
        }
    }

    /// Makes the file visible.
    ///
    /// # Errors
    /// The blob store cannot take it.
    pub async fn finish(mut self) -> Result<(), StoreError> {
        self.flush().await?;
        self.upload
            .complete()
            .await
            .map(drop)
            .map_err(blob("finish a blob"))
    }

    /// Leaves nothing behind. Dropping does the same, only later.
    pub async fn abort(mut self) {
        if let Err(error) = self.upload.abort().await {
            tracing::warn!(%error, "failed to abort a blob");
        }
    }

    async fn flush(&mut self) -> Result<(), StoreError> {
        let part = PutPayload::from_bytes(self.buffer.split().freeze());
        self.upload
            .put_part(part)
            .await
            .map_err(blob("write a blob"))
    }
}

impl Store {
    /// Begins a file's content.
    ///
    /// # Errors
    /// The blob store cannot take it.
    pub async fn write_blob(&self, id: &FileId) -> Result<BlobWriter, StoreError> {
        let upload = self
            .blobs
            .put_multipart(&path(id))
            .await
            .map_err(blob("begin a blob"))?;
        Ok(BlobWriter {
            upload,
            buffer: BytesMut::new(),
        })
    }

    /// A file's content.
    ///
    /// # Errors
    /// The blob is not there or cannot be read.
    pub async fn read_blob(&self, id: &FileId) -> Result<Bytes, StoreError> {
        let found = self
            .blobs
            .get(&path(id))
            .await
            .map_err(blob("open a blob"))?;
        found.bytes().await.map_err(blob("read a blob"))
    }

    /// Deletes a file's content; one that is not there is deleted already.
    ///
    /// # Errors
    /// The blob store does not answer.
    pub async fn delete_blob(&self, id: &FileId) -> Result<(), StoreError> {
        match self.blobs.delete(&path(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(StoreError::Blob {
                action: "delete a blob",
                source,
            }),
        }
    }
}

/// Deletes what a crash left of unfinished uploads: the local blob store writes to `name#suffix` and renames.
pub(super) fn remove_leftovers(directory: &std::path::Path) -> Result<(), StoreError> {
    let failed = directory_error(directory);
    for entry in std::fs::read_dir(directory).map_err(&failed)? {
        let entry = entry.map_err(&failed)?;
        if entry.file_name().to_string_lossy().contains('#') {
            std::fs::remove_file(entry.path()).map_err(&failed)?;
        }
    }
    Ok(())
}

/// Writes a file and deletes it: a directory that is read-only or full is found at the start, not by the first user.
pub(super) fn probe(directory: &std::path::Path) -> Result<(), StoreError> {
    let file = directory.join("probe#");
    std::fs::write(&file, b"probe")
        .and_then(|()| std::fs::remove_file(&file))
        .map_err(directory_error(directory))
}

fn path(id: &FileId) -> Path {
    Path::from(id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreOptions;

    #[tokio::test]
    async fn an_unfinished_blob_is_gone_after_the_next_start() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreOptions::in_directory(directory.path()))
            .await
            .unwrap();
        let files = directory.path().join("files");
        std::fs::write(files.join("file-1#1"), "half").unwrap();
        std::fs::write(files.join("file-2"), "whole").unwrap();
        drop(store);
        let store = Store::open(&StoreOptions::in_directory(directory.path()))
            .await
            .unwrap();
        assert!(!files.join("file-1#1").exists());
        assert_eq!(
            store.read_blob(&FileId::new("file-2")).await.unwrap(),
            "whole"
        );
    }
}
