//! Reads a span of the ledger in bounded memory.

use std::collections::VecDeque;

use tokio::task::JoinHandle;

use crate::store::{LedgerRow, ReportedUse, Span, Store, StoreError};

/// Text of one chunk, unless a single row has more.
const CHUNK_BYTES: u64 = 4 * 1024 * 1024;

/// Rows of one chunk.
const CHUNK_ROWS: u64 = 250;

/// Rows of which it is asked at once whether they fit into memory; a page of a settlement has no more.
const LOOK_ROWS: u64 = 1000;

/// Rows one after the other, in chunks: many short ones at once, long ones a few at a time. No connection is held between
/// two chunks, however slowly they are taken.
#[derive(Debug)]
pub struct LedgerReader {
    store: Store,
    left: Option<Span>,
    chunks: VecDeque<Span>,
    ahead: Option<Reading>,
}

/// A chunk that is being read.
type Reading = JoinHandle<Result<Vec<ReportedUse>, StoreError>>;

impl LedgerReader {
    /// All rows of the span.
    pub fn new(store: Store, span: Option<Span>) -> Self {
        Self {
            store,
            left: span,
            chunks: VecDeque::new(),
            ahead: None,
        }
    }

    /// The next rows, in order; `None` after the last one.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn next(&mut self) -> Result<Option<Vec<LedgerRow>>, StoreError> {
        match self.next_chunk().await? {
            Some(Span { first, last }) => self.store.ledger_rows(first, last).await.map(Some),
            None => Ok(None),
        }
    }

    /// [`LedgerReader::next`] for reports; the chunk after it is read meanwhile.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn next_reported(&mut self) -> Result<Option<Vec<ReportedUse>>, StoreError> {
        let now = match self.ahead.take() {
            Some(reading) => reading,
            None => match self.next_chunk().await? {
                Some(chunk) => self.read(chunk),
                None => return Ok(None),
            },
        };
        self.ahead = self.next_chunk().await?.map(|chunk| self.read(chunk));
        now.await.map_err(|_| StoreError::Closed)?.map(Some)
    }

    fn read(&self, Span { first, last }: Span) -> Reading {
        let store = self.store.clone();
        tokio::spawn(async move { store.reported_uses(first, last).await })
    }

    async fn next_chunk(&mut self) -> Result<Option<Span>, StoreError> {
        if self.chunks.is_empty()
            && let Some(Span { first, last }) = self.left
        {
            let until = last.min(first.saturating_add(LOOK_ROWS - 1));
            self.chunks = if self.store.ledger_bytes(first, until).await? <= CHUNK_BYTES {
                chunks(first, &vec![0; (until - first + 1) as usize])
            } else {
                chunks(first, &self.store.ledger_sizes(first, until).await?)
            };
            self.left = (until < last).then_some(Span {
                first: until.saturating_add(1),
                last,
            });
        }
        Ok(self.chunks.pop_front())
    }
}

/// Rows from `first` on, of which the sizes are known, in chunks that are as long as they may be.
fn chunks(first: u64, sizes: &[u64]) -> VecDeque<Span> {
    let mut chunks: VecDeque<Span> = VecDeque::new();
    let mut bytes = 0_u64;
    for (seq, size) in (first..).zip(sizes) {
        bytes = bytes.saturating_add(*size);
        match chunks.back_mut() {
            Some(chunk) if bytes <= CHUNK_BYTES && seq - chunk.first < CHUNK_ROWS => {
                chunk.last = seq;
            }
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
            sizes in prop::collection::vec(prop_oneof![Just(0), 0..CHUNK_BYTES * 2], 0..600),
        ) {
            let mut next = first;
            for chunk in chunks(first, &sizes) {
                prop_assert_eq!(chunk.first, next);
                next = chunk.last + 1;
                let of = |seq: u64| sizes[(seq - first) as usize];
                let bytes: u64 = (chunk.first..=chunk.last).map(of).sum();
                prop_assert!(bytes <= CHUNK_BYTES || chunk.first == chunk.last);
                prop_assert!(chunk.last - chunk.first < CHUNK_ROWS);
            }
            prop_assert_eq!(next, first + sizes.len() as u64);
        }
    }
}
