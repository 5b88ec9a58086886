//! Many streams at once: deltas per second, processor time per delta, delays.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::load::{self, Delay, Meter};
use super::plan::Plan;
use super::servers::Target;
use crate::error::{Error, Result};
use crate::memory::processor_time;
use crate::sample::percentile;

/// Streams all have their first delta by then.
const PATIENCE: Duration = Duration::from_secs(30);

/// Streams that run at the same time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flow {
    streams: usize,
    plan: Plan,
    /// From the last stream's first delta to the measurement.
    warm: Duration,
    window: Duration,
    /// Windows, one after the other.
    windows: u32,
    /// Whether an answer that has ended is followed by another one.
    goes_on: bool,
}

/// What was seen within a window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) deltas_per_second: f64,
    /// Processor seconds of the process in the middle.
    pub(super) cpu_per_million: f64,
    /// Milliseconds.
    pub(super) p50: f64,
    /// Milliseconds.
    pub(super) p99: f64,
}

/// What a window saw by itself; its delays are with the streams.
struct Throughput {
    deltas_per_second: f64,
    cpu_per_million: f64,
}

impl Flow {
    /// As much as goes through.
    pub(super) fn saturated(streams: usize, window: Duration) -> Self {
        Self {
            streams,
            plan: Plan {
                first: Duration::ZERO,
                every: Duration::ZERO,
                deltas: 10_000,
                is_held: false,
            },
            warm: Duration::from_millis(500),
            window,
            windows: 1,
            goes_on: true,
        }
    }

    /// Each stream at its pace, seen in so many windows.
    pub(super) fn paced(streams: usize, per_second: u32, window: Duration, windows: u32) -> Self {
        let warm = Duration::from_secs(1);
        // Opening the streams takes a while, in which the first ones must not end.
        let whole = warm + window * windows + Duration::from_secs(4);
        Self {
            streams,
            plan: Plan {
                first: Duration::ZERO,
                every: Duration::from_secs(1) / per_second,
                deltas: u64::from(per_second) * whole.as_secs(),
                is_held: false,
            },
            warm,
            window,
            windows,
            goes_on: false,
        }
    }

    /// Runs it through a target; what each window saw.
    pub(super) async fn run(&self, target: &Target) -> Result<Vec<Seen>> {
        let meter = Arc::new(Meter::default());
        let client = load::client()?;
        let mut streams = JoinSet::new();
        for _ in 0..self.streams {
            let (client, target, meter) = (client.clone(), target.clone(), meter.clone());
            let flow = *self;
            streams.spawn(async move { flow.stream(&client, &target, &meter).await });
        }
        self.begun(&meter, &mut streams).await?;
        tokio::time::sleep(self.warm).await;
        let mut windows = Vec::new();
        for window in 1..=self.windows {
            windows.push(self.watch(window, &meter, target).await?);
        }
        meter.is_over.store(true, Relaxed);
        let mut delays = vec![Vec::new(); windows.len()];
        while let Some(stream) = streams.join_next().await {
            for Delay { window, micros } in ended(stream)? {
                delays[window as usize - 1].push(f64::from(micros));
            }
        }
        let seen = |(throughput, delays)| Seen::new(throughput, delays);
        Ok(std::iter::zip(windows, delays).map(seen).collect())
    }

    /// One window.
    async fn watch(&self, window: u32, meter: &Meter, target: &Target) -> Result<Throughput> {
        let (started, before) = (Instant::now(), meter.deltas.load(Relaxed));
        let cpu_before = processor_time(target.process)?;
        meter.window.store(window, Relaxed);
        tokio::time::sleep(self.window).await;
        meter.window.store(0, Relaxed);
        let cpu = processor_time(target.process)?.saturating_sub(cpu_before);
        let deltas = (meter.deltas.load(Relaxed) - before) as f64;
        Ok(Throughput {
            deltas_per_second: deltas / started.elapsed().as_secs_f64(),
            cpu_per_million: cpu.as_secs_f64() / deltas * 1e6,
        })
    }

    async fn stream(
        &self,
        client: &reqwest::Client,
        target: &Target,
        meter: &Arc<Meter>,
    ) -> Result<Vec<Delay>> {
        let mut delays = Vec::new();
        loop {
            delays.extend(load::whole(client, target, self.plan, meter).await?);
            if !self.goes_on || meter.is_over.load(Relaxed) {
                return Ok(delays);
            }
        }
    }

    /// Waits for every stream's first delta.
    async fn begun(&self, meter: &Meter, streams: &mut JoinSet<Result<Vec<Delay>>>) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while (meter.begun.load(Relaxed) as usize) < self.streams {
            if let Some(early) = streams.try_join_next() {
                ended(early)?;
                return Err(Error::Unexpected("an answer ended too early".to_owned()));
            }
            if Instant::now() > deadline {
                return Err(Error::Unexpected("streams did not begin".to_owned()));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}

impl Seen {
    /// `delays` are in microseconds; a flow without a pace has none.
    fn new(throughput: Throughput, delays: Vec<f64>) -> Self {
        let at = |share| match delays.is_empty() {
            true => f64::NAN,
            false => percentile(delays.clone(), share) / 1e3,
        };
        Self {
            deltas_per_second: throughput.deltas_per_second,
            cpu_per_million: throughput.cpu_per_million,
            p50: at(0.5),
            p99: at(0.99),
        }
    }
}

fn ended(stream: Result<Result<Vec<Delay>>, tokio::task::JoinError>) -> Result<Vec<Delay>> {
    stream.map_err(|error| Error::Unexpected(format!("a reader broke: {error}")))?
}
