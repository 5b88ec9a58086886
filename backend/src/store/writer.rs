//! Group commit: one task takes what waits to be opened and completed and writes it in one transaction. Each waiter is
//! answered after the commit, so that one flush to the disk serves all that came during the one before. Uses that are only
//! opened are answered before the flush, and told when it is over.

use std::sync::Arc;

use aicon_protocol::ai::Usage;
use aicon_protocol::id::ResponseId;
use tokio::sync::mpsc::{
    UnboundedReceiver, UnboundedSender, WeakUnboundedSender, unbounded_channel,
};
use tokio::sync::{Notify, oneshot};

use super::StoreError;
use super::batch::{self, Written};
use super::database::Database;
use super::flush::Flush;
use super::record::{NewUse, Outcome, Status};
use crate::clock::Clock;

/// Rows of one transaction.
const MOST_ROWS: usize = 512;

/// Bytes of text in one transaction; the engine holds them several times over.
const MOST_BYTES: usize = 128 * 1024;

/// HTTP status by which a client that went away is recorded (nginx's "client closed request").
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// Hands rows to the task, which ends with the last handle. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    queue: UnboundedSender<Write>,
}

/// What waits to be written.
#[derive(Debug)]
enum Write {
    Open(Box<NewUse>, oneshot::Sender<Result<Opening, StoreError>>),
    Complete(
        ResponseId,
        Box<Outcome>,
        oneshot::Sender<Result<bool, StoreError>>,
    ),
}

/// The answer to an open. Dropped by a caller who is gone, it ends the use that nobody will end otherwise.
#[derive(Debug)]
struct Opening {
    id: ResponseId,
    new: Option<Flush>,
    queue: WeakUnboundedSender<Write>,
    clock: Clock,
}

impl Writer {
    /// Starts the task.
    pub(super) fn start(
        database: Database,
        holder: Arc<str>,
        wake: Arc<Notify>,
        clock: Clock,
    ) -> Self {
        let (queue, waiting) = unbounded_channel();
        let task = Task {
            database,
            holder,
            wake,
            clock,
            queue: queue.downgrade(),
        };
        tokio::spawn(task.run(waiting));
        Self { queue }
    }

    /// Answers whether the row is new, and then when it is on the disk.
    pub(super) async fn open(&self, new: NewUse) -> Result<Option<Flush>, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.send(Write::Open(Box::new(new), reply))?;
        let mut opening = answer.await.map_err(|_| StoreError::Closed)??;
        Ok(opening.new.take())
    }

    /// Answers whether the row was open.
    pub(super) async fn complete(
        &self,
        id: ResponseId,
        outcome: Outcome,
    ) -> Result<bool, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.send(Write::Complete(id, Box::new(outcome), reply))?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    fn send(&self, write: Write) -> Result<(), StoreError> {
        self.queue.send(write).map_err(|_| StoreError::Closed)
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        if self.new.is_none() {
            return;
        }
        let Some(queue) = self.queue.upgrade() else {
            return;
        };
        let outcome = Outcome {
            status: Status::Stopped,
            failure: Some("the client went away before the model was asked".to_owned()),
            response_code: CLIENT_CLOSED_REQUEST,
            content: String::new(),
            usage: Usage::new(0, 0),
            usage_estimated: false,
            amount: 0,
            content_limit: Some(0),
            ended_at: self.clock.now(),
        };
        // Nobody waits for it. Where it cannot be written, the next start recovers the row.
        let _ = queue.send(Write::Complete(
            self.id.clone(),
            Box::new(outcome),
            oneshot::channel().0,
        ));
    }
}

/// The one who writes.
struct Task {
    database: Database,
    holder: Arc<str>,
    wake: Arc<Notify>,
    clock: Clock,
    queue: WeakUnboundedSender<Write>,
}

impl Task {
    async fn run(self, mut waiting: UnboundedReceiver<Write>) {
        while let Some(first) = waiting.recv().await {
            let mut bytes = first.bytes();
            let mut batch = vec![first];
            while batch.len() < MOST_ROWS && bytes < MOST_BYTES {
                let Ok(next) = waiting.try_recv() else { break };
                bytes += next.bytes();
                batch.push(next);
            }
            self.write(batch).await;
        }
    }

    /// Writes all of them together. If one of them is to blame that this fails, each is written alone.
    async fn write(&self, batch: Vec<Write>) {
        let result = self.commit(&batch).await;
        match result {
            Err(error) if batch.len() > 1 && is_about_a_row(&error) => {
                for write in batch {
                    let result = self.commit(std::slice::from_ref(&write)).await;
                    self.answer(vec![write], result).await;
                }
            }
            result => self.answer(batch, result).await,
        }
    }

    async fn commit(&self, batch: &[Write]) -> Result<Written, sqlx::Error> {
        let (mut opens, mut completions) = (Vec::new(), Vec::new());
        for write in batch {
            match write {
                Write::Open(new, _) => opens.push(&**new),
                Write::Complete(id, outcome, _) => completions.push((id, &**outcome)),
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

    /// The next batch waits for the flush: its own would not be over earlier.
    async fn answer(&self, batch: Vec<Write>, result: Result<Written, sqlx::Error>) {
        let mut result = result.map_err(Arc::new);
        if result.as_ref().is_ok_and(|written| written.enqueued) {
            self.wake.notify_one();
        }
        let log = result
            .as_mut()
            .ok()
            .and_then(|written| written.unflushed.take());
        let (flushing, flush) = match log {
            Some(log) => {
                let (flushing, flush) = Flush::pending();
                (Some(flushing.run(log)), flush)
            }
            None => (None, Flush::default()),
        };
        for write in batch {
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
            }
        }
        if let Some(flushing) = flushing {
            // Whom it concerns goes on first.
            tokio::task::yield_now().await;
            flushing.await;
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

impl Write {
    fn bytes(&self) -> usize {
        match self {
            Self::Open(new, _) => new.input.len(),
            Self::Complete(_, outcome, _) => outcome.content.len(),
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
