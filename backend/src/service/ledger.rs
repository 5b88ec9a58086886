//! Reads a span of the ledger in bounded memory.

use crate::store::{LedgerRow, Span, Store, StoreError};

/// Text that one read is meant to bring.
const CHUNK_BYTES: usize = 1024 * 1024;

/// Rows of the first read, when nobody knows yet how long they are.
const FIRST_ROWS: u64 = 16;

/// Rows of any read.
const MOST_ROWS: u64 = 512;

/// Rows one after the other, read in chunks: many short ones at once, long ones a few at a time. No connection is held
/// between two chunks, however slowly they are taken.
#[derive(Debug)]
pub struct LedgerReader {
    store: Store,
    left: Option<Span>,
    rows: u64,
}

impl LedgerReader {
    /// All rows of the span.
    pub fn new(store: Store, span: Option<Span>) -> Self {
        Self {
            store,
            left: span,
            rows: FIRST_ROWS,
        }
    }

    /// The next rows, in order; `None` after the last one.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn next(&mut self) -> Result<Option<Vec<LedgerRow>>, StoreError> {
        let Some(Span { first, last }) = self.left else {
            return Ok(None);
        };
        let until = last.min(first.saturating_add(self.rows - 1));
        let rows = self.store.ledger_rows(first, until).await?;
        self.left = (until < last).then(|| Span {
            first: until + 1,
            last,
        });
        self.rows = rows_to_read(&rows);
        Ok(Some(rows))
    }
}

/// As many rows as make a chunk if they are like the last ones, at most four times as many: the next ones may be longer.
fn rows_to_read(last: &[LedgerRow]) -> u64 {
    let bytes: usize = last
        .iter()
        .map(|row| row.input.len() + row.content.len())
        .sum();
    let read = last.len().max(1);
    let fitting = CHUNK_BYTES / (bytes / read).max(1);
    (fitting.min(read * 4) as u64).clamp(1, MOST_ROWS)
}
