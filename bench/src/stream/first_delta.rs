//! What stands between a question and the first delta of its answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::load::{self, Meter, Stream};
use super::plan::Plan;
use super::servers::{Servers, Target};
use crate::error::Result;
use crate::sample::median_ms;

const CHATS: usize = 150;

/// Medians, in milliseconds.
pub(super) struct Times {
    pub(super) direct: f64,
    pub(super) pass_through: f64,
    pub(super) backend: f64,
}

/// One chat after the other, in turns, on an upstream that takes so long.
pub(super) async fn run(servers: &Servers, upstream: Duration) -> Result<Times> {
    let client = load::client()?;
    let [mut direct, mut pass_through, mut backend] = [const { Vec::new() }; 3];
    for _ in 0..CHATS {
        for (target, times) in [
            (&servers.direct, &mut direct),
            (&servers.pass_through, &mut pass_through),
            (&servers.backend, &mut backend),
        ] {
            times.push(first(&client, target, upstream).await?);
        }
    }
    Ok(Times {
        direct: median_ms(direct),
        pass_through: median_ms(pass_through),
        backend: median_ms(backend),
    })
}

async fn first(client: &reqwest::Client, target: &Target, upstream: Duration) -> Result<Duration> {
    let plan = Plan {
        first: upstream,
        every: Duration::from_micros(1),
        deltas: 2,
        is_held: false,
    };
    let meter = Arc::new(Meter::default());
    let started = Instant::now();
    let mut stream = Stream::open(client, target, plan, meter).await?;
    stream.first().await?;
    let took = started.elapsed();
    stream.rest().await?;
    Ok(took)
}
