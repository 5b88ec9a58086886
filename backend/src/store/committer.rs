//! Group commit: one task takes what waits to be opened and completed and writes it in one transaction. Each waiter is
//! answered after the commit, so that one flush to the disk serves all that came during the one before. Uses that are only
//! opened are answered before the flush, and told when it is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aicon_protocol::id::ResponseId;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, WeakUnboundedSender};

use super::StoreError;
use super::batch::{self, Written};
use super::database::Database;
use super::flush::{self, Flush, Flushing};
use super::writer::{Opening, Write};
use crate::clock::Clock;

/// Rows of one transaction.
const MOST_ROWS: usize = 512;

/// Bytes of text in one transaction; the engine holds them several times over.
const MOST_BYTES: usize = 128 * 1024;

/// Rows of one batch that say that many are writing: to write together is then cheaper for all than to write at once.
const CROWD: usize = 4;

/// The one who writes.
pub(super) struct Committer {
    pub(super) database: Database,
    pub(super) holder: Arc<str>,
    pub(super) wake: Arc<Notify>,
    pub(super) clock: Clock,
    pub(super) queue: WeakUnboundedSender<Write>,
    /// Whether many write, by the last batch.
    pub(super) is_crowded: Arc<AtomicBool>,
}

impl Committer {
    /// Writes until nobody is left who could send something.
    pub(super) async fn run(self, mut waiting: UnboundedReceiver<Write>) {
        while let Some(first) = waiting.recv().await {
            let (mut rows, mut flushing, mut bytes) = (Vec::new(), Vec::new(), 0);
            let mut next = Some(first);
            while let Some(write) = next.take() {
                bytes += write.bytes();
                match write {
                    Write::Flush(one) => flushing.push(one),
                    row => rows.push(row),
                }
                if rows.len() < MOST_ROWS && bytes < MOST_BYTES {
                    next = waiting.try_recv().ok();
                }
            }
            if !rows.is_empty() {
                self.is_crowded.store(rows.len() > CROWD, Ordering::Relaxed);
            }
            let is_flushed = !rows.is_empty() && self.write(rows, &mut flushing).await;
            self.flush(flushing, is_flushed).await;
        }
    }

    /// Writes all of them together. If one of them is to blame that this fails, each is written alone. Whom a flush concerns
    /// that is yet to come is put to `flushing`; `true`: all that was written before is on the disk.
    async fn write(&self, rows: Vec<Write>, flushing: &mut Vec<Flushing>) -> bool {
        let result = self.commit(&rows).await;
        match result {
            Err(error) if rows.len() > 1 && is_about_a_row(&error) => {
                for row in rows {
                    let result = self.commit(std::slice::from_ref(&row)).await;
                    self.answer(vec![row], result, flushing);
                }
                false
            }
            result => {
                let is_flushed = matches!(&result, Ok(written) if !written.is_unflushed);
                self.answer(rows, result, flushing);
                is_flushed
            }
        }
    }

    /// The next batch waits for it: its own flush would not be over earlier.
    async fn flush(&self, flushing: Vec<Flushing>, is_flushed: bool) {
        if flushing.is_empty() {
            return;
        }
        match self.database.log() {
            Some(log) if !is_flushed => {
                // Whom it concerns goes on first.
                tokio::task::yield_now().await;
                flush::flush(log, flushing).await;
            }
            _ => flushing.into_iter().for_each(Flushing::done),
        }
    }

    async fn commit(&self, batch: &[Write]) -> Result<Written, sqlx::Error> {
        let (mut opens, mut completions) = (Vec::new(), Vec::new());
        for write in batch {
            match write {
                Write::Open(new, _) => opens.push(&**new),
                Write::Complete(id, outcome, _) => completions.push((id, &**outcome)),
                Write::Flush(_) => {}
            }
        }
        batch::write(
            &self.database,
            &self.holder,
            self.clock.now(),
            &opens,
            &completions,
        )
        .await
    }

    fn answer(
        &self,
        rows: Vec<Write>,
        result: Result<Written, sqlx::Error>,
        flushing: &mut Vec<Flushing>,
    ) {
        let mut result = result.map_err(Arc::new);
        if result.as_ref().is_ok_and(|written| written.enqueued) {
            self.wake.notify_one();
        }
        let mut flush = Flush::default();
        if result.as_ref().is_ok_and(|written| written.is_unflushed) {
            let (end, pending) = Flush::pending();
            flushing.push(end);
            flush = pending;
        }
        for write in rows {
            match write {
                Write::Open(new, reply) => {
                    let answer = match &mut result {
                        Ok(written) => {
                            let is_new = written.opened.remove(new.id.as_str());
                            Ok(self.opening(new.id.clone(), is_new.then(|| flush.clone())))
                        }
                        Err(error) => Err(StoreError::Sql {
                            action: "open a use",
                            source: error.clone(),
                        }),
                    };
                    // A caller who is gone gives the answer back, and its drop ends the use.
                    drop(reply.send(answer));
                }
                Write::Complete(id, _, reply) => {
                    let answer = match &mut result {
                        Ok(written) => Ok(written.completed.remove(id.as_str())),
                        Err(error) => Err(StoreError::Sql {
                            action: "complete a use",
                            source: error.clone(),
                        }),
                    };
                    drop(reply.send(answer));
                }
                Write::Flush(_) => {}
            }
        }
    }

    fn opening(&self, id: ResponseId, new: Option<Flush>) -> Opening {
        Opening {
            id,
            new,
            queue: self.queue.clone(),
            clock: self.clock.clone(),
        }
    }
}

/// Whether a row's content is why a statement failed; a full disk or a lost connection fails each row as well.
fn is_about_a_row(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else {
        return false;
    };
    let code = error.code();
    let code = code.as_deref().unwrap_or_default();
    if error
        .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
        .is_some()
    {
        // Data exceptions, violated constraints, texts that are too long for an index.
        return ["22", "23", "54"]
            .iter()
            .any(|class| code.starts_with(class));
    }
    // Extended result codes carry the primary one in their low byte: error, too big, constraint, mismatch.
    code.parse::<u32>()
        .is_ok_and(|code| matches!(code & 0xff, 1 | 18 | 19 | 20))
}
