//! `bench stream`: what stands between an upstream's socket and the client's.
//!
//! The upstream, a pass-through and the back end are processes of their own, this one is the clients. Everything is
//! measured through the pass-through and through the back end in turns, delays in the same seconds, and told as their ratio:
//! the machine's own speed, and what else runs on it, meets both.

mod chats;
mod figures;
mod first_delta;
mod flow;
mod idle;
mod load;
mod pacer;
mod pass_through;
mod plan;
mod servers;
mod upstream;
mod wire;

use std::path::Path;
use std::time::{Duration, Instant};

pub(crate) use servers::Server;
use servers::Servers;

use crate::error::Result;
use crate::figure::Figure;
use crate::place::Place;
use crate::say;
use flow::Flow;

/// A stall of the machine of 10 ms is a hundredth of a second, and so its p99: many windows of this length have none.
const SHORT_WINDOW: Duration = Duration::from_secs(1);
/// So many short windows of the same streams in each round: stalls meet now the one and now the other, and the median of a few
/// ratios is made of luck.
const SHORT_WINDOWS: u32 = 12;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Measurements of each value, of which the median counts.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Seconds of each measurement of a flow; delays are taken in windows of one second.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// Idle streams.
    #[arg(long, default_value_t = 1000)]
    idle: usize,
    /// Only these parts; may be given several times.
    #[arg(long, value_enum)]
    only: Vec<Part>,
}

/// The parts of the bench, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// As many deltas as go through.
    Saturated,
    /// 50 streams of 100 deltas a second.
    Fifty,
    /// 500 streams of 20 deltas a second.
    FiveHundred,
    /// The time to the first delta.
    FirstDelta,
    /// Whole chats at once.
    Chats,
    /// Memory of idle streams.
    Idle,
}

/// Measures; the figures are in the order of the parts.
pub(crate) async fn run(args: &Args, directory: &Path) -> Result<Vec<Figure>> {
    let started = Instant::now();
    let step = |text: &str| say(&format!("{:>4} s  {text}", started.elapsed().as_secs()));
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        step(&format!("failed to raise the limit of open files: {error}"));
    }
    let place = Place::new(&std::path::absolute(directory)?, "stream-data")?;
    let mut figures = Vec::new();
    let servers = Servers::start(&place.path().join("servers")).await?;
    for part in Part::ALL.into_iter().filter(|part| args.wants(*part)) {
        step(part.title());
        figures.extend(part.measure(args, &servers, place.path()).await?);
    }
    step("done");
    Ok(figures)
}

impl Args {
    fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

impl Part {
    const ALL: [Self; 6] = [
        Self::Saturated,
        Self::Fifty,
        Self::FiveHundred,
        Self::FirstDelta,
        Self::Chats,
        Self::Idle,
    ];

    fn title(self) -> &'static str {
        match self {
            Self::Saturated => "as many deltas as go through",
            Self::Fifty => "50 streams of 100 deltas/s",
            Self::FiveHundred => "500 streams of 20 deltas/s",
            Self::FirstDelta => "the first delta",
            Self::Chats => "whole chats at once",
            Self::Idle => "idle streams",
        }
    }

    async fn measure(self, args: &Args, servers: &Servers, place: &Path) -> Result<Vec<Figure>> {
        let window = Duration::from_secs(args.seconds);
        match self {
            Self::Saturated => {
                let flow = Flow::saturated(50, window);
                Ok(figures::saturated(
                    &through_both(flow, servers, args).await?,
                ))
            }
            Self::Fifty => {
                let half = Flow::paced(25, 100, SHORT_WINDOW, SHORT_WINDOWS);
                Ok(figures::fifty(&at_once(half, servers, args).await?))
            }
            Self::FiveHundred => {
                let half = Flow::paced(250, 20, SHORT_WINDOW, SHORT_WINDOWS);
                let mut figures = figures::five_hundred(&at_once(half, servers, args).await?);
                let whole = Flow::paced(500, 20, window, 1);
                let rounds = through_both(whole, servers, args).await?;
                figures.extend(figures::ten_thousand(&rounds));
                Ok(figures)
            }
            Self::FirstDelta => first_deltas(args, servers).await,
            Self::Chats => {
                let mut rates = Vec::new();
                for _ in 0..args.rounds {
                    rates.push(chats::per_second(&servers.backend).await?);
                }
                Ok(figures::chats(rates))
            }
            Self::Idle => idle_streams(args, place).await,
        }
    }
}

async fn through_both(flow: Flow, servers: &Servers, args: &Args) -> Result<Vec<[flow::Seen; 2]>> {
    let mut rounds = Vec::new();
    for _ in 0..args.rounds {
        let pass_through = flow.run(&servers.pass_through).await?;
        let backend = flow.run(&servers.backend).await?;
        rounds.extend(told(pass_through, backend));
    }
    Ok(rounds)
}

/// Half of the streams through the one and half through the other, in the same short windows: what a p99 is made of are the
/// machine's stalls, which then meet both.
async fn at_once(half: Flow, servers: &Servers, args: &Args) -> Result<Vec<[flow::Seen; 2]>> {
    let mut rounds = Vec::new();
    for _ in 0..args.rounds {
        let (pass_through, backend) =
            tokio::try_join!(half.run(&servers.pass_through), half.run(&servers.backend))?;
        rounds.extend(told(pass_through, backend));
    }
    Ok(rounds)
}

/// Shows windows as they come.
fn told(pass_through: Vec<flow::Seen>, backend: Vec<flow::Seen>) -> Vec<[flow::Seen; 2]> {
    let windows: Vec<_> = std::iter::zip(pass_through, backend)
        .map(<[_; 2]>::from)
        .collect();
    for [pass_through, backend] in &windows {
        say(&format!(
            "        {pass_through:.2?}\n        {backend:.2?}"
        ));
    }
    windows
}

async fn first_deltas(args: &Args, servers: &Servers) -> Result<Vec<Figure>> {
    let mut found = Vec::new();
    for upstream in [Duration::from_millis(5), Duration::ZERO] {
        let mut rounds = Vec::new();
        for _ in 0..args.rounds {
            rounds.push(first_delta::run(servers, upstream).await?);
        }
        found.extend(figures::first_delta(&rounds, upstream));
    }
    Ok(found)
}

/// Of processes that are new each time: memory that was once used stays with a process.
async fn idle_streams(args: &Args, place: &Path) -> Result<Vec<Figure>> {
    let mut rounds = Vec::new();
    for round in 0..args.rounds {
        let servers = Servers::start(&place.join(format!("idle-{round}"))).await?;
        let pass_through = idle::kibibytes(&servers.pass_through, args.idle).await?;
        rounds.push([
            pass_through,
            idle::kibibytes(&servers.backend, args.idle).await?,
        ]);
    }
    Ok(figures::idle(&rounds))
}
