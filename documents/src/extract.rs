//! The text that a model is given of a file.

use std::fs::File;

use crate::encoding::Encoded;
use crate::{FileError, Kind, Limits, PdfProgram, Problem};

/// Reads the text of files: txt, md, csv and json in any encoding that Korean providers send, PDF by a child process.
#[derive(Clone, Debug)]
pub struct Extractor {
    limits: Limits,
    program: PdfProgram,
}

impl Extractor {
    /// `program` is what reads PDFs.
    pub fn new(limits: Limits, program: PdfProgram) -> Self {
        Self { limits, program }
    }

    /// The limits that it keeps.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// [`check`](crate::check) by its limits.
    ///
    /// # Errors
    /// As there.
    pub fn check(&self, name: &str, file: &mut File) -> Result<Kind, FileError> {
        crate::check(name, file, &self.limits)
    }

    /// The text of a file that [`check`](crate::check) has passed, line ends as they are. The position of `file` may be
    /// anywhere, before and after. Pages of a PDF are separated by a blank
    /// line, and its text is in the order in which it was put on the page.
    ///
    /// # Errors
    /// [`Problem::NoText`] for pictures and scans, [`Problem::TooMuchText`], [`Problem::TooManyPages`],
    /// [`Problem::TooCostly`], [`Problem::Encrypted`], [`Problem::UnknownCharacters`], [`Problem::UnknownEncoding`],
    /// [`Problem::Damaged`]; [`Problem::Io`] and [`Problem::Program`] are the server's.
    pub fn text(&self, name: &str, kind: Kind, file: &mut File) -> Result<String, FileError> {
        let text = match kind {
            Kind::Png | Kind::Jpeg | Kind::Webp => Err(Problem::NoText),
            Kind::Pdf => self.program.text(file, &self.limits),
            Kind::Text | Kind::Markdown | Kind::Csv | Kind::Json => {
                Encoded::detect(file).and_then(|encoded| encoded.read(file, self.limits.text_chars))
            }
        };
        text.map_err(FileError::of(name))
    }
}
