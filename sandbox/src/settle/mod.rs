//! "Settle month": pages through the provider's settlement and holds it against what was recorded.

mod pages;
mod reconcile;
mod span;

use std::time::Instant;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::provider::PageError;
use crate::state::{Sandbox, now};

pub(crate) use reconcile::{Difference, Kind, Reconciliation};
pub(crate) use span::{Span, SpanError};

/// What to settle: a month, or the days from `from` to `to`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettleRequest {
    /// `YYYY-MM`.
    pub(crate) month: Option<String>,
    /// `YYYY-MM-DD`, included.
    pub(crate) from: Option<String>,
    /// `YYYY-MM-DD`, included.
    pub(crate) to: Option<String>,
    /// 1 to 1000; 1000 when not given.
    pub(crate) page_size: Option<u64>,
    /// Hours that the provider's days are ahead of UTC, as its setting says; 9 for Korea.
    #[serde(default)]
    pub(crate) utc_offset_hours: i8,
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Settlement {
    pub(crate) at: Timestamp,
    /// First day, included.
    pub(crate) from: String,
    /// Last day, included.
    pub(crate) to: String,
    pub(crate) page_size: u64,
    /// Pages read.
    pub(crate) pages: u64,
    /// Milliseconds from the first call to the last answer.
    pub(crate) took_ms: f64,
    /// The provider's `totalCount`.
    pub(crate) stated_count: u64,
    /// How the pages themselves are at odds with the contract.
    pub(crate) paging_faults: Vec<String>,
    /// Uses that came with the client secret in them.
    pub(crate) leaked_secrets: u64,
    /// No difference, no fault of paging.
    pub(crate) balanced: bool,
    #[serde(flatten)]
    pub(crate) reconciliation: Reconciliation,
}

/// Why nothing was settled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettleError {
    #[error(transparent)]
    Request(#[from] SpanError),
    #[error(transparent)]
    Provider(#[from] PageError),
}

/// Settles.
///
/// # Errors
///
/// When the request makes no sense, or a page was not had.
pub(crate) async fn settle(
    sandbox: &Sandbox,
    request: &SettleRequest,
) -> Result<Settlement, SettleError> {
    let span = Span::of(request)?;
    let page_size = span::page_size(request)?;
    let provider = sandbox.provider.lock().clone();
    // A use that arrives while pages are read may or may not be on them.
    let recorded_before = sandbox.usages.lock().recorded_count();
    let (at, started) = (now(), Instant::now());
    let statement = pages::read(&sandbox.http, &provider, span.days, page_size).await?;
    let took_ms = started.elapsed().as_secs_f64() * 1000.0;
    let reconciliation = reconcile::reconcile(
        &sandbox.usages.lock(),
        &statement.uses,
        &span,
        recorded_before,
    );
    Ok(Settlement {
        at,
        from: span.days.0.to_string(),
        to: span.days.1.to_string(),
        page_size,
        pages: statement.pages,
        took_ms,
        stated_count: statement.stated_count,
        balanced: reconciliation.is_even() && statement.faults.is_empty(),
        leaked_secrets: statement.leaked_secrets(),
        paging_faults: statement.faults,
        reconciliation,
    })
}
