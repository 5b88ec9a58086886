//! From the navigation to the painted form.

use aicon_e2e::wait::until;
use aicon_e2e::{Page, Result};
use serde_json::json;

use super::definition::{LAST, handle};
use crate::figure::{Figure, Target};
use crate::sample::median;

const LOADS: usize = 7;

/// Notes when the frame that holds the last field has been painted: a message posted before a paint arrives after it.
const NOTE_THE_PAINT: &str = r#"
    const observer = new MutationObserver(() => {
        if (!document.querySelector('[data-testid="HANDLE"]')) return;
        observer.disconnect();
        requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => { window.paintedAt = performance.now(); };
            port2.postMessage(null);
        });
    });
    observer.observe(document, { childList: true, subtree: true });
"#;

pub(super) async fn run(page: &Page, fields: usize) -> Result<Vec<Figure>> {
    let source = NOTE_THE_PAINT.replace("HANDLE", &handle(LAST));
    page.driver()
        .cdp()
        .send_raw(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": source }),
        )
        .await?;
    let mut times = Vec::new();
    for _ in 0..LOADS {
        page.open("/chat").await?;
        let painted = until("the form's first paint", async || {
            page.ask::<Option<f64>>("return window.paintedAt ?? null", &[])
                .await
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
