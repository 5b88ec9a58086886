//! Files that models make: kept for a while under a path that nobody guesses. Whoever has the path has the file, as AICON's
//! page needs it, which fetches without a token.

use std::time::Duration;

use aicon_documents::SafeName;
use bytes::Bytes;
use futures_util::stream::BoxStream;

use super::ServiceError;
use crate::app::App;
use crate::id;
use crate::store::{ResultRecord, StoreError};

/// Before the token and the name.
pub const PATH: &str = "/api/Provider/files/";

/// A result file on its way to whoever has its path.
pub struct ResultFile {
    /// Name, type and size.
    pub record: ResultRecord,
    /// The content.
    pub chunks: BoxStream<'static, Result<Bytes, StoreError>>,
}

/// Keeps a file. Answers its path below the server's address.
///
/// # Errors
/// The store takes it not.
pub(super) async fn keep(
    app: &App,
    name: &SafeName,
    media_type: &str,
    bytes: &[u8],
) -> Result<String, ServiceError> {
    let now = app.clock.now();
    let record = ResultRecord {
        token: id::result_token(),
        blob: id::file_id(),
        name: name.as_str().to_owned(),
        media_type: media_type.to_owned(),
        bytes: bytes.len() as u64,
        created_at: now,
        expires_at: now.saturating_add(milliseconds(app.settings.results.life)),
    };
    // The row before the blob: a crash between leaves something that the sweep finds.
    app.store.insert_result(&record).await?;
    let mut blob = app.store.write_blob(&record.blob);
    blob.write(bytes).await?;
    blob.finish().await?;
    let name: String = url::form_urlencoded::byte_serialize(name.as_str().as_bytes()).collect();
    // A blank is `+` in forms only.
    let name = name.replace('+', "%20");
    Ok(format!("{PATH}{}/{name}", record.token))
}

/// The file of a token.
///
/// # Errors
/// There is none, or not any more; the store does not answer.
pub async fn open(app: &App, token: &str) -> Result<ResultFile, ServiceError> {
    let record = app.store.result(token).await?;
    let record = record.ok_or(ServiceError::ResultNotFound)?;
    if record.expires_at <= app.clock.now() {
        return Err(ServiceError::ResultGone);
    }
    let chunks = app.store.stream_blob(&record.blob).await?;
    Ok(ResultFile { record, chunks })
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
