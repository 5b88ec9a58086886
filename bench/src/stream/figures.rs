//! The bench's values beside their targets.

use std::time::Duration;

use super::chats;
use super::first_delta::Times;
use super::flow::Seen;
use crate::figure::{Figure, Target};
use crate::sample::median;

/// Pass-through and back end.
type Round<T> = [T; 2];

pub(super) fn saturated(rounds: &[Round<Seen>]) -> Vec<Figure> {
    let mut figures = compared(
        "saturated: deltas per second",
        "/s",
        Target::AtLeast(0.75),
        rounds,
        |seen| seen.deltas_per_second,
    );
    figures.extend(cpu("saturated", 2.2, rounds));
    figures
}

pub(super) fn fifty(rounds: &[Round<Seen>]) -> Vec<Figure> {
    delays("50 streams, 5,000/s, half through each", 1.25, rounds)
}

pub(super) fn five_hundred(rounds: &[Round<Seen>]) -> Vec<Figure> {
    delays("500 streams, 10,000/s, half through each", 1.15, rounds)
}

pub(super) fn ten_thousand(rounds: &[Round<Seen>]) -> Vec<Figure> {
    let mut figures = cpu("500 streams, 10,000/s", 1.5, rounds);
    figures.push(rate("500 streams, 10,000/s", rounds));
    figures
}

/// The target is for what the back end takes longer than the pass-through, as all targets of this bench are: the hop itself costs
/// what the machine's sockets and wake-ups do. What both add to the upstream alone, which is what a user notices, is shown
/// beside it.
///
/// A model takes longer than the row's way to the disk, which is why one that answers at once has no target.
pub(super) fn first_delta(rounds: &[Times], upstream: Duration) -> Vec<Figure> {
    let is_model = upstream > Duration::ZERO;
    let name = format!("first delta, upstream of {} ms", upstream.as_millis());
    let of = |value: fn(&Times) -> f64| median(rounds.iter().map(value).collect());
    let target = match is_model {
        true => Target::AtMost(0.35 + 0.15),
        false => Target::None,
    };
    vec![
        Figure::new(
            format!("{name}: direct, p50"),
            "ms",
            Target::None,
            of(|times| times.direct),
        ),
        Figure::new(
            "  added by the pass-through",
            "ms",
            Target::None,
            of(|times| times.pass_through - times.direct),
        ),
        Figure::new(
            "  added by the back end, with its durable row",
            "ms",
            Target::None,
            of(|times| times.backend - times.direct),
        ),
        Figure::new(
            "  which is more than the pass-through adds by",
            "ms",
            target,
            of(|times| times.backend - times.pass_through),
        ),
    ]
}

pub(super) fn chats(rates: Vec<f64>) -> Vec<Figure> {
    let ideal = f64::from(chats::AT_ONCE) / chats::UPSTREAM.as_secs_f64();
    let rate = median(rates);
    vec![
        Figure::new(
            format!("{} chats at once on an upstream of 200 ms", chats::AT_ONCE),
            "/s",
            Target::None,
            rate,
        ),
        Figure::new("  of the ideal", "×", Target::AtLeast(0.95), rate / ideal),
    ]
}

pub(super) fn idle(rounds: &[Round<f64>]) -> Vec<Figure> {
    compared(
        "memory of an idle stream",
        "KiB",
        Target::AtMost(1.75),
        rounds,
        |kibibytes| *kibibytes,
    )
}

fn cpu(name: &str, most: f64, rounds: &[Round<Seen>]) -> Vec<Figure> {
    compared(
        &format!("{name}: processor time per million deltas"),
        "s",
        Target::AtMost(most),
        rounds,
        |seen| seen.cpu_per_million,
    )
}

fn delays(name: &str, most: f64, rounds: &[Round<Seen>]) -> Vec<Figure> {
    let mut figures = compared(
        &format!("{name}: delay of a delta, p50"),
        "ms",
        Target::None,
        rounds,
        |seen| seen.p50,
    );
    figures.extend(compared(
        &format!("{name}: delay of a delta, p99"),
        "ms",
        Target::AtMost(most),
        rounds,
        |seen| seen.p99,
    ));
    figures
}

/// That the pace was kept.
fn rate(name: &str, rounds: &[Round<Seen>]) -> Figure {
    let rates = rounds.iter().map(|[_, backend]| backend.deltas_per_second);
    Figure::new(
        format!("{name}: deltas per second"),
        "/s",
        Target::None,
        median(rates.collect()),
    )
}

/// Both values, and the median of the rounds' ratios.
fn compared<T>(
    name: &str,
    unit: &'static str,
    target: Target,
    rounds: &[Round<T>],
    value: impl Fn(&T) -> f64,
) -> Vec<Figure> {
    let of = |which: usize| median(rounds.iter().map(|round| value(&round[which])).collect());
    let ratios = rounds
        .iter()
        .map(|[plain, ours]| value(ours) / value(plain));
    vec![
        Figure::new(name, unit, Target::None, of(1)),
        Figure::new("  through the pass-through", unit, Target::None, of(0)),
        Figure::new("  ratio", "×", target, median(ratios.collect())),
    ]
}
