//! The PDF reader as a program of its own: what a server's binary does with its hidden first argument.

use std::process::ExitCode;

fn main() -> ExitCode {
    aicon_documents::serve_pdf_if_asked().unwrap_or(ExitCode::FAILURE)
}
