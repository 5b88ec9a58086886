//! Reads a span of the ledger in bounded memory.

use std::collections::VecDeque;

use crate::store::{LedgerRow, Span, Store, StoreError};

/// Text of one chunk, unless a single row has more.
const CHUNK_BYTES: u64 = 1024 * 1024;

/// Rows of one chunk, and rows whose lengths are asked for at once.
const CHUNK_ROWS: u64 = 512;

/// Rows one after the other, in chunks: many short ones at once, long ones a few at a time. No connection is held between
/// two chunks, however slowly they are taken.
#[derive(Debug)]
pub struct LedgerReader {
    store: Store,
    left: Option<Span>,
    chunks: VecDeque<Span>,
}

impl LedgerReader {
    /// All rows of the span.
    pub fn new(store: Store, span: Option<Span>) -> Self {
        Self {
            store,
            left: span,
            chunks: VecDeque::new(),
        }
    }

    /// The next rows, in order; `None` after the last one.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn next(&mut self) -> Result<Option<Vec<LedgerRow>>, StoreError> {
        if self.chunks.is_empty()
            && let Some(Span { first, last }) = self.left
        {
            let until = last.min(first.saturating_add(CHUNK_ROWS - 1));
            let sizes = self.store.ledger_sizes(first, until).await?;
            self.chunks = chunks(first, &sizes);
            self.left = (until < last).then_some(Span {
                first: until.saturating_add(1),
                last,
            });
        }
        let Some(Span { first, last }) = self.chunks.pop_front() else {
            return Ok(None);
        };
        self.store.ledger_rows(first, last).await.map(Some)
    }
}

/// Rows from `first` on, of which the sizes are known, in chunks that are as long as they may be.
fn chunks(first: u64, sizes: &[u64]) -> VecDeque<Span> {
    let mut chunks: VecDeque<Span> = VecDeque::new();
    let mut bytes = 0_u64;
    for (seq, size) in (first..).zip(sizes) {
        bytes = bytes.saturating_add(*size);
        match chunks.back_mut() {
            Some(chunk) if bytes <= CHUNK_BYTES => chunk.last = seq,
            _ => {
                chunks.push_back(Span {
                    first: seq,
                    last: seq,
                });
                bytes = *size;
            }
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn chunks_are_all_rows_once_and_no_larger_than_they_must_be(
            first in 1..1_000_u64,
            sizes in prop::collection::vec(0..CHUNK_BYTES * 2, 0..100),
        ) {
            let mut next = first;
            for chunk in chunks(first, &sizes) {
                prop_assert_eq!(chunk.first, next);
                next = chunk.last + 1;
                let of = |seq: u64| sizes[(seq - first) as usize];
                let bytes: u64 = (chunk.first..=chunk.last).map(of).sum();
                prop_assert!(bytes <= CHUNK_BYTES || chunk.first == chunk.last);
            }
            prop_assert_eq!(next, first + sizes.len() as u64);
        }
    }
}
