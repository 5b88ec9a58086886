//! From the operating system to the disk. What SQLite has written outlives the process; what has been flushed outlives
//! the machine.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::StoreError;
use super::writer::Write;

/// Whether a written row is on the disk; the default says that it is.
#[derive(Clone, Debug, Default)]
pub struct Flush(Stage);

#[derive(Clone, Debug, Default)]
enum Stage {
    #[default]
    Over,
    /// To whom it has to be said that it is to begin.
    Due(mpsc::UnboundedSender<Write>),
    Pending(watch::Receiver<State>),
}

/// The end that says so. Dropped before, it counts as failed.
#[derive(Debug)]
pub(super) struct Flushing(watch::Sender<State>);

type State = Option<Result<(), Arc<std::io::Error>>>;

impl Flush {
    /// One for many waiters.
    pub(super) fn pending() -> (Flushing, Self) {
        let (sender, receiver) = watch::channel(None);
        (Flushing(sender), Self(Stage::Pending(receiver)))
    }

    /// One that is yet to begin.
    pub(super) fn due(queue: mpsc::UnboundedSender<Write>) -> Self {
        Self(Stage::Due(queue))
    }

    /// Has it begin, if it has not. It wakes another thread, which at the wrong moment is in the way of whoever calls.
    pub fn begin(&mut self) {
        if let Stage::Due(queue) = &self.0 {
            let (flushing, pending) = Self::pending();
            // Where nobody is left who flushes, waiting says so.
            _ = queue.send(Write::Flush(flushing));
            *self = pending;
        }
    }

    /// Returns once the row is on the disk; it begins to be written there now if it has not before.
    ///
    /// # Errors
    /// It may never get there.
    pub async fn wait(&mut self) -> Result<(), StoreError> {
        self.begin();
        let Stage::Pending(receiver) = &mut self.0 else {
            return Ok(());
        };
        let state = receiver.wait_for(Option::is_some).await;
        if let Some(Err(source)) = &*state.map_err(|_| StoreError::Closed)? {
            return Err(StoreError::Flush(source.clone()));
        }
        self.0 = Stage::Over;
        Ok(())
    }
}

impl Flushing {
    /// Says that the row is on the disk.
    pub(super) fn done(self) {
        self.end(Ok(()));
    }

    fn end(self, result: Result<(), Arc<std::io::Error>>) {
        self.0.send_replace(Some(result));
    }
}

/// Flushes SQLite's write-ahead log, once for all of them. The file is opened each time: SQLite may have begun a new one.
pub(super) async fn flush(log: Arc<Path>, waiting: Vec<Flushing>) {
    let flush = move || File::options().write(true).open(log)?.sync_data();
    let result = match tokio::task::spawn_blocking(flush).await {
        Ok(result) => result,
        Err(error) => Err(std::io::Error::other(error)),
    };
    if let Err(error) = &result {
        tracing::error!(%error, "failed to flush the write-ahead log");
    }
    let result = result.map_err(Arc::new);
    for flushing in waiting {
        flushing.end(result.clone());
    }
}
