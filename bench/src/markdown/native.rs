//! The markdown crate without a browser: a text at once, and in deltas.

use std::fs;
use std::path::Path;
use std::time::Duration;

use aicon_markdown::{Document, PARSE_LIMIT};
use criterion::{BatchSize, Criterion};
use serde_json::Value;

use super::fixture;
use crate::error::{Error, Result};
use crate::figure::{Figure, Target};

const SIZES: [(&str, usize); 3] = [
    ("20 KiB", 20 * 1024),
    ("200 KiB", 200 * 1024),
    ("1 MiB", 1024 * 1024),
];

/// 1 MiB is 51 times 20 KiB.
const MOST_GROWTH: f64 = 60.0;

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
    let mut streamed = Vec::new();
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
        streamed.push(time);
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
    if let [small, .., large] = streamed[..] {
        figures.push(Figure::new(
            "native, in deltas: 1 MiB to 20 KiB",
            "x",
            Target::AtMost(MOST_GROWTH),
            large / small,
        ));
    }
    Ok(figures)
}

fn stream(deltas: &[String]) -> Document {
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
