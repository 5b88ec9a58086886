//! From a key to its paint, in the last field of the form.

use aicon_e2e::wait::until;
use aicon_e2e::{Page, Result};
use serde_json::json;

use super::definition::{LAST, handle};
use crate::figure::{Figure, Target};
use crate::memory::Held;
use crate::paint::watch_keys;
use crate::sample::percentile;

pub(super) async fn run(page: &Page, keys: usize) -> Result<Vec<Figure>> {
    let handle = handle(LAST);
    let () = page.ask(&watch_keys(&handle), &[]).await?;
    let field = page.wait_for(&handle).await?;
    for key in ('a'..='z').cycle().take(keys) {
        field.send_keys(key.to_string()).await?;
    }
    let seen = until("the paint of each key", async || {
        let seen: Vec<f64> = page.ask("return window.keys", &[]).await?;
        Ok((seen.len() == keys).then_some(seen))
    })
    .await?;
    let typed = page.value_of(&handle).await?.chars().count();
    assert!(typed >= keys, "{typed} of {keys} keys are in the field");
    let (heap, nodes) = heap_and_nodes(page).await?;
    let held = Held::now();
    let part = |part| percentile(seen.clone(), part);
    let figure = |name: &str, unit, target, value| {
        Figure::new(format!("last field: {name}"), unit, target, value)
    };
    let mebibytes = |bytes: u64| bytes as f64 / (1024.0 * 1024.0);
    Ok(vec![
        figure("key to paint, p50", "ms", Target::None, part(0.5)),
        figure("key to paint, p95", "ms", Target::AtMost(50.0), part(0.95)),
        figure("key to paint, worst", "ms", Target::None, part(1.0)),
        Figure::new(
            "the form's JavaScript heap",
            "MiB",
            Target::AtMost(32.0),
            heap / (1024.0 * 1024.0),
        ),
        Figure::new("the form's nodes", "", Target::None, nodes),
        Figure::new(
            "the page's process",
            "MiB",
            Target::None,
            mebibytes(held.pages),
        ),
    ])
}

/// After the garbage is collected.
pub(super) async fn heap_and_nodes(page: &Page) -> Result<(f64, f64)> {
    let cdp = page.driver().cdp();
    for command in ["Performance.enable", "HeapProfiler.collectGarbage"] {
        cdp.send_raw(command, json!({})).await?;
    }
    let answer = cdp.send_raw("Performance.getMetrics", json!({})).await?;
    let metric = |name: &str| {
        let metrics = answer["metrics"].as_array().into_iter().flatten();
        let found = metrics.into_iter().find(|metric| metric["name"] == name);
        found
            .and_then(|metric| metric["value"].as_f64())
            .unwrap_or(f64::NAN)
    };
    Ok((metric("JSHeapUsedSize"), metric("Nodes")))
}
