//! The door of the [`committer`](super::committer): rows go in, and how it went comes out. Where few write, whoever opens a
//! use writes its row in place, since to hand it over takes as long as to write it, and the task has the flush only.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aicon_protocol::ai::Usage;
use aicon_protocol::id::ResponseId;
use tokio::sync::mpsc::{UnboundedSender, WeakUnboundedSender, unbounded_channel};
use tokio::sync::{Notify, oneshot};

use super::StoreError;
use super::committer::Committer;
use super::database::Database;
use super::flush::{Flush, Flushing};
use super::opening;
use super::record::{NewUse, Outcome, Status};
use crate::clock::Clock;

/// HTTP status by which a client that went away is recorded (nginx's "client closed request").
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// Hands rows to the task, which ends with the last handle. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    database: Database,
    holder: Arc<str>,
    queue: UnboundedSender<Write>,
    is_crowded: Arc<AtomicBool>,
}

/// What waits to be written.
#[derive(Debug)]
pub(super) enum Write {
    Open(Box<NewUse>, oneshot::Sender<Result<Opening, StoreError>>),
    Complete(
        ResponseId,
        Box<Outcome>,
        oneshot::Sender<Result<bool, StoreError>>,
    ),
    /// What is written and not on the disk.
    Flush(Flushing),
}

/// The answer to an open. Dropped by a caller who is gone, it ends the use that nobody will end otherwise.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) id: ResponseId,
    /// Absent where the ID or the key is taken.
    pub(super) new: Option<Flush>,
    pub(super) queue: WeakUnboundedSender<Write>,
    pub(super) clock: Clock,
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
        let is_crowded = Arc::<AtomicBool>::default();
        let committer = Committer {
            database: database.clone(),
            holder: holder.clone(),
            wake,
            clock,
            queue: queue.downgrade(),
            is_crowded: is_crowded.clone(),
        };
        tokio::spawn(committer.run(waiting));
        Self {
            database,
            holder,
            queue,
            is_crowded,
        }
    }

    /// Answers whether the row is new, and then when it is on the disk, on its way to which it may have to be sent.
    pub(super) async fn open(&self, new: &NewUse) -> Result<Option<Flush>, StoreError> {
        if !self.is_crowded.load(Ordering::Relaxed)
            && let Some(is_new) = opening::open_at_once(&self.database, new, &self.holder)
        {
            return Ok(is_new.then(|| Flush::due(self.queue.clone())));
        }
        let (reply, answer) = oneshot::channel();
        self.send(Write::Open(Box::new(new.clone()), reply))?;
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

impl Write {
    /// Of text.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Open(new, _) => new.input.len(),
            Self::Complete(_, outcome, _) => outcome.content.len(),
            Self::Flush(_) => 0,
        }
    }
}
