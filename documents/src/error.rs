//! Why a file is not taken.

use std::io;

use crate::{Kind, SafeName};

/// A file that is not taken: which, and why.
#[derive(Debug, thiserror::Error)]
#[error("failed to read `{name}`: {problem}")]
pub struct FileError {
    /// The file's name, safe to show.
    pub name: SafeName,
    /// Why.
    pub problem: Problem,
}

impl FileError {
    pub(crate) fn of(name: &str) -> impl Fn(Problem) -> Self + '_ {
        |problem| Self {
            name: SafeName::new(name),
            problem,
        }
    }
}

/// Why a file is not taken. All but [`Problem::Io`] and [`Problem::Program`] are the sender's.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// No byte in it, or no more than a byte order mark.
    #[error("the file is empty")]
    Empty,
    /// The name ends in nothing that is on the list.
    #[error("the type `{extension}` is not supported")]
    Unsupported {
        /// The extension, at most 16 ASCII letters and digits, lower case; empty: none.
        extension: String,
    },
    /// The name says one type, the content another.
    #[error("the name says {claimed}, the content is {found}")]
    Mismatch {
        /// By the name.
        claimed: Kind,
        /// By the content: a short word such as `zip`, `exe` or `unknown`.
        found: &'static str,
    },
    /// The content is this type and another one at the same time.
    #[error("the file is {claimed} and {other} at the same time")]
    Polyglot {
        /// By the name.
        claimed: Kind,
        /// The other one.
        other: &'static str,
    },
    /// Cut off, or not what its type prescribes.
    #[error("the file is damaged or cut off")]
    Damaged,
    /// Beyond [`Limits::file_bytes`](crate::Limits::file_bytes).
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// Bytes.
        limit: u64,
    },
    /// Beyond [`Limits::image_pixels`](crate::Limits::image_pixels).
    #[error("the picture has more than {limit} pixels")]
    TooManyPixels {
        /// Pixels.
        limit: u64,
    },
    /// Neither UTF-8, nor UTF-16 with a byte order mark, nor CP949.
    #[error("the text is in no known encoding (UTF-8, UTF-16 or CP949)")]
    UnknownEncoding,
    /// Beyond [`Limits::text_chars`](crate::Limits::text_chars).
    #[error("the text has more than {limit} characters")]
    TooMuchText {
        /// Characters.
        limit: usize,
    },
    /// Beyond [`Limits::pages`](crate::Limits::pages).
    #[error("the document has more than {limit} pages")]
    TooManyPages {
        /// Pages.
        limit: usize,
    },
    /// A PDF that needs a password.
    #[error("the document is protected by a password")]
    Encrypted,
    /// A document of pictures (a scan), a picture, or blank pages.
    #[error("the document holds no text")]
    NoText,
    /// A PDF whose fonts do not tell which characters their glyphs are.
    #[error("the document's fonts do not tell its characters")]
    UnknownCharacters,
    /// Beyond [`Limits::pdf_time`](crate::Limits::pdf_time) or [`Limits::pdf_memory`](crate::Limits::pdf_memory).
    #[error("the document takes too much time or memory to read")]
    TooCostly,
    /// The file cannot be read from the disk.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The program that reads PDFs cannot be run: a fault of the server's.
    #[error("failed to run the PDF reader: {0}")]
    Program(String),
}
