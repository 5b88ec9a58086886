//! `aicon-backend`: reads the configuration, serves until a signal.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use aicon_backend::{config, server, telemetry};
use clap::{Args, Parser, Subcommand};
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// The companion server of an AICON model.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the AI API; without any configuration with the built-in demo models.
    Serve(Serve),
}

#[derive(Args)]
struct Serve {
    /// Address and port to listen on [default: 127.0.0.1:3000; AICON_LISTEN]
    #[arg(long)]
    listen: Option<String>,
    /// Directory of the database and the uploaded files [default: ./data; AICON_DATA]
    #[arg(long)]
    data: Option<PathBuf>,
    /// Database: postgres://… or the path of an SQLite file [default: aicon.db in the data directory; AICON_DATABASE]
    #[arg(long)]
    database: Option<String>,
    /// Uploaded files: s3://bucket/prefix or a directory [default: files in the data directory; AICON_BLOBS]
    #[arg(long)]
    blobs: Option<String>,
    /// Configuration file, TOML [AICON_CONFIG]
    #[arg(long, env = "AICON_CONFIG")]
    config: Option<PathBuf>,
    /// Prints the merged configuration, secrets hidden, and ends
    #[arg(long)]
    print_config: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Command::Serve(serve) = Cli::parse().command;
    match run(serve).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed; then there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "aicon-backend: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(serve: Serve) -> Result<(), Box<dyn std::error::Error>> {
    let flags = config::Flags {
        listen: serve.listen,
        data: serve.data,
        database: serve.database.map(SecretString::from),
        blobs: serve.blobs,
        config: serve.config,
    };
    let settings = config::load(&flags, |name| std::env::var(name).ok())?;
    if serve.print_config {
        std::io::stdout().write_all(config::print(&settings)?.as_bytes())?;
        return Ok(());
    }
    telemetry::install(&settings.log)?;
    let address = settings.listen;
    let listener = TcpListener::bind(address).await.map_err(|error| {
        format!("failed to listen on `{address}`: {error} (key `listen`, AICON_LISTEN, --listen)")
    })?;
    let mut terminate = signal(SignalKind::terminate())?;
    let shutdown = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    };
    server::run(listener, settings, shutdown).await?;
    Ok(())
}
