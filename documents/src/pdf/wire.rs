//! What parent and child say to each other, and the child.
//!
//! ```text
//! argument 1: `COMMAND`   argument 2: Order, JSON   standard input: the file   standard output: Reply, JSON
//! ```

use std::io::{self, Read as _, Write as _};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::page;
use crate::{Limits, Problem};

/// The first argument by which a program becomes the PDF reader.
pub(super) const COMMAND: &str = "read-pdf";

/// Nesting that the parser allows itself needs a few megabytes in a debug build.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// What the child may spend.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) file_bytes: u64,
    pub(super) text_chars: usize,
    pub(super) pages: usize,
    milliseconds: u64,
    memory: u64,
}

impl Order {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            file_bytes: limits.file_bytes,
            text_chars: limits.text_chars,
            pages: limits.pages,
            milliseconds: u64::try_from(limits.pdf_time.as_millis()).unwrap_or(u64::MAX),
            memory: limits.pdf_memory,
        }
    }
}

/// What the child found. A child that says nothing has met a limit of the system's.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Reply {
    Text(String),
    Refused(Refusal),
}

/// What the child can say of [`Problem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Refusal {
    TooLarge,
    Damaged,
    TooMuchText,
    TooManyPages,
    Encrypted,
    NoText,
    UnknownCharacters,
}

impl Refusal {
    pub(super) fn problem(self, limits: &Limits) -> Problem {
        match self {
            Self::TooLarge => Problem::TooLarge {
                limit: limits.file_bytes,
            },
            Self::Damaged => Problem::Damaged,
            Self::TooMuchText => Problem::TooMuchText {
                limit: limits.text_chars,
            },
            Self::TooManyPages => Problem::TooManyPages {
                limit: limits.pages,
            },
            Self::Encrypted => Problem::Encrypted,
            Self::NoText => Problem::NoText,
            Self::UnknownCharacters => Problem::UnknownCharacters,
        }
    }
}

/// Reads a PDF if this process was started for it, by [`PdfProgram`](crate::PdfProgram), and ends the process then. Call it first in
/// `main`, before a runtime starts threads: they would count against the limits.
pub fn serve_pdf_if_asked() {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|command| command != COMMAND) {
        return;
    }
    let order = arguments.next().and_then(|order| order.into_string().ok());
    let order = order.and_then(|order| serde_json::from_str(&order).ok());
    let is_told = order.is_some_and(|order| serve(order).is_ok());
    std::process::exit(i32::from(!is_told));
}

fn serve(order: Order) -> io::Result<()> {
    confine(order);
    let time = Duration::from_millis(order.milliseconds);
    thread::Builder::new().spawn(move || {
        thread::sleep(time);
        std::process::exit(1);
    })?;
    let reader = thread::Builder::new().stack_size(STACK_BYTES);
    let reply = match reader.spawn(move || read(order))?.join() {
        Ok(Ok(text)) => Reply::Text(text),
        Ok(Err(refusal)) => Reply::Refused(refusal),
        // A panic of the parser's: it met what it did not expect.
        Err(_) => Reply::Refused(Refusal::Damaged),
    };
    let reply = serde_json::to_vec(&reply)?;
    let mut output = io::stdout();
    output.write_all(&reply)?;
    output.flush()
}

fn read(order: Order) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    let mut file = io::stdin().lock().take(order.file_bytes.saturating_add(1));
    if file.read_to_end(&mut bytes).is_err() {
        return Err(Refusal::Damaged);
    }
    if bytes.len() as u64 > order.file_bytes {
        return Err(Refusal::TooLarge);
    }
    page::text(bytes, order)
}

/// No more memory than ordered beyond what the program has already, no file written, no core dump with a customer's document in it.
#[cfg(unix)]
fn confine(order: Order) {
    use rlimit::Resource;

    let limit = address_space().saturating_add(order.memory);
    for (resource, limit) in [
        (Resource::AS, limit),
        (Resource::CORE, 0),
        (Resource::FSIZE, 0),
    ] {
        // What a system does not know it cannot limit; the watchdog stays.
        let _ = resource.set(limit, limit);
    }
}

#[cfg(not(unix))]
fn confine(_: Order) {}

/// Bytes of address space in use; 0 where the system does not tell.
#[cfg(unix)]
fn address_space() -> u64 {
    const PAGE_BYTES: u64 = 4096;
    let pages = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    pages.unwrap_or_default() * PAGE_BYTES
}
