//! One stream through one page, and what the page's main thread did meanwhile.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use aicon_e2e::setup::Login;
use aicon_e2e::wait::until_within;
use aicon_e2e::{Page, Setup, Upstream, World};
use serde_json::{Value, json};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::peers::Renderer;
use super::reference;
use crate::error::{Error, Result};
use crate::memory::Held;
use crate::paint::watch_keys;
use crate::sample::percentile;

/// A renderer that takes longer has no figures.
const PATIENCE: Duration = Duration::from_secs(180);

/// Between two keys.
const KEY_INTERVAL: Duration = Duration::from_millis(150);

/// After a flood, until a worker that has nothing to do has been ended.
const REST: Duration = Duration::from_secs(5);

/// What a page does with a stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stream<'a> {
    /// Where a profile of the page's scripts goes; taking one costs time.
    pub(crate) profile: Option<&'a Path>,
    pub(crate) deltas: &'a [String],
    /// Deltas per second; as fast as the socket takes them if none.
    pub(crate) pace: Option<u32>,
    pub(crate) types: bool,
}

/// What was seen. Times in milliseconds, memory in MiB.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Of the main thread's tasks.
    pub(crate) cpu: f64,
    /// Of that layout and style.
    pub(crate) layout: f64,
    pub(crate) longest_task: f64,
    /// When it began, in seconds after the question.
    pub(crate) longest_at: f64,
    pub(crate) frame_p95: f64,
    pub(crate) key_p95: f64,
    pub(crate) memory: f64,
    /// Of a flood: [`REST`] after its end.
    pub(crate) memory_at_rest: f64,
    pub(crate) is_right: bool,
}

/// Counts frames and long tasks from now on.
const WATCH: &str = r#"
    const seen = window.seen = { frames: [], longest: 0, longestAt: 0 };
    const begun = performance.now();
    new PerformanceObserver(list => {
        for (const task of list.getEntries()) {
            if (task.duration < seen.longest) continue;
            seen.longest = task.duration;
            seen.longestAt = (task.startTime - begun) / 1000;
        }
    }).observe({ type: 'longtask' });
    let last = performance.now();
    const tick = now => { seen.frames.push(now - last); last = now; if (window.seen === seen) requestAnimationFrame(tick); };
    requestAnimationFrame(now => { last = now; requestAnimationFrame(tick); });
    document.querySelector('[data-testid="composer"]').focus();
"#;

/// The text that a reader sees, without the words of buttons and bars, and without blanks.
const TEXT: &str = r#"
    const turns = document.querySelectorAll('[data-role="assistant"] [data-testid="message-body"]');
    const body = (turns.length ? turns[turns.length - 1] : document.querySelector('#body')).cloneNode(true);
    const chrome = 'button, .md-code-bar, .md-table-bar, [role="status"], style, script, svg, ' +
        '[data-streamdown="code-block-header"], [data-streamdown="code-block-actions"], .incremark-code .code-header';
    for (const part of body.querySelectorAll(chrome)) part.remove();
    return body.textContent.replace(/\s+/gu, '');
"#;

/// Asks for the stream in a browser of its own.
pub(crate) async fn show(renderer: Renderer, stream: &Stream<'_>, site: &Path) -> Result<Seen> {
    let upstream = Upstream::start().await?;
    let setup = Setup::default()
        .login(Login::None)
        .upstream(&upstream)
        .site(site.to_owned());
    let mut seen = Err(Error::Unexpected("the page was not asked".to_owned()));
    World::run("bench-markdown", setup, async |world| {
        seen = stream_through(world, &upstream, renderer, stream).await;
        Ok(())
    })
    .await?;
    seen
}

async fn stream_through(
    world: &World,
    upstream: &Upstream,
    renderer: Renderer,
    stream: &Stream<'_>,
) -> Result<Seen> {
    let page = &world.page;
    page.open(&renderer.path()).await?;
    page.wait_for("composer").await?;
    begin_measuring(page).await?;
    ask(page, renderer, &world.backend.origin).await?;
    let mut seen = watch(page, upstream, stream).await?;
    let shown: String = page.ask(TEXT, &[]).await?;
    let text = stream.deltas.concat();
    seen.is_right = shown
        == match renderer {
            Renderer::Read => String::new(),
            Renderer::Text => reference::source(&text),
            _ => reference::shown(&text),
        };
    Ok(seen)
}

/// Writes the answer to a question that was asked, and looks at the page until it is shown.
pub(crate) async fn watch(page: &Page, upstream: &Upstream, stream: &Stream<'_>) -> Result<Seen> {
    upstream.wait_for_question().await?;
    if stream.profile.is_some() {
        command(page, "Profiler.enable", json!({})).await?;
        command(page, "Profiler.start", json!({})).await?;
    }
    let before = main_thread(page).await?;
    let () = page.ask(WATCH, &[]).await?;
    let () = page.ask(&watch_keys("composer"), &[]).await?;
    let keys = async {
        if stream.types {
            type_on(page).await
        } else {
            std::future::pending().await
        }
    };
    tokio::select! {
        typed = keys => typed?,
        written = write(upstream, stream) => written?,
    }
    until_within(PATIENCE, "the end of the stream", async || {
        let script = "return window.status === 'done' || [...document.querySelectorAll('[data-role=\"assistant\"]')].at(-1)?.dataset.status === 'done'";
        Ok(page.ask::<bool>(script, &[]).await?.then_some(()))
    })
    .await?;
    // What the last frame left to do belongs to the stream.
    let () = page
        .ask("return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))", &[])
        .await?;
    let after = main_thread(page).await?;
    if let Some(path) = stream.profile {
        let answer = command(page, "Profiler.stop", json!({})).await?;
        std::fs::write(path, answer["profile"].to_string())?;
    }
    let watched: Value = page
        .ask(
            "const seen = { ...window.seen, keys: window.keys }; window.seen = null; return seen",
            &[],
        )
        .await?;
    let memory = memory(page).await?;
    let mut memory_at_rest = f64::NAN;
    if stream.pace.is_none() {
        sleep(REST).await;
        memory_at_rest = self::memory(page).await?;
    }
    let numbers = |name: &str| -> Vec<f64> {
        let list = watched[name].as_array().into_iter().flatten();
        list.filter_map(Value::as_f64).collect()
    };
    let p95 = |values: Vec<f64>| {
        if values.is_empty() {
            0.0
        } else {
            percentile(values, 0.95)
        }
    };
    Ok(Seen {
        cpu: after.cpu - before.cpu,
        layout: after.layout - before.layout,
        longest_task: watched["longest"].as_f64().unwrap_or(f64::NAN),
        longest_at: watched["longestAt"].as_f64().unwrap_or(f64::NAN),
        frame_p95: p95(numbers("frames")),
        key_p95: p95(numbers("keys")),
        memory,
        memory_at_rest,
        is_right: true,
    })
}

async fn ask(page: &Page, renderer: Renderer, backend: &str) -> Result<()> {
    if renderer == Renderer::Ours {
        return Ok(page.send("go").await?);
    }
    let script = "window.ask(arguments[0], 'go', 'scripted').catch(error => { window.status = 'failed: ' + error; })";
    let url = format!("{backend}/ai/chat");
    let () = page.ask(script, &[url.into()]).await?;
    Ok(())
}

async fn write(upstream: &Upstream, stream: &Stream<'_>) -> Result<()> {
    if let Some(pace) = stream.pace {
        let started = Instant::now();
        let mut ticks = interval(Duration::from_millis(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut written = 0;
        while written < stream.deltas.len() {
            ticks.tick().await;
            let due = (started.elapsed().as_secs_f64() * f64::from(pace)) as usize;
            for delta in &stream.deltas[written..due.clamp(written, stream.deltas.len())] {
                upstream.write(delta)?;
            }
            written = due.clamp(written, stream.deltas.len());
        }
    } else {
        for delta in stream.deltas {
            upstream.write(delta)?;
        }
    }
    Ok(upstream.finish()?)
}

/// Presses a key every now and then, for ever.
async fn type_on(page: &Page) -> Result<()> {
    let mut ticks = interval(KEY_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    for key in ('a'..='z').cycle() {
        ticks.tick().await;
        for kind in ["keyDown", "keyUp"] {
            let event = json!({ "type": kind, "key": key.to_string(), "text": key.to_string(), "code": format!("Key{}", key.to_ascii_uppercase()) });
            command(page, "Input.dispatchKeyEvent", event).await?;
        }
    }
    Ok(())
}

struct MainThread {
    cpu: f64,
    layout: f64,
}

pub(crate) async fn begin_measuring(page: &Page) -> Result<()> {
    command(
        page,
        "Performance.enable",
        json!({ "timeDomain": "threadTicks" }),
    )
    .await?;
    Ok(())
}

async fn main_thread(page: &Page) -> Result<MainThread> {
    let answer = command(page, "Performance.getMetrics", json!({})).await?;
    let metric = |name: &str| {
        let metrics = answer["metrics"].as_array().into_iter().flatten();
        let found = metrics.into_iter().find(|metric| metric["name"] == name);
        let value = found.and_then(|metric| metric["value"].as_f64());
        value.unwrap_or(f64::NAN) * 1e3
    };
    Ok(MainThread {
        cpu: metric("TaskDuration"),
        layout: metric("LayoutDuration") + metric("RecalcStyleDuration"),
    })
}

/// MiB of the page's process, its workers among them, after the garbage is collected.
async fn memory(page: &Page) -> Result<f64> {
    for _ in 0..2 {
        command(page, "HeapProfiler.collectGarbage", json!({})).await?;
    }
    Ok(Held::now().pages as f64 / (1024.0 * 1024.0))
}

/// Asks the DevTools protocol.
pub(crate) async fn command(page: &Page, name: &str, parameters: Value) -> Result<Value> {
    let answer = page.driver().cdp().send_raw(name, parameters).await;
    Ok(answer.map_err(aicon_e2e::Error::from)?)
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "CPU {:.0}, layout and style {:.0}, frame {:.0}, key {:.0}, longest {:.0} ms after {:.1} s, {:.0} MiB{}",
            self.cpu,
            self.layout,
            self.frame_p95,
            self.key_p95,
            self.longest_task,
            self.longest_at,
            self.memory,
            if self.is_right { "" } else { ", wrong text" }
        )
    }
}
