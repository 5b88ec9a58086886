//! `aicon-backend`: the server and its tools.

use std::io::Write as _;
use std::process::ExitCode;

use aicon_backend::cli::Cli;
use aicon_documents::serve_pdf_if_asked;
use clap::Parser as _;

fn main() -> ExitCode {
    // As the child of a server it reads one PDF and ends.
    serve_pdf_if_asked();
    run()
}

#[tokio::main]
async fn run() -> ExitCode {
    match Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed; then there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "aicon-backend: {error}");
            ExitCode::from(error.exit_status())
        }
    }
}
