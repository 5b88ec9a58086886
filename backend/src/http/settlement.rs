//! `GET /api/Provider/get-usage-for-settlement` (`aicon.md` 6).

use std::io::Write as _;

use aicon_protocol::aicon::{RecordUsage, SettlementPage};
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::caller::{Anyone, address_of, credentials};
use super::error::HttpError;
use crate::app::App;
use crate::service::settlement::{self, PageReader};
use crate::store::{ReportedUse, StoreError};
use crate::usage::record_usage;

/// AICON, as far as the provider's choice of access can tell.
#[derive(Clone, Copy, Debug)]
pub struct Aicon;

impl FromRequestParts<App> for Aicon {
    type Rejection = HttpError;

    /// Who gets in is not counted: a month of small pages is many requests. Who does not is, so that keys cannot be tried.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, HttpError> {
        match app
            .settlement
            .admit(credentials(parts), address_of(parts, app))
        {
            Ok(()) => Ok(Self),
            Err(refusal) => {
                Anyone::from_request_parts(parts, app).await?;
                Err(refusal.into())
            }
        }
    }
}

/// A page of the uses of some days. Its rows leave as they are read: a thousand long answers are never in memory at once.
///
/// # Errors
/// The caller may not ask, the query is wrong, or the store does not answer. A store that fails after the first rows breaks
/// the answer off, which no reader takes for a whole one.
pub async fn get(
    _: Aicon,
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Response, HttpError> {
    let mut reader = settlement::page(&app, query.as_deref().unwrap_or_default()).await?;
    let (mut head, tail) = frame(&reader);
    if let Some(rows) = reader.rows.next_reported().await? {
        write(&app, rows, true, &mut head);
    }
    let chunks = stream::unfold(Step::Send(head.into(), reader), move |step| {
        let app = app.clone();
        async move { step.next(&app, tail).await }
    });
    let headers = [(CONTENT_TYPE, "application/json")];
    Ok((headers, Body::from_stream(chunks)).into_response())
}

/// What is to be done next.
enum Step {
    Send(Bytes, PageReader),
    Read(PageReader),
    Over,
}

impl Step {
    async fn next(
        self,
        app: &App,
        tail: &'static str,
    ) -> Option<(Result<Bytes, StoreError>, Self)> {
        let mut reader = match self {
            Self::Over => return None,
            Self::Send(bytes, reader) => return Some((Ok(bytes), Self::Read(reader))),
            Self::Read(reader) => reader,
        };
        Some(match reader.rows.next_reported().await {
            Ok(Some(rows)) => {
                let mut chunk = Vec::new();
                write(app, rows, false, &mut chunk);
                (Ok(chunk.into()), Self::Read(reader))
            }
            Ok(None) => (Ok(Bytes::from_static(tail.as_bytes())), Self::Over),
            Err(error) => {
                tracing::error!(%error, "a settlement page broke off");
                (Err(error), Self::Over)
            }
        })
    }
}

/// The page without its rows, cut where they belong.
fn frame(reader: &PageReader) -> (Vec<u8>, &'static str) {
    const TAIL: &str = "]}";
    let page = SettlementPage {
        page_number: reader.query.page_number,
        page_size: reader.query.page_size,
        total_count: reader.page.total_count,
        total_pages: reader.page.total_pages,
        model_usages: Vec::new(),
    };
    let mut head = serde_json::to_vec(&page).expect("numbers and an empty list are JSON");
    head.truncate(head.len() - TAIL.len());
    (head, TAIL)
}

fn write(app: &App, rows: Vec<ReportedUse>, is_first: bool, out: &mut Vec<u8>) {
    for (place, row) in rows.into_iter().enumerate() {
        if place > 0 || !is_first {
            out.push(b',');
        }
        // A vector takes what it is given.
        let _ = serde_json::to_writer(out.by_ref(), &record(app, row));
    }
}

/// The object as record usage sent it; the secret only if the provider wants AICON to have it here too.
fn record(app: &App, row: ReportedUse) -> RecordUsage {
    let client = app
        .settings
        .settlement
        .include_secret
        .then(|| app.clients.get(&row.client))
        .flatten();
    let secret = client
        .as_ref()
        .and_then(|client| client.secret.as_ref().ok());
    record_usage(row, secret, &app.settings.aicon.record_usage_time_format)
}
