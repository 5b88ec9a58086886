//! A picture on its way to the blob store, chunk by chunk.

use aicon_protocol::ai::UPLOAD_DAYS;
use aicon_protocol::id::{FileId, UserId};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};

use super::ServiceError;
use super::image::{self, HEAD_BYTES, Header, MAGIC_BYTES};
use crate::app::App;
use crate::id;
use crate::store::{BlobWriter, FileRecord};

/// Milliseconds that an uploaded file lives.
const LIFE_MS: i64 = UPLOAD_DAYS as i64 * 24 * 60 * 60 * 1000;

/// Takes a file. What is refused, or broken off, leaves nothing behind.
///
/// # Errors
/// No file, not a picture, too large, a body that breaks off, or the store.
pub async fn receive(
    app: &App,
    user: &UserId,
    name: &str,
    mut chunks: impl Stream<Item = Result<Bytes, ServiceError>> + Unpin,
) -> Result<FileId, ServiceError> {
    image::allowed_extension(name).map_err(ServiceError::UnsupportedFormat)?;
    let (header, head) = read_header(app, &mut chunks).await?;
    let id = id::file_id();
    let mut blob = app.store.write_blob(&id);
    match write(app, &mut blob, head, chunks).await {
        Ok(bytes) => {
            // The row before the blob: a crash between leaves something that the sweep finds.
            app.store
                .insert_file(&record(app, user, &id, header, bytes))
                .await?;
            blob.finish().await?;
            Ok(id)
        }
        Err(error) => {
            blob.abort().await;
            Err(error)
        }
    }
}

/// Reads until the picture's size is known.
async fn read_header(
    app: &App,
    chunks: &mut (impl Stream<Item = Result<Bytes, ServiceError>> + Unpin),
) -> Result<(Header, Vec<u8>), ServiceError> {
    let mut head = Vec::new();
    let mut next_try = MAGIC_BYTES;
    let header = loop {
        let chunk = chunks.next().await.transpose()?;
        let over = chunk.is_none();
        head.extend_from_slice(chunk.as_deref().unwrap_or_default());
        if over && head.is_empty() {
            return Err(ServiceError::MissingFile);
        }
        if head.len() < next_try && !over {
            continue;
        }
        let media_type = image::media_type(&head)
            .map_err(|found| ServiceError::UnsupportedFormat(found.to_owned()))?;
        if let Some(header) = image::header(&head) {
            break header;
        }
        if over || head.len() > HEAD_BYTES {
            let kind = media_type.trim_start_matches("image/");
            return Err(ServiceError::UnsupportedFormat(format!(
                "{kind} (손상된 이미지)"
            )));
        }
        // Doubling keeps the repeated look at the head linear.
        next_try = head.len() * 2;
    };
    let limit = app.settings.limits.image_pixels;
    if u64::from(header.width) * u64::from(header.height) > limit {
        return Err(ServiceError::TooManyPixels { limit });
    }
    Ok((header, head))
}

async fn write(
    app: &App,
    blob: &mut BlobWriter,
    head: Vec<u8>,
    mut chunks: impl Stream<Item = Result<Bytes, ServiceError>> + Unpin,
) -> Result<u64, ServiceError> {
    let limit = app.settings.limits.upload_bytes;
    let mut total = head.len();
    blob.write(&head).await?;
    drop(head);
    while let Some(chunk) = chunks.next().await.transpose()? {
        total += chunk.len();
        if total > limit {
            return Err(ServiceError::PayloadTooLarge { limit });
        }
        blob.write(&chunk).await?;
    }
    if total > limit {
        Err(ServiceError::PayloadTooLarge { limit })
    } else {
        Ok(total as u64)
    }
}

fn record(app: &App, user: &UserId, id: &FileId, header: Header, bytes: u64) -> FileRecord {
    let now = app.clock.now();
    FileRecord {
        id: id.clone(),
        owner: user.clone(),
        media_type: header.media_type.to_owned(),
        bytes,
        width: header.width,
        height: header.height,
        created_at: now,
        expires_at: now + LIFE_MS,
    }
}
