//! `bench ledger`.

mod delivery;
mod export;
mod fill;
mod first_delta;
mod recording;
mod settlement;
mod uses;

use std::path::Path;
use std::time::Instant;

use crate::error::Result;
use crate::figure::Figure;
use crate::place::{self, Place};
use crate::say;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Rows of the largest table.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// Only these parts; may be given several times.
    #[arg(long, value_enum)]
    only: Vec<Part>,
}

/// The parts of the bench, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Uses recorded per second.
    Recording,
    /// The outbox's rate to the sandbox.
    Delivery,
    /// What the ledger adds to a chat's first delta.
    FirstDelta,
    /// Pages of the settlement, and memory of the export.
    Settlement,
}

/// Measures; the figures are in the order of the parts.
pub(crate) async fn run(args: &Args, directory: &Path) -> Result<Vec<Figure>> {
    let started = Instant::now();
    let place = Place::new(directory, "ledger-data")?;
    let postgres = std::env::var("AICON_TEST_POSTGRES").ok();
    let wanted = |part| args.only.is_empty() || args.only.contains(&part);
    let step = |text: &str| say(&format!("{:>4} s  {text}", started.elapsed().as_secs()));
    let mut figures = Vec::new();
    if wanted(Part::Recording) {
        step("recording on SQLite");
        figures.extend(recording::on_sqlite(place.path()).await?);
        if let Some(server) = &postgres {
            step("recording on PostgreSQL");
            let url = place::database(server, recording::DATABASE).await?;
            let measured = recording::on_postgres(place.path(), &url).await;
            place::drop_database(server, recording::DATABASE).await?;
            figures.extend(measured?);
        }
    }
    if wanted(Part::Delivery) {
        step("delivery to the sandbox");
        figures.push(delivery::run(place.path()).await?);
    }
    if wanted(Part::FirstDelta) {
        step("first delta");
        figures.extend(first_delta::run(place.path()).await?);
    }
    if wanted(Part::Settlement) {
        figures.extend(settlement::run(place.path(), args.rows, &step).await?);
        step("export");
        figures.extend(export::run(place.path(), args.rows).await?);
    }
    step("done");
    Ok(figures)
}
