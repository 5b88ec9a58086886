//! How fast the outbox drains to the real sandbox.

use std::path::Path;
use std::time::{Duration, Instant};

use aicon_crash::servers::{Backend, CLIENT_ID, Sandbox};
use tokio::task::JoinSet;

use super::{recording, uses};
use crate::error::{Error, Result};
use crate::figure::{Figure, Target};
use crate::sample::median;

const RUNS: usize = 5;
const ROWS: u64 = 3000;
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn run(place: &Path) -> Result<Figure> {
    let mut rates = Vec::new();
    for run in 0..RUNS {
        let directory = place.join(format!("delivery-{run}"));
        std::fs::create_dir_all(&directory)?;
        rates.push(drain(&directory).await?);
    }
    Ok(Figure::new(
        "outbox drained to the sandbox",
        "/s",
        Target::None,
        median(rates),
    ))
}

async fn drain(directory: &Path) -> Result<f64> {
    let sandbox = Sandbox::start(directory, &["demo".to_owned()]).await?;
    let mut backend = Backend::new(directory, "backend", &sandbox)?;
    fill(&backend.data).await?;
    backend.start().await?;
    // The ends of the run, with a server that is just coming up, are left out.
    let (from, first) = reached(&sandbox, ROWS / 10).await?;
    let (until, last) = reached(&sandbox, ROWS * 9 / 10).await?;
    Ok((last - first) as f64 / (until - from).as_secs_f64())
}

async fn fill(data: &Path) -> Result<()> {
    let store = recording::open(data, None).await?;
    let mut writers = JoinSet::new();
    for _ in 0..ROWS {
        let store = store.clone();
        writers.spawn(async move {
            let new = uses::open(CLIENT_ID);
            let id = new.id.clone();
            store.open_use(new).await?;
            store.complete_use(&id, uses::outcome()).await
        });
    }
    for written in writers.join_all().await {
        written?;
    }
    store.close().await;
    Ok(())
}

/// Waits until the sandbox has so many uses; answers when, and how many it were then.
async fn reached(sandbox: &Sandbox, uses: u64) -> Result<(Instant, u64)> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let seen = sandbox.count().await?;
        if seen >= uses {
            return Ok((Instant::now(), seen));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Err(Error::Unexpected(format!(
        "the outbox did not deliver {uses} uses in {} s",
        PATIENCE.as_secs()
    )))
}
