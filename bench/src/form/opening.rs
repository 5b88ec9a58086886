//! From the navigation to the painted form.

use aicon_e2e::wait::until;
use aicon_e2e::{Page, Result};

use super::definition::{LAST, handle};
use crate::figure::{Figure, Target};
use crate::paint::{note, painted};
use crate::sample::median;

const LOADS: usize = 7;

pub(super) async fn run(page: &Page, fields: usize) -> Result<Vec<Figure>> {
    let is_there = format!(
        "document.querySelector('[data-testid=\"{}\"]')",
        handle(LAST)
    );
    note(page, &[("form", is_there)]).await?;
    let mut times = Vec::new();
    for _ in 0..LOADS {
        page.open("/chat").await?;
        let painted = until("the form's first paint", async || {
            painted(page, "form").await
        });
        times.push(painted.await?);
    }
    // The first load has an empty cache and starts the engine.
    let (first, others) = (times[0], times[1..].to_vec());
    let name = |what: &str| format!("form of {fields} fields: {what}");
    Ok(vec![
        Figure::new(
            name("first paint, first visit"),
            "ms",
            Target::AtMost(2_000.0),
            first,
        ),
        Figure::new(
            name("first paint, later visits"),
            "ms",
            Target::AtMost(1_000.0),
            median(others),
        ),
    ])
}
