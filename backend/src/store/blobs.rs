//! Contents of uploaded files, under generated names only.

use aicon_protocol::id::FileId;
use bytes::{Bytes, BytesMut};
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStoreExt as _, PutPayload};

use super::{Store, StoreError, blob};

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
        if self.buffer.len() >= PART { self.flush().await } else { Ok(()) }
    }

    /// Makes the file visible.
    ///
    /// # Errors
    /// The blob store cannot take it.
    pub async fn finish(mut self) -> Result<(), StoreError> {
        self.flush().await?;
        self.upload.complete().await.map(drop).map_err(blob("finish a blob"))
    }

    /// Leaves nothing behind. Dropping does the same, only later.
    pub async fn abort(mut self) {
        if let Err(error) = self.upload.abort().await {
            tracing::warn!(%error, "failed to abort a blob");
        }
    }

    async fn flush(&mut self) -> Result<(), StoreError> {
        let part = PutPayload::from_bytes(self.buffer.split().freeze());
        self.upload.put_part(part).await.map_err(blob("write a blob"))
    }
}

impl Store {
    /// Begins a file's content.
    ///
    /// # Errors
    /// The blob store cannot take it.
    pub async fn write_blob(&self, id: &FileId) -> Result<BlobWriter, StoreError> {
        let upload = self.blobs.put_multipart(&path(id)).await.map_err(blob("begin a blob"))?;
        Ok(BlobWriter { upload, buffer: BytesMut::new() })
    }

    /// A file's content.
    ///
    /// # Errors
    /// The blob is not there or cannot be read.
    pub async fn read_blob(&self, id: &FileId) -> Result<Bytes, StoreError> {
        let found = self.blobs.get(&path(id)).await.map_err(blob("open a blob"))?;
        found.bytes().await.map_err(blob("read a blob"))
    }

    /// Deletes a file's content; one that is not there is deleted already.
    ///
    /// # Errors
    /// The blob store does not answer.
    pub async fn delete_blob(&self, id: &FileId) -> Result<(), StoreError> {
        match self.blobs.delete(&path(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(StoreError::Blob { action: "delete a blob", source }),
        }
    }
}

fn path(id: &FileId) -> Path {
    Path::from(id.as_str())
}
