//! What a file is, by its name and its content: both must agree.

mod image;

use std::io::{self, Read, Seek, SeekFrom};

use crate::encoding::Encoded;
use crate::{FileError, Kind, Limits, Problem};

/// Bytes at the start that tell a type.
const HEAD_BYTES: u64 = 8 * 1024;

/// Bytes at the end in which a ZIP's directory ends (22 and a comment of 64 KiB at most) and a PDF's end mark stands.
const TAIL_BYTES: u64 = 22 + u16::MAX as u64;

/// Bytes at the end within which a PDF's `%%EOF` stands, by the habit of readers.
const PDF_END_BYTES: usize = 1024;

/// What content is that nobody knows.
const UNKNOWN: &str = "unknown";

/// Says what a file is, if its name and its content agree and it is whole. Reads text files and JPEGs once from end to end, of
/// others the head, the tail and the chunk headers; nothing is decoded but text. The position afterwards is anywhere.
///
/// # Errors
/// All of [`Problem`] that do not need the text: empty, unsupported, another type, two types at once, damaged, too large, too
/// many pixels, unknown encoding, or a disk that cannot be read.
pub fn check(
    name: &str,
    file: &mut (impl Read + Seek),
    limits: &Limits,
) -> Result<Kind, FileError> {
    let kind = Kind::of_name(name)?;
    agree(kind, file, limits).map_err(FileError::of(name))?;
    Ok(kind)
}

fn agree(kind: Kind, file: &mut (impl Read + Seek), limits: &Limits) -> Result<(), Problem> {
    let bytes = file.seek(SeekFrom::End(0))?;
    if bytes == 0 {
        return Err(Problem::Empty);
    }
    if bytes > limits.file_bytes {
        let limit = limits.file_bytes;
        return Err(Problem::TooLarge { limit });
    }
    let head = part(file, 0, HEAD_BYTES)?;
    if is_text(kind) {
        return agree_on_text(kind, &head, file);
    }
    let found = found(&head);
    if found != kind.extension() {
        return Err(Problem::Mismatch {
            claimed: kind,
            found,
        });
    }
    let tail = part(file, bytes.saturating_sub(TAIL_BYTES), TAIL_BYTES)?;
    if let Some(other) = other(kind, &head, &tail) {
        return Err(Problem::Polyglot {
            claimed: kind,
            other,
        });
    }
    match kind {
        Kind::Pdf => is_whole_pdf(&tail).then_some(()).ok_or(Problem::Damaged),
        _ => image::check(kind, file, bytes, limits.image_pixels),
    }
}

fn is_text(kind: Kind) -> bool {
    !kind.is_image() && kind != Kind::Pdf
}

/// What is text from end to end is text, however it begins: `MZ` and `BM` begin programs and pictures, and Korean surveys and
/// lists of cars too. A page or a script is text all the same: it is shown to a model, never served as what it looks like. Only a
/// PDF can be text and more than that.
fn agree_on_text(kind: Kind, head: &[u8], file: &mut (impl Read + Seek)) -> Result<(), Problem> {
    let mismatch = |found| Problem::Mismatch {
        claimed: kind,
        found,
    };
    match Encoded::detect(file) {
        _ if head.starts_with(b"%PDF-") => Err(mismatch(Kind::Pdf.extension())),
        Err(Problem::UnknownEncoding) if found(head) != UNKNOWN => Err(mismatch(found(head))),
        detected => detected.map(drop),
    }
}

/// What the first bytes say, as an extension.
fn found(head: &[u8]) -> &'static str {
    infer::get(head).map_or(UNKNOWN, |found| found.extension())
}

/// A second type inside of the first: a ZIP is read from its end, a PDF by lenient readers within the first 1024 bytes.
fn other(kind: Kind, head: &[u8], tail: &[u8]) -> Option<&'static str> {
    let pdf_head = &head[..head.len().min(1024)];
    if holds_zip_end(tail) {
        Some("zip")
    } else if kind.is_image() && holds(pdf_head, b"%PDF-") {
        Some("pdf")
    } else {
        None
    }
}

/// An end of central directory whose comment ends with the file.
fn holds_zip_end(tail: &[u8]) -> bool {
    let candidates = tail.windows(22).enumerate();
    candidates
        .filter(|(_, end)| end.starts_with(b"PK\x05\x06"))
        .any(|(at, end)| {
            at + 22 + usize::from(u16::from_le_bytes([end[20], end[21]])) <= tail.len()
        })
}

fn is_whole_pdf(tail: &[u8]) -> bool {
    holds(&tail[tail.len().saturating_sub(PDF_END_BYTES)..], b"%%EOF")
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// At most `bytes` from `start` on.
fn part(file: &mut (impl Read + Seek), start: u64, bytes: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(start))?;
    let mut part = Vec::new();
    file.take(bytes).read_to_end(&mut part)?;
    Ok(part)
}
