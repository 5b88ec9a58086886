//! `aicon-backend`: the server and its tools.

use std::io::Write as _;
use std::process::ExitCode;

use aicon_backend::cli::Cli;
use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed; then there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "aicon-backend: {error}");
            ExitCode::from(error.exit_status())
        }
    }
}
