//! `GET /api/Provider/files/{token}/{name}`: files that models made. The token is all that is asked for.

use aicon_documents::{SafeName, attachment};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::caller::Anyone;
use super::error::HttpError;
use crate::app::App;
use crate::service::results;

/// The file, as a download under the name that it was given. The name in the path is for people only.
///
/// # Errors
/// See [`results::open`].
pub async fn get(
    _: Anyone,
    State(app): State<App>,
    Path((token, _)): Path<(String, String)>,
) -> Result<Response, HttpError> {
    let file = results::open(&app, &token).await?;
    let record = file.record;
    let headers = [
        (header::CONTENT_TYPE, record.media_type),
        (header::CONTENT_LENGTH, record.bytes.to_string()),
        (
            header::CONTENT_DISPOSITION,
            attachment(&SafeName::new(&record.name)),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        // A result that is a page could otherwise run in our origin where it is opened in spite of its disposition.
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox".to_owned(),
        ),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(file.chunks)).into_response())
}
