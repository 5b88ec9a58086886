//! Files on their way: what the browser and the server hold meanwhile, and whether progress is seen.

use std::path::Path;
use std::time::{Duration, Instant};

use aicon_e2e::error::Timeout;
use aicon_e2e::wait::until_within;
use aicon_e2e::{Error, Page, Result};
use serde::Deserialize;
use serde_json::Value;

use super::Args;
use super::definition::{FILES, RESULT, handle};
use super::files;
use super::latency::heap_and_nodes;
use crate::figure::{Figure, Target};
use crate::memory::{Held, Watch};

/// For choosing, and for sending: half a gigabyte on a slow disk.
const PATIENCE: Duration = Duration::from_secs(600);

/// Notes each value that the progress bar shows.
const WATCH_THE_PROGRESS: &str = r#"
    window.progress = [];
    const note = () => {
        const bar = document.querySelector('.form-progress progress');
        const value = bar?.getAttribute('value') ?? null;
        if (value !== null && window.progress.at(-1) !== value) window.progress.push(value);
    };
    new MutationObserver(note).observe(document.body, { childList: true, subtree: true, attributes: true });
"#;

const READ_THE_PAGE: &str = r#"
    const text = handle => document.querySelector(`[data-testid="${handle}"]`)?.innerText ?? '';
    return { result: text('output-RESULT'), notice: text('notice'), progress: window.progress };
"#;

#[derive(Deserialize)]
struct Seen {
    result: String,
    notice: String,
    progress: Vec<String>,
}

pub(super) async fn run(
    page: &Page,
    server: &str,
    args: &Args,
    folder: &Path,
) -> Result<Vec<Figure>> {
    let bytes = args.megabytes * 1_000_000;
    let paths = files::write(folder, args.files, bytes)?;
    warm_up(page, server).await?;
    let idle = Held::now();

    let (choosing, started) = (Watch::start(), Instant::now());
    page.choose_files(&handle(FILES), &paths).await?;
    until_within(PATIENCE, "all files to be chosen", async || {
        Ok((page.count("attachment").await? == args.files).then_some(()))
    })
    .await?;
    let (chosen_in, chosen) = (started.elapsed(), choosing.peak());

    let () = page.ask(WATCH_THE_PROGRESS, &[]).await?;
    let (sending, started) = (Watch::start(), Instant::now());
    page.click("submit").await?;
    let seen = until_within(PATIENCE, "the result", async || {
        let script = READ_THE_PAGE.replace("RESULT", RESULT);
        let seen: Seen = page.ask(&script, &[]).await?;
        Ok((!seen.result.is_empty() || !seen.notice.is_empty()).then_some(seen))
    })
    .await?;
    let (sent_in, sent) = (started.elapsed(), sending.peak());
    let expected = format!("{} files", args.files);
    if !seen.result.contains(&expected) {
        return Err(Error::from(Timeout {
            what: format!("`{expected}` in the result"),
            last_seen: format!("result `{}`, notice `{}`", seen.result, seen.notice),
        }));
    }
    let (heap, _) = heap_and_nodes(page).await?;
    let megabytes = (args.files * args.megabytes) as f64;
    let mut figures = vec![
        Figure::new(
            "choosing the files",
            "s",
            Target::None,
            chosen_in.as_secs_f64(),
        ),
        Figure::new(
            "sending and reading them",
            "MB/s",
            Target::None,
            megabytes / sent_in.as_secs_f64(),
        ),
        Figure::new(
            "steps of progress seen",
            "",
            Target::AtLeast(10.0),
            seen.progress.len() as f64,
        ),
    ];
    figures.extend(above(idle, chosen, "choosing"));
    figures.extend(above(idle, sent, "sending"));
    figures.push(Figure::new(
        "the JavaScript heap afterwards",
        "MiB",
        Target::AtMost(32.0),
        heap / MEBIBYTE,
    ));
    Ok(figures)
}

/// One small file by the page's own hand: afterwards the server's code is in memory, and what is measured are its buffers.
async fn warm_up(page: &Page, server: &str) -> Result<()> {
    let mut file = Vec::new();
    files::pdf(&mut file, 4_000)?;
    let file: Vec<Value> = file.into_iter().map(Value::from).collect();
    let status: u16 = page
        .ask(
            &WARM_UP.replace("FILES", FILES),
            &[server.into(), file.into()],
        )
        .await?;
    if status != 200 {
        return Err(Error::from(Timeout {
            what: "the server's first answer".to_owned(),
            last_seen: format!("status {status}"),
        }));
    }
    Ok(())
}

const WARM_UP: &str = r#"
    const form = new FormData();
    form.append('FILES', new Blob([new Uint8Array(arguments[1])]), 'small.pdf');
    const request = new XMLHttpRequest();
    request.open('POST', `${arguments[0]}/api/Provider/chat-multi-input`, false);
    request.send(form);
    return request.status;
"#;

const MEBIBYTE: f64 = 1024.0 * 1024.0;

/// Peaks above what was held before.
fn above(idle: Held, peak: Held, what: &str) -> Vec<Figure> {
    let figure = |who: &str, target, peak: u64, idle: u64| {
        let name = format!("{what}: {who}, above idle");
        Figure::new(
            name,
            "MiB",
            target,
            peak.saturating_sub(idle) as f64 / MEBIBYTE,
        )
    };
    let mut figures = vec![
        figure(
            "the page's process",
            Target::AtMost(64.0),
            peak.pages,
            idle.pages,
        ),
        figure(
            "the whole browser",
            Target::AtMost(256.0),
            peak.browser,
            idle.browser,
        ),
    ];
    if peak.server > 0 && what == "sending" {
        figures.push(figure(
            "the server",
            Target::AtMost(64.0),
            peak.server,
            idle.server,
        ));
        figures.push(figure(
            "its PDF readers",
            Target::None,
            peak.readers,
            idle.readers,
        ));
    }
    figures
}
