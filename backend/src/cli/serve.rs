//! `aicon-backend serve`.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::CliError;
use super::place::Place;
use crate::{config, server, telemetry};

#[derive(Args, Debug)]
pub(super) struct Serve {
    /// Address and port to listen on [default: 127.0.0.1:3000; AICON_LISTEN]
    #[arg(long)]
    listen: Option<String>,
    /// Folder of the built app, to host it too [AICON_SITE]
    #[arg(long, value_name = "DIR")]
    site: Option<PathBuf>,
    /// Folder of model definitions, *.toml [default: models beside the configuration file or here, if it is there;
    /// AICON_MODELS]
    #[arg(long)]
    models: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
    /// Prints the merged configuration, secrets hidden, and ends
    #[arg(long)]
    print_config: bool,
}

impl Serve {
    /// Serves until a signal.
    pub(super) async fn run(self) -> Result<(), CliError> {
        let mut settings = self.place.settings_with(self.listen, self.models)?;
        settings.site.directory = self.site.or(settings.site.directory);
        if self.print_config {
            return std::io::stdout()
                .write_all(config::print(&settings)?.as_bytes())
                .map_err(CliError::io("write to standard output"));
        }
        telemetry::install(&settings.log)?;
        if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
            tracing::warn!(%error, "failed to raise the limit of open files");
        }
        let address = settings.listen;
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| CliError::Listen { address, source })?;
        let mut terminate =
            signal(SignalKind::terminate()).map_err(CliError::io("listen for signals"))?;
        let shutdown = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        };
        server::run(listener, settings, shutdown).await?;
        Ok(())
    }
}
