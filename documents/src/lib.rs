//! Files in and out: what an upload is, what text it holds, and what is written from an answer.
//!
//! ```text
//! upload: name + bytes ── check ──▶ Kind ── Extractor::text ──▶ String      encoding (txt, md, csv, json) · pdf (a child process)
//! answer: text ── Format::write ──▶ bytes ── Archive::add ──▶ ZIP
//! names:  untrusted ── SafeName ──▶ SafeName ── attachment ──▶ `Content-Disposition`
//! ```
//!
//! Everything blocks: an async caller goes through `spawn_blocking`. Memory is bounded by [`Limits`], not by what a file
//! claims about itself. No error text holds content of a file.
//!
//! ```
//! use aicon_documents::{Kind, Limits, SafeName, attachment, check};
//!
//! let csv = "이름,나이\n김,30\n";
//! let kind = check("명단.csv", &mut std::io::Cursor::new(csv), &Limits::default())?;
//! assert_eq!(kind, Kind::Csv);
//! let name = SafeName::new("../명단.csv");
//! assert_eq!(name.as_str(), "명단.csv");
//! assert!(attachment(&name).ends_with("filename*=UTF-8''%EB%AA%85%EB%8B%A8.csv"));
//! # Ok::<(), aicon_documents::FileError>(())
//! ```
//!
//! A PDF is read by a child process, because no limit inside of a process stops a parser that overflows its stack or asks for
//! more memory than there is: see [`PdfProgram`].
//!
//! Deliberately absent: SVG and HTML (they can run code), reading archives (no upload needs it), optical character recognition
//! (a scanned page is told as such), writing PDF (Korean needs a font of megabytes in each binary and each file).

mod archive;
mod check;
mod disposition;
mod encoding;
mod error;
mod extract;
mod kind;
mod limits;
mod name;
mod pdf;
mod write;

pub use archive::Archive;
pub use check::check;
pub use disposition::attachment;
pub use error::{FileError, Problem};
pub use extract::Extractor;
pub use kind::Kind;
pub use limits::Limits;
pub use name::{MAX_NAME_BYTES, SafeName};
pub use pdf::{PdfProgram, serve_pdf_if_asked};
pub use write::{Format, WriteError, formula_safe, unfenced};
