//! What parent and child say to each other, and the child.
//!
//! ```text
//! argument 1: `COMMAND`   argument 2: Order, JSON   standard input: the file   standard output: Reply, JSON
//! ```

use std::io::{Read as _, Write as _};
use std::process::ExitCode;
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

/// Reads a PDF if this process was started for it, by [`PdfProgram`](crate::PdfProgram); then the process has to end with this
/// code. Call it first in `main`, before a runtime starts threads.
pub fn serve_pdf_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != COMMAND {
        return None;
    }
    let order = arguments.next()?.into_string().ok()?;
    Some(match serde_json::from_str(&order) {
        Ok(order) => serve(order),
        Err(_) => ExitCode::FAILURE,
    })
}

fn serve(order: Order) -> ExitCode {
    confine(order);
    let time = Duration::from_millis(order.milliseconds);
    let watchdog = move || {
        thread::sleep(time);
        std::process::exit(1);
    };
    let reader = thread::Builder::new().stack_size(STACK_BYTES);
    let (Ok(_), Ok(reader)) = (
        thread::Builder::new().spawn(watchdog),
        reader.spawn(move || read(order)),
    ) else {
        return ExitCode::FAILURE;
    };
    let reply = match reader.join() {
        Ok(Ok(text)) => Reply::Text(text),
        Ok(Err(refusal)) => Reply::Refused(refusal),
        // A panic of the parser's: it met what it did not expect.
        Err(_) => Reply::Refused(Refusal::Damaged),
    };
    let Ok(reply) = serde_json::to_vec(&reply) else {
        return ExitCode::FAILURE;
    };
    match std::io::stdout().write_all(&reply) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn read(order: Order) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    let mut file = std::io::stdin().lock().take(order.file_bytes + 1);
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
