//! The markdown crate without a browser: a text at once, and in deltas.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use aicon_markdown::{Document, PARSE_LIMIT};
use criterion::{BatchSize, Criterion};
use serde_json::Value;

use super::fixture;
use super::instructions::{self, Way};
use crate::error::{Error, Result};
use crate::figure::{Figure, Target};
use crate::sample::median;
use crate::say;

const SIZES: [(&str, usize); 3] = [
    ("20 KiB", 20 * 1024),
    ("200 KiB", 200 * 1024),
    ("1 MiB", 1024 * 1024),
];

/// 1 MiB is 51 times 20 KiB.
const MOST_GROWTH: f64 = 60.0;

/// Pairs of measurements whose ratio is taken.
const PAIRS: usize = 31;

/// Measures with criterion, whose samples go to `directory`.
pub(crate) fn run(directory: &Path) -> Result<Vec<Figure>> {
    let directory = directory.join("criterion");
    let mut criterion = Criterion::default()
        .without_plots()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .output_directory(&directory);
    let mut figures = Vec::new();
    for (name, bytes) in SIZES {
        let text = fixture::text(bytes);
        let deltas = fixture::deltas(&text);
        let mut median = |what: &str, work: &dyn Fn() -> Document| {
            let id = format!("{what} {name}");
            // What is measured is parsing and building, not giving the memory back.
            criterion.bench_function(&id, |bencher| {
                bencher.iter_batched(|| (), |()| work(), BatchSize::PerIteration);
            });
            median_ms(&directory, &id)
        };
        let whole = median("whole", &|| Document::from_text(&text))?;
        let time = median("streamed", &|| stream(&deltas))?;
        let parsed = stream(&deltas).bytes_parsed() as f64 / text.len() as f64;
        let figure = |what: &str, unit, target, value| {
            Figure::new(format!("native, {name}: {what}"), unit, target, value)
        };
        figures.extend([
            figure("at once", "ms", Target::None, whole),
            figure("in deltas", "ms", Target::None, time),
            figure("in deltas to at once", "x", Target::None, time / whole),
            figure(
                "bytes parsed to received",
                "x",
                Target::AtMost(PARSE_LIMIT as f64),
                parsed,
            ),
        ]);
    }
    figures.push(Figure::new(
        "native, in deltas: 1 MiB to 20 KiB",
        "x",
        Target::AtMost(MOST_GROWTH),
        growth(),
    ));
    figures.extend(instructions()?);
    Ok(figures)
}

/// Per byte of the text, so that sizes can be compared.
fn instructions() -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let mut in_deltas = Vec::new();
    for (name, bytes) in SIZES {
        let (Some(whole), Some(streamed)) = (
            instructions::count(Way::AtOnce, bytes)?,
            instructions::count(Way::InDeltas, bytes)?,
        ) else {
            say("        instructions are not counted: `valgrind` is not installed");
            return Ok(figures);
        };
        for (what, count) in [("at once", whole), ("in deltas", streamed)] {
            let name = format!("native, {name}: instructions per byte, {what}");
            let per_byte = count as f64 / bytes as f64;
            figures.push(Figure::new(name, "", Target::None, per_byte));
        }
        in_deltas.push(streamed as f64);
    }
    figures.push(Figure::new(
        "native, instructions in deltas: 1 MiB to 20 KiB",
        "x",
        Target::AtMost(MOST_GROWTH),
        in_deltas[2] / in_deltas[0],
    ));
    Ok(figures)
}

/// The median of pairs, whose halves take about as long and meet the machine in the same mood.
fn growth() -> f64 {
    let [small, _, large] = SIZES.map(|(_, bytes)| fixture::deltas(&fixture::text(bytes)));
    let count = SIZES[2].1 / SIZES[0].1;
    let pair = |_| {
        let of_small: Duration = (0..count).map(|_| timed(&small)).sum();
        timed(&large).as_secs_f64() * count as f64 / of_small.as_secs_f64()
    };
    median((0..PAIRS).map(pair).collect())
}

/// Parsing and building, without giving the memory back.
fn timed(deltas: &[String]) -> Duration {
    let started = Instant::now();
    let document = stream(deltas);
    let elapsed = started.elapsed();
    drop(document);
    elapsed
}

pub(super) fn stream(deltas: &[String]) -> Document {
    let mut document = Document::new();
    for delta in deltas {
        document.push(delta);
    }
    document.finish();
    document
}

fn median_ms(directory: &Path, id: &str) -> Result<f64> {
    let file = directory.join(id).join("new").join("estimates.json");
    let estimates: Value = serde_json::from_str(&fs::read_to_string(&file)?)?;
    let nanoseconds = estimates["median"]["point_estimate"].as_f64();
    let missing = || Error::Unexpected(format!("no median in `{}`", file.display()));
    Ok(nanoseconds.ok_or_else(missing)? / 1e6)
}
