//! From the operating system to the disk. What SQLite has written outlives the process; what has been flushed outlives
//! the machine.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;

use super::StoreError;

/// Whether a written row is on the disk; the default says that it is. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Flush(Option<watch::Receiver<State>>);

/// The end that says so. Dropped before, it counts as failed.
#[derive(Debug)]
pub(super) struct Flushing(watch::Sender<State>);

type State = Option<Result<(), Arc<std::io::Error>>>;

impl Flush {
    /// One for many waiters.
    pub(super) fn pending() -> (Flushing, Self) {
        let (sender, receiver) = watch::channel(None);
        (Flushing(sender), Self(Some(receiver)))
    }

    /// Returns once the row is on the disk.
    ///
    /// # Errors
    /// It may never get there.
    pub async fn wait(&mut self) -> Result<(), StoreError> {
        let Some(receiver) = &mut self.0 else {
            return Ok(());
        };
        let state = receiver.wait_for(Option::is_some).await;
        if let Some(Err(source)) = &*state.map_err(|_| StoreError::Closed)? {
            return Err(StoreError::Flush(source.clone()));
        }
        self.0 = None;
        Ok(())
    }
}

impl Flushing {
    /// Flushes SQLite's write-ahead log. The file is opened each time: SQLite may have begun a new one.
    pub(super) async fn run(self, log: Arc<Path>) {
        let flush = move || File::options().write(true).open(log)?.sync_data();
        let result = match tokio::task::spawn_blocking(flush).await {
            Ok(result) => result,
            Err(error) => Err(std::io::Error::other(error)),
        };
        if let Err(error) = &result {
            tracing::error!(%error, "failed to flush the write-ahead log");
        }
        self.0.send_replace(Some(result.map_err(Arc::new)));
    }
}
