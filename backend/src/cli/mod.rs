//! The command line: one file for each command.

mod client;
mod error;
mod export;
mod exported;
mod place;
mod reconcile;
mod serve;
mod table;
mod usage;

use clap::{Parser, Subcommand};

pub use error::CliError;

/// The companion server of an AICON model.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the AI API; without any configuration with the built-in demo models
    Serve(serve::Serve),
    /// The models of AICON's that the server answers for; a running server follows within seconds
    #[command(subcommand)]
    Client(client::ClientCommand),
    /// The ledger of uses and what of it AICON knows
    #[command(subcommand)]
    Usage(usage::UsageCommand),
}

impl Cli {
    /// Does what the command line says.
    ///
    /// # Errors
    /// What was asked for could not be done.
    pub async fn run(self) -> Result<(), CliError> {
        match self.command {
            Command::Serve(serve) => serve.run().await,
            Command::Client(command) => command.run().await,
            Command::Usage(command) => command.run().await,
        }
    }
}
