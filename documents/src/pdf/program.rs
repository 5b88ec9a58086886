//! The parent's half.

use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::wire::{COMMAND, Order, Reply};
use crate::{Limits, Problem};

/// Bytes that a character takes in the reply at most: `\u0000`, twice for those beyond the first 65,536.
const BYTES_PER_CHAR: u64 = 12;

/// A program that calls [`serve_pdf_if_asked`](crate::serve_pdf_if_asked) first: the one that reads PDFs, as a child process for each
/// file.
///
/// Why a process: parsers of PDF recurse and allocate by what the file says. An overflowing stack and an allocation that fails
/// end a process, whatever thread they happen on, and no thread can be stopped from outside. The child has a limit of address space (Unix),
/// no environment, no file to write to, and ends itself when its time is over. At most as many run at once as there are
/// processors; others wait.
#[derive(Clone, Debug)]
pub struct PdfProgram {
    path: PathBuf,
    slots: Arc<Slots>,
}

impl PdfProgram {
    /// The program that is running.
    ///
    /// # Errors
    /// The system does not tell which it is.
    pub fn this() -> io::Result<Self> {
        let own = PathBuf::from("/proc/self/exe");
        // The link leads to the running program even when an update has put another one in its place.
        Ok(Self::at(if own.exists() {
            own
        } else {
            std::env::current_exe()?
        }))
    }

    /// Another program.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let count = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            path: path.into(),
            slots: Arc::new(Slots {
                free: Mutex::new(count),
                freed: Condvar::new(),
            }),
        }
    }

    /// The text of a PDF.
    pub(crate) fn text(&self, file: &mut File, limits: &Limits) -> Result<String, Problem> {
        file.rewind()?;
        let _slot = self.slots.take();
        let reply = self
            .reply(file.try_clone()?, limits)
            .map_err(|error| Problem::Program(error.to_string()))?;
        match reply {
            Some(Reply::Text(text)) => Ok(text),
            Some(Reply::Refused(refusal)) => Err(refusal.problem(limits)),
            None => Err(Problem::TooCostly),
        }
    }

    /// Nothing if the child came to a bad end.
    fn reply(&self, file: File, limits: &Limits) -> io::Result<Option<Reply>> {
        let order = serde_json::to_string(&Order::new(limits))?;
        let mut child = Command::new(&self.path)
            .args([COMMAND, &order])
            .env_clear()
            .stdin(Stdio::from(file))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut reply = Vec::new();
        let most = (limits.text_chars as u64)
            .saturating_mul(BYTES_PER_CHAR)
            .saturating_add(1024);
        let pipe = child.stdout.take().expect("it was piped");
        let read = pipe.take(most).read_to_end(&mut reply);
        // The pipe is closed by now: a child that says more than it may ends by that.
        let status = child.wait()?;
        read?;
        Ok(status
            .success()
            .then(|| serde_json::from_slice(&reply).ok())
            .flatten())
    }
}

/// Children that may run.
#[derive(Debug)]
struct Slots {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Slots {
    /// Waits for a free one; it is free again when dropped.
    fn take(&self) -> Slot<'_> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self
            .freed
            .wait_while(free, |free| *free == 0)
            .unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Slot(self)
    }
}

struct Slot<'a>(&'a Slots);

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}
