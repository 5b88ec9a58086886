//! The PDF reader as a program of its own: what a server's binary is when it is started for a PDF.

use std::process::ExitCode;

fn main() -> ExitCode {
    aicon_documents::serve_pdf_if_asked();
    ExitCode::FAILURE
}
