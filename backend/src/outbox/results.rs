//! Results that the store is still to be told.

use std::time::Duration;

use tokio::time::Instant;

use crate::store::{Delivered, Store, StoreError};

/// Results that are marked together at most.
const GROUP: usize = 64;

/// How long a result waits for others to be marked with.
const GROUP_TIME: Duration = Duration::from_millis(50);

/// How long until the store is told again what it did not take.
const AGAIN: Duration = Duration::from_secs(1);

/// What became of claims, by `seq`.
#[derive(Debug, Default)]
pub(super) struct Results {
    list: Vec<(u64, Delivered)>,
    due: Option<Instant>,
}

impl Results {
    pub(super) fn push(&mut self, seq: u64, result: Delivered) {
        self.list.push((seq, result));
        self.due.get_or_insert_with(|| Instant::now() + GROUP_TIME);
    }

    /// When the store is to be told, at the latest.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Whether the store should be told now.
    pub(super) fn are_many(&self) -> bool {
        self.list.len() >= GROUP
    }

    /// Tells the store.
    ///
    /// # Errors
    /// The store did not take them: they stay. If it never does, their leases lapse and they are sent again.
    pub(super) async fn mark(&mut self, store: &Store) -> Result<(), StoreError> {
        if !self.list.is_empty()
            && let Err(error) = store.finish_claims(self.list.clone()).await
        {
            self.due = Some(Instant::now() + AGAIN);
            return Err(error);
        }
        self.list.clear();
        self.due = None;
        Ok(())
    }
}
