//! A stored answer.

use aicon_protocol::ai::StoredResponse;
use aicon_protocol::id::{ResponseId, UserId};

use super::ServiceError;
use crate::app::App;
use crate::clock::iso;
use crate::store::Status;

/// The answer, completed or stopped; one that is still open or has failed is none.
///
/// # Errors
/// No ID, no such answer of this user's, or the store does not answer.
pub async fn response(
    app: &App,
    user: &UserId,
    id: Option<&str>,
) -> Result<StoredResponse, ServiceError> {
    let id = id
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .ok_or(ServiceError::MissingParam("id"))?;
    let id = ResponseId::new(id);
    let record = app.store.response(user, &id).await?;
    let record =
        record.filter(|record| matches!(record.status, Status::Completed | Status::Stopped));
    let record = record.ok_or(ServiceError::ResponseNotFound(id))?;
    Ok(StoredResponse {
        timestamp: iso(record.ended_at.unwrap_or(record.started_at)),
        id: record.id,
        content: record.content,
        model: record.model,
        provider: record.provider,
        usage: record.usage,
    })
}
