//! A conversation of a thousand messages: how long it takes to open, and how typing feels while the next answer grows.

use std::path::Path;
use std::time::Duration;

use aicon_e2e::setup::Login;
use aicon_e2e::wait::until_within;
use aicon_e2e::{Page, Setup, Upstream, World};

use super::fixture;
use super::page::{self, Stream};
use crate::error::{Error, Result};
use crate::figure::{Figure, Target};
use crate::paint;
use crate::sample::median;
use crate::say;

/// Bytes of a message.
const MESSAGE: usize = 2 * 1024;

/// Deltas per second, and the bytes of the answer that grows.
const PACE: u32 = 200;
const ANSWER: usize = 16 * 1024;

const PATIENCE: Duration = Duration::from_secs(60);

/// Asks one question after another, as a person does, but at once.
const CONVERSE: &str = r#"
    const [count, text] = arguments;
    const answered = () => document.querySelectorAll('[data-role="assistant"][data-status="done"]').length;
    const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set;
    window.asked = 0;
    (async () => {
        for (let i = 1; i <= count; i++) {
            const field = document.querySelector('[data-testid="composer"]');
            set.call(field, i + ' ' + text);
            field.dispatchEvent(new Event('input', { bubbles: true }));
            do await new Promise(done => setTimeout(done, 5)); while (document.querySelector('[data-testid="send"]')?.disabled !== false);
            document.querySelector('[data-testid="send"]').click();
            while (answered() < i) await new Promise(done => setTimeout(done, 5));
            window.asked = i;
        }
    })();
"#;

/// Measures a conversation of so many messages, half of them questions; openings and answers as often as there are rounds.
pub(crate) async fn run(rounds: usize, messages: usize, site: &Path) -> Result<Vec<Figure>> {
    let upstream = Upstream::start().await?;
    // Nobody asks as fast as this one.
    let setup = Setup::default()
        .login(Login::None)
        .upstream(&upstream)
        .backend("AICON_LIMIT_REQUESTS_PER_MINUTE_USER", "100000")
        .backend("AICON_LIMIT_REQUESTS_PER_MINUTE_ADDRESS", "100000")
        .site(site.to_owned());
    let mut figures = Vec::new();
    World::run("bench-history", setup, async |world| {
        let measured = measure(&world.page, &upstream, rounds, messages).await;
        figures = measured.map_err(|error| aicon_e2e::Error::NotUp {
            program: "the conversation".into(),
            reason: error.to_string(),
        })?;
        Ok(())
    })
    .await?;
    Ok(figures)
}

async fn measure(
    page: &Page,
    upstream: &Upstream,
    rounds: usize,
    messages: usize,
) -> Result<Vec<Figure>> {
    page.open("/chat").await?;
    page.wait_for("composer").await?;
    converse(page, upstream, messages / 2).await?;
    let count = "document.querySelectorAll('[data-testid=\"message\"]').length";
    let some = format!("{count} > 0");
    let all = format!("{count} >= {messages}");
    paint::note(page, &[("end", some), ("whole", all)]).await?;
    let (mut opened, mut whole) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        page.reload().await?;
        let painted = until_within(PATIENCE, "the paint of all messages", async || {
            paint::painted(page, "whole").await
        });
        match painted.await {
            Ok(painted) => whole.push(painted),
            Err(error) => {
                let there = page.messages().await?.len();
                return Err(Error::Unexpected(format!("{error}; {there} messages")));
            }
        }
        opened.extend(paint::painted(page, "end").await?);
    }
    let deltas = fixture::deltas(&fixture::text(ANSWER));
    let stream = Stream {
        profile: None,
        deltas: &deltas,
        pace: Some(PACE),
        types: true,
    };
    page::begin_measuring(page).await?;
    let mut seen = Vec::new();
    for _ in 0..rounds {
        page.send("go").await?;
        seen.push(page::watch(page, upstream, &stream).await?);
    }
    let name = |what: &str| format!("{messages} messages of 2 KiB: {what}");
    let of = |value: fn(&page::Seen) -> f64| median(seen.iter().map(value).collect());
    Ok(vec![
        Figure::new(
            name("the last ones painted"),
            "ms",
            Target::None,
            median(opened),
        ),
        Figure::new(
            name("opened, all painted"),
            "ms",
            Target::AtMost(2_000.0),
            median(whole),
        ),
        Figure::new(
            name("key to paint p95 while another streams"),
            "ms",
            Target::AtMost(50.0),
            of(|seen| seen.key_p95),
        ),
        Figure::new(
            name("frame p95"),
            "ms",
            Target::None,
            of(|seen| seen.frame_p95),
        ),
        Figure::new(
            name("longest task"),
            "ms",
            Target::None,
            of(|seen| seen.longest_task),
        ),
        Figure::new(
            name("memory of the page"),
            "MiB",
            Target::None,
            of(|seen| seen.memory),
        ),
    ])
}

async fn converse(page: &Page, upstream: &Upstream, exchanges: usize) -> Result<()> {
    let question = "오늘 할 일을 정리해 줘. ".repeat(MESSAGE / 34);
    let answer = fixture::text(MESSAGE);
    let () = page
        .ask(CONVERSE, &[exchanges.into(), question.into()])
        .await?;
    for asked in 0..exchanges {
        upstream.wait_for_question().await?;
        upstream.write(&answer)?;
        upstream.finish()?;
        if asked % 100 == 99 {
            say(&format!("{} of {exchanges} answers", asked + 1));
        }
    }
    until_within(PATIENCE, "the last answer", async || {
        let asked: usize = page.ask("return window.asked", &[]).await?;
        Ok((asked == exchanges).then_some(()))
    })
    .await?;
    Ok(())
}
