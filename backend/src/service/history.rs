//! The turns that a message continues, and the pictures that it carries.

use std::time::Duration;

use aicon_protocol::id::{FileId, ResponseId, UserId};

use super::{ServiceError, metadata};
use crate::app::App;
use crate::provider::{Image, Role, Turn};
use crate::store::{FileRecord, Status, UseRecord};

/// Bytes of earlier pictures that are sent along again, the newest first.
const HISTORY_IMAGE_BYTES: u64 = 32 * 1024 * 1024;

/// How long a follow-up waits for the answer before it to be stored: a client that stops an answer and goes on at once
/// is faster than the row.
const SETTLE: Duration = Duration::from_secs(2);

/// All turns up to `previous`, oldest first.
///
/// # Errors
/// `previous` is not an answer of this user's; the store does not answer.
pub(super) async fn turns(
    app: &App,
    user: &UserId,
    previous: &ResponseId,
) -> Result<Vec<Turn>, ServiceError> {
    let mut budget = HISTORY_IMAGE_BYTES;
    let mut newest_first = Vec::new();
    let mut next = Some(previous.clone());
    while let Some(id) = next.take() {
        let Some(record) = settled(app, user, &id).await? else {
            // A chain that breaks further back is a conversation that was cut by housekeeping, not a wrong request.
            if newest_first.is_empty() {
                return Err(ServiceError::ResponseNotFound(id));
            }
            break;
        };
        let images = affordable_images(app, user, &record.files, &mut budget).await?;
        newest_first.push(Turn {
            role: Role::Assistant,
            text: record.content,
            images: Vec::new(),
        });
        newest_first.push(Turn {
            role: Role::User,
            text: record.input,
            images,
        });
        if newest_first.len() < app.settings.limits.history_turns {
            next = record.previous;
        }
    }
    newest_first.reverse();
    // Upstreams refuse an empty assistant turn, which is what an answer stopped before its first word is.
    newest_first.retain(|turn| !turn.text.is_empty());
    Ok(newest_first)
}

/// The pictures of the message itself.
///
/// # Errors
/// One of them is unknown, expired or another user's; the store does not answer.
pub(super) async fn images(
    app: &App,
    user: &UserId,
    ids: &[FileId],
) -> Result<Vec<Image>, ServiceError> {
    let mut images = Vec::with_capacity(ids.len());
    for id in ids {
        let file = app.store.file(user, id, app.clock.now()).await?;
        let file = file.ok_or_else(|| ServiceError::FileNotFound(id.clone()))?;
        images.push(load(app, file).await?);
    }
    Ok(images)
}

async fn settled(
    app: &App,
    user: &UserId,
    id: &ResponseId,
) -> Result<Option<UseRecord>, ServiceError> {
    let deadline = tokio::time::Instant::now() + SETTLE;
    loop {
        let record = app.store.response(user, id).await?;
        match record {
            Some(record) if record.status == Status::Open => {
                if tokio::time::Instant::now() >= deadline {
                    return Ok(None);
                }
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
            other => return Ok(other),
        }
    }
}

async fn affordable_images(
    app: &App,
    user: &UserId,
    ids: &[FileId],
    budget: &mut u64,
) -> Result<Vec<Image>, ServiceError> {
    let mut images = Vec::new();
    for id in ids {
        // An earlier picture may have expired since; the conversation goes on without it.
        let Some(file) = app.store.file(user, id, app.clock.now()).await? else {
            continue;
        };
        let Some(rest) = budget.checked_sub(file.bytes) else {
            continue;
        };
        *budget = rest;
        images.push(load(app, file).await?);
    }
    Ok(images)
}

async fn load(app: &App, file: FileRecord) -> Result<Image, ServiceError> {
    let stored = app.store.read_blob(&file.id).await?;
    let bytes = metadata::without(&file.media_type, stored.clone()).unwrap_or(stored);
    Ok(Image {
        media_type: file.media_type,
        bytes,
        width: file.width,
        height: file.height,
    })
}
