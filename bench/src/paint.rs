//! Scripts that tell when something is on the screen.

use aicon_e2e::{Page, Result};
use serde_json::json;

/// A message that is posted before a paint arrives after it.
const ON_PAINT: &str = r#"
    const onPaint = note => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => note(performance.now());
        port2.postMessage(null);
    });
"#;

const WATCH_KEYS: &str = r#"
    const field = document.querySelector('[data-testid="HANDLE"]');
    const keys = window.keys = [];
    let pressed = 0;
    field.addEventListener('keydown', event => { pressed = event.timeStamp; }, true);
    field.addEventListener('input', () => {
        const from = pressed;
        onPaint(now => keys.push(now - from));
    });
"#;

const NOTE: &str = r#"
    const open = Object.entries(CONDITIONS).map(([name, condition]) => [name, new Function('return ' + condition)]);
    window.painted = {};
    const observer = new MutationObserver(() => {
        for (const entry of open.filter(([, isThere]) => isThere())) {
            open.splice(open.indexOf(entry), 1);
            onPaint(now => { window.painted[entry[0]] = now; });
        }
        if (!open.length) observer.disconnect();
    });
    observer.observe(document, { childList: true, subtree: true });
"#;

/// Fills `window.keys` with the milliseconds of each key in the field with this test handle: from the event's own time (the
/// browser took the key) to the first task after the frame that shows it.
pub(crate) fn watch_keys(handle: &str) -> String {
    block(&WATCH_KEYS.replace("HANDLE", handle))
}

/// Each page that is opened from now on notes when the frames have been painted in which these conditions, expressions of
/// JavaScript, first hold, and when, in milliseconds after its navigation began: [`painted`] tells.
pub(crate) async fn note(page: &Page, conditions: &[(&str, String)]) -> Result<()> {
    let conditions: serde_json::Map<_, _> = conditions
        .iter()
        .map(|(name, condition)| ((*name).to_owned(), condition.clone().into()))
        .collect();
    let conditions = serde_json::Value::from(conditions).to_string();
    let source = json!({ "source": block(&NOTE.replace("CONDITIONS", &conditions)) });
    let method = "Page.addScriptToEvaluateOnNewDocument";
    page.driver().cdp().send_raw(method, source).await?;
    Ok(())
}

/// When the condition's frame was painted, if it was.
pub(crate) async fn painted(page: &Page, name: &str) -> Result<Option<f64>> {
    let script = "return window.painted?.[arguments[0]] ?? null";
    page.ask(script, &[name.into()]).await
}

/// Names of its own, so that a script may be run twice.
fn block(script: &str) -> String {
    ["{", ON_PAINT, script, "}"].concat()
}
