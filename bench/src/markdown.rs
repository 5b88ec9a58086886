//! `bench markdown`: a growing answer in a real browser, beside other renderers of the same stream in the same run.

mod fixture;
mod history;
mod instructions;
mod native;
mod page;
mod peers;
mod reference;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

pub(crate) use self::instructions::Parse;
use self::page::{Seen, Stream};
use self::peers::Renderer;
use crate::error::Result;
use crate::figure::{Figure, Target};
use crate::place::Place;
use crate::sample::median;
use crate::say;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Runs of each page; the figures are their medians.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Only these parts; may be given several times.
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Only these renderers; may be given several times.
    #[arg(long, value_enum)]
    renderer: Vec<Renderer>,
    /// Messages of the long conversation.
    #[arg(long, default_value_t = 1_000)]
    messages: usize,
    /// Writes a profile of each page's scripts into the bench's folder, for looking into; the figures count for nothing then.
    #[arg(long)]
    profile: bool,
}

/// The parts of the bench, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
enum Part {
    /// The markdown crate without a browser.
    Native,
    /// 200 KiB at 2,000 deltas a second while a person types.
    Fast,
    /// 20 KiB at 100 deltas a second, the pace of a model.
    Calm,
    /// 20 KiB as fast as the socket takes it.
    Splash,
    /// 1 MiB as fast as the socket takes it.
    Flood,
    /// 1,000 messages of 2 KiB, and another one that grows.
    History,
}

impl Part {
    const ALL: [Self; 6] = [
        Self::Native,
        Self::Fast,
        Self::Calm,
        Self::Splash,
        Self::Flood,
        Self::History,
    ];

    fn title(self) -> &'static str {
        match self {
            Self::Fast => "200 KiB at 2,000 deltas/s",
            Self::Calm => "20 KiB at 100 deltas/s",
            Self::Splash => "20 KiB at once",
            Self::Flood => "1 MiB at once",
            Self::Native => "native",
            Self::History => "1,000 messages",
        }
    }

    fn bytes(self) -> usize {
        match self {
            Self::Fast => 200 * 1024,
            Self::Calm | Self::Splash => 20 * 1024,
            Self::Native | Self::Flood | Self::History => 1024 * 1024,
        }
    }

    fn pace(self) -> Option<u32> {
        match self {
            Self::Fast => Some(2_000),
            Self::Calm => Some(100),
            Self::Native | Self::Splash | Self::Flood | Self::History => None,
        }
    }
}

/// Measures; the figures are in the order of the parts.
pub(crate) async fn run(args: &Args, directory: &Path) -> Result<Vec<Figure>> {
    let started = Instant::now();
    let step = |text: &str| say(&format!("{:>4} s  {text}", started.elapsed().as_secs()));
    let renderers = Renderer::ALL
        .into_iter()
        .filter(|one| args.renderer.is_empty() || args.renderer.contains(one));
    let renderers: Vec<_> = renderers.collect();
    let place = Place::new(&std::path::absolute(directory)?, "markdown-data")?;
    let packages = tempfile::tempdir()?;
    let site = place.path().join("site");
    step("installing the other renderers");
    peers::build(&renderers, packages.path(), &site)?;
    let mut figures = Vec::new();
    let parts = Part::ALL
        .into_iter()
        .filter(|part| args.only.is_empty() || args.only.contains(part));
    let mut built = BTreeMap::new();
    for part in parts {
        if part == Part::Native {
            step("parsing without a browser");
            figures.extend(native::run(directory)?);
            continue;
        }
        if part == Part::History {
            step("holding a long conversation");
            figures.extend(history::run(args.rounds, args.messages, &site).await?);
            continue;
        }
        let deltas = fixture::deltas(&fixture::text(part.bytes()));
        let stream = Stream {
            profile: None,
            deltas: &deltas,
            pace: part.pace(),
            types: part == Part::Fast,
        };
        let mut seen: BTreeMap<Renderer, Vec<Seen>> = BTreeMap::new();
        for round in 1..=args.rounds {
            for &renderer in &renderers {
                if part == Part::Splash && renderer != Renderer::Ours {
                    continue;
                }
                let profile = directory.join(format!("{part:?}-{renderer:?}.cpuprofile"));
                let stream = Stream {
                    profile: args.profile.then_some(&profile),
                    ..stream
                };
                match page::show(renderer, &stream, &site).await {
                    Ok(one) => {
                        step(&format!(
                            "{}, round {round}, {}: {one}",
                            part.title(),
                            renderer.name()
                        ));
                        seen.entry(renderer).or_default().push(one);
                    }
                    Err(error) if renderer.is_peer() => {
                        step(&format!("{}: {error}", renderer.name()))
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        if let Some(ours) = seen.get(&Renderer::Ours) {
            let ours = medians(ours);
            built.insert(part, ours.cpu - ours.layout);
        }
        figures.extend(compare(part, &seen));
    }
    if let (Some(small), Some(large)) = (built.get(&Part::Splash), built.get(&Part::Flood)) {
        let name = "ours, CPU without layout and style, 1 MiB to 20 KiB at once";
        figures.push(Figure::new(name, "x", Target::AtMost(60.0), large / small));
    }
    step("done");
    Ok(figures)
}

/// Medians of each renderer, and what they mean for ours.
fn compare(part: Part, seen: &BTreeMap<Renderer, Vec<Seen>>) -> Vec<Figure> {
    let seen: BTreeMap<Renderer, Seen> = seen
        .iter()
        .map(|(renderer, runs)| (*renderer, medians(runs)))
        .collect();
    let figure = |name: &str, unit, target, value| {
        Figure::new(format!("{}: {name}", part.title()), unit, target, value)
    };
    let mut figures = Vec::new();
    for (renderer, seen) in &seen {
        let mut row = |name: &str, unit, value| {
            let name = format!("{}, {name}", renderer.name());
            figures.push(figure(&name, unit, Target::None, value));
        };
        row("CPU of the page", "ms", seen.cpu);
        row("of that layout and style", "ms", seen.layout);
        row("frame p95", "ms", seen.frame_p95);
        if part == Part::Fast {
            row("key to paint p95", "ms", seen.key_p95);
        }
        row("longest task", "ms", seen.longest_task);
        row("memory of the page", "MiB", seen.memory);
        if !seen.is_right {
            row("text is right", "", 0.0);
        }
    }
    let Some(ours) = seen.get(&Renderer::Ours) else {
        return figures;
    };
    figures.push(figure(
        "ours, text is right",
        "",
        Target::AtLeast(1.0),
        f64::from(u8::from(ours.is_right)),
    ));
    let peers = seen
        .iter()
        .filter(|(one, seen)| one.is_peer() && seen.is_right);
    let best_peer = peers.map(|(_, seen)| seen.cpu).min_by(f64::total_cmp);
    if let Some(best) = best_peer {
        let target = match part {
            Part::Fast => Target::AtMost(0.85),
            Part::Calm => Target::AtMost(0.7),
            _ => Target::None,
        };
        figures.push(figure(
            "ours, CPU to the best right peer",
            "x",
            target,
            ours.cpu / best,
        ));
    }
    if let (Part::Fast, Some(text)) = (part, seen.get(&Renderer::Text)) {
        let ratios = [
            ("CPU", 1.0, ours.cpu / text.cpu),
            ("frame p95", 1.2, ours.frame_p95 / text.frame_p95),
            ("key to paint p95", 1.2, ours.key_p95 / text.key_p95),
        ];
        for (name, bound, value) in ratios {
            let name = format!("ours, {name} to plain text");
            figures.push(figure(&name, "x", Target::AtMost(bound), value));
        }
        figures.push(figure(
            "ours, longest task",
            "ms",
            Target::AtMost(50.0),
            ours.longest_task,
        ));
    }
    if let (Part::Flood, Some(floor)) = (part, seen.get(&Renderer::Floor)) {
        figures.push(figure(
            "ours, CPU to the floor",
            "x",
            Target::AtMost(1.3),
            ours.cpu / floor.cpu,
        ));
        figures.push(figure(
            "ours, longest task",
            "ms",
            Target::AtMost(200.0),
            ours.longest_task,
        ));
        figures.push(figure(
            "ours, memory above the floor's at the end",
            "MiB",
            Target::AtMost(24.0),
            ours.memory - floor.memory,
        ));
        figures.push(figure(
            "ours, memory above the floor's 5 s after",
            "MiB",
            Target::AtMost(24.0),
            ours.memory_at_rest - floor.memory_at_rest,
        ));
    }
    figures
}

fn medians(runs: &[Seen]) -> Seen {
    let of = |value: fn(&Seen) -> f64| median(runs.iter().map(value).collect());
    Seen {
        cpu: of(|seen| seen.cpu),
        layout: of(|seen| seen.layout),
        longest_task: of(|seen| seen.longest_task),
        longest_at: f64::NAN,
        frame_p95: of(|seen| seen.frame_p95),
        key_p95: of(|seen| seen.key_p95),
        memory: of(|seen| seen.memory),
        memory_at_rest: of(|seen| seen.memory_at_rest),
        is_right: runs.iter().all(|seen| seen.is_right),
    }
}
