//! Contents of uploaded files, under generated names only.

use std::sync::Arc;

use aicon_protocol::id::FileId;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt as _, PutPayload};

use super::{Store, StoreError, blob};

/// Where blobs are.
#[derive(Clone, Debug)]
pub(super) struct Blobs {
    pub(super) store: Arc<dyn ObjectStore>,
    /// Bytes of one part: what an upload holds in memory. What is smaller is stored in one request.
    pub(super) part: usize,
}

/// A file being written. It exists once [`BlobWriter::finish`] has returned; dropped before, nothing is left of it.
#[derive(Debug)]
pub struct BlobWriter {
    blobs: Blobs,
    path: Path,
    /// Begun with the first full part.
    upload: Option<Box<dyn MultipartUpload>>,
    buffer: BytesMut,
}

impl BlobWriter {
    /// Appends.
    ///
    /// # Errors
    /// The blob store cannot take it.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() < self.blobs.part {
            return Ok(());
        }
        if self.upload.is_none() {
            let begun = self.blobs.store.put_multipart(&self.path).await;
            self.upload = Some(begun.map_err(blob("begin a blob"))?);
        }
        self.flush().await
    }

    /// Makes the file visible.
    ///
    /// # Errors
    /// The blob store cannot take it.
    pub async fn finish(mut self) -> Result<(), StoreError> {
        if self.upload.is_none() {
            let whole = PutPayload::from_bytes(self.buffer.split().freeze());
            let put = self.blobs.store.put(&self.path, whole).await;
            return put.map(drop).map_err(blob("write a blob"));
        }
        if !self.buffer.is_empty() {
            self.flush().await?;
        }
        if let Some(upload) = &mut self.upload {
            upload.complete().await.map_err(blob("finish a blob"))?;
        }
        self.upload = None;
        Ok(())
    }

    /// Leaves nothing behind. Dropping does the same, only later.
    pub async fn abort(mut self) {
        if let Some(upload) = self.upload.take() {
            abort(upload).await;
        }
    }

    async fn flush(&mut self) -> Result<(), StoreError> {
        let part = PutPayload::from_bytes(self.buffer.split().freeze());
        let Some(upload) = &mut self.upload else {
            return Ok(());
        };
        upload.put_part(part).await.map_err(blob("write a blob"))
    }
}

impl Drop for BlobWriter {
    fn drop(&mut self) {
        if let (Some(upload), Ok(runtime)) =
            (self.upload.take(), tokio::runtime::Handle::try_current())
        {
            runtime.spawn(abort(upload));
        }
    }
}

async fn abort(mut upload: Box<dyn MultipartUpload>) {
    if let Err(error) = upload.abort().await {
        tracing::warn!(%error, "failed to abort a blob");
    }
}

impl Store {
    /// Begins a file's content.
    pub fn write_blob(&self, id: &FileId) -> BlobWriter {
        BlobWriter {
            blobs: self.blobs.clone(),
            path: path(id),
            upload: None,
            buffer: BytesMut::new(),
        }
    }

    /// A file's content.
    ///
    /// # Errors
    /// The blob is not there or cannot be read.
    pub async fn read_blob(&self, id: &FileId) -> Result<Bytes, StoreError> {
        let found = self.blobs.store.get(&path(id)).await;
        let found = found.map_err(blob("open a blob"))?;
        found.bytes().await.map_err(blob("read a blob"))
    }

    /// A file's content, as it is read.
    ///
    /// # Errors
    /// The blob is not there; in the stream, that it cannot be read on.
    pub async fn stream_blob(
        &self,
        id: &FileId,
    ) -> Result<BoxStream<'static, Result<Bytes, StoreError>>, StoreError> {
        let found = self.blobs.store.get(&path(id)).await;
        let found = found.map_err(blob("open a blob"))?;
        let chunks = found.into_stream();
        Ok(chunks
            .map(|chunk| chunk.map_err(blob("read a blob")))
            .boxed())
    }

    /// Deletes a file's content; one that is not there is deleted already.
    ///
    /// # Errors
    /// The blob store does not answer.
    pub async fn delete_blob(&self, id: &FileId) -> Result<(), StoreError> {
        match self.blobs.store.delete(&path(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(blob("delete a blob")(error)),
        }
    }
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
