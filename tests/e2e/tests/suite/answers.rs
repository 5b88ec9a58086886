//! An answer on the page, on the clipboard, on paper and by ear.

use std::collections::BTreeMap;

use aicon_e2e::setup::Login;
use aicon_e2e::wait::until;
use aicon_e2e::{Page, Result, Setup, Upstream, World};
use axum::Router;
use axum::http::header;
use axum::routing::get;
use serde_json::{Value, json};
use thirtyfour::Key;
use thirtyfour::common::print::PrintParameters;
use tokio::net::TcpListener;

use super::access::press;

const ANSWER: &str = r#"# 제목

Some **bold** text, [a link](https://example.com/path?a=1&b=2), `<code>` and <b>raw</b>.

| 이름 | 값 |
|:-----|---:|
| **a** | =1+1 |
| b | -2.5 |

```rust
fn main() { println!("<&>"); }
```

# 제목

The end of it."#;

/// A model that says what it is told.
pub(super) fn echo() -> Setup {
    Setup::default()
        .login(Login::None)
        .config("model", "echo")
        .config("maxTextLength", 20_000)
}

/// Asks and waits for the whole answer.
pub(super) async fn ask(page: &Page, text: &str) -> Result<()> {
    page.wait_for("composer").await?;
    let turns = page.messages().await?.len();
    page.fill("composer", text, 1).await?;
    page.click("send").await?;
    page.wait_for_answer(turns + 2, "done").await?;
    Ok(())
}

/// What the browser's own clipboard holds, by its types.
async fn clipboard(page: &Page) -> Result<BTreeMap<String, String>> {
    let held = page.driver().execute_async(CLIPBOARD, Vec::new()).await?;
    Ok(held.convert()?)
}

const CLIPBOARD: &str = r"
    const done = arguments[arguments.length - 1];
    navigator.clipboard.read().then(async items => {
        const held = {};
        for (const item of items) {
            for (const type of item.types) held[type] = await (await item.getType(type)).text();
        }
        done(held);
    }).catch(error => done({ error: String(error) }));";

async fn allow_clipboard(page: &Page) -> Result<()> {
    let permissions = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    page.driver()
        .cdp()
        .send_raw("Browser.grantPermissions", permissions)
        .await?;
    Ok(())
}

async fn copied(
    page: &Page,
    what: &str,
    kind: &str,
    sign: &str,
) -> Result<BTreeMap<String, String>> {
    until(what, async || {
        let held = clipboard(page).await?;
        let is_it = held.get(kind).is_some_and(|text| text.contains(sign));
        Ok(is_it.then_some(held))
    })
    .await
}

#[tokio::test]
async fn a_copied_answer_is_its_markdown_and_rich_text() -> Result<()> {
    World::run("copy_answer", echo(), async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        allow_clipboard(page).await?;
        ask(page, ANSWER).await?;
        page.click("copy-answer").await?;
        let held = copied(page, "the answer on the clipboard", "text/plain", "bold").await?;
        // The browser gives line ends of the system back.
        assert_eq!(held["text/plain"].replace("\r\n", "\n"), ANSWER);
        let html = &held["text/html"];
        for part in [
            "<strong>bold</strong>",
            "href=\"https://example.com/path?a=1&amp;b=2\"",
            "&lt;b&gt;raw&lt;/b&gt;",
            "fn main() { println!(\"&lt;&amp;&gt;\"); }",
            "=1+1",
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
        assert!(!html.contains("<b>") && !html.contains("<button"), "{html}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_table_is_copied_by_keyboard_for_a_spreadsheet() -> Result<()> {
    World::run("copy_table", echo(), async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        allow_clipboard(page).await?;
        ask(page, ANSWER).await?;
        // From the table, which scrolls by keyboard, one step on.
        page.driver().execute(FOCUS_TABLE, Vec::new()).await?;
        press(page, Key::Tab).await?;
        press(page, Key::Enter).await?;
        let held = copied(page, "the table on the clipboard", "text/plain", "\t").await?;
        let values = held["text/plain"].replace("\r\n", "\n");
        assert_eq!(values, "이름\t값\na\t'=1+1\nb\t-2.5\n");
        assert!(held["text/html"].contains("<table"), "{held:?}");
        Ok(())
    })
    .await
}

const FOCUS_TABLE: &str = "document.querySelector('.md-table').focus()";

#[tokio::test]
async fn headings_of_answers_stand_below_the_pages_and_lead_to_themselves() -> Result<()> {
    World::run("headings", echo(), async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        ask(page, ANSWER).await?;
        ask(page, ANSWER).await?;
        let levels: Vec<String> = page.ask(LEVELS, &[]).await?;
        assert_eq!(levels[0], "H1", "the page's own comes first");
        assert!(
            levels.len() >= 5 && levels[1..].iter().all(|level| level == "H2"),
            "{levels:?}"
        );
        let ids: Vec<String> = page.ask(HEADING_IDS, &[]).await?;
        let mut once = ids.clone();
        once.sort();
        once.dedup();
        assert!(ids.len() >= 4 && once.len() == ids.len(), "{ids:?}");
        let focused: String = page.ask(FOLLOW_FIRST_ANCHOR, &[]).await?;
        assert_eq!(focused, ids[0]);
        let url = page.url().await?;
        assert_eq!((url.path(), url.fragment()), ("/chat", None));
        Ok(())
    })
    .await
}

const LEVELS: &str = "return [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(heading => heading.tagName)";

const HEADING_IDS: &str = "return [...document.querySelectorAll('[data-role=assistant] .md :is(h1, h2, h3)[id]')].map(heading => heading.id)";

const FOLLOW_FIRST_ANCHOR: &str = "
    document.querySelector('[data-role=assistant] .md-anchor').click();
    return document.activeElement.id";

/// A server with one picture.
async fn picture_server() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/picture.svg", listener.local_addr()?);
    let picture = r#"<svg xmlns="http://www.w3.org/2000/svg" width="300" height="400"/>"#;
    let answer = async move || ([(header::CONTENT_TYPE, "image/svg+xml")], picture);
    let router = Router::new().route("/picture.svg", get(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

#[tokio::test]
async fn the_line_under_the_eye_stays_whatever_changes_above_and_below_it() -> Result<()> {
    let upstream = Upstream::start().await?;
    let picture = picture_server().await?;
    let setup = Setup::default().login(Login::None).upstream(&upstream);
    World::run("reading_position", setup, async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        page.send("hello").await?;
        upstream.wait_for_question().await?;
        let long = "word ".repeat(200);
        upstream.write(&format!(
            "![a picture]({picture})\n\n```text\n{long}\n```\n\n"
        ))?;
        write_lines(&upstream, page, "first").await?;
        let wheel =
            json!({ "type": "mouseWheel", "x": 400, "y": 300, "deltaX": 0, "deltaY": -300 });
        page.driver()
            .cdp()
            .send_raw("Input.dispatchMouseEvent", wheel)
            .await?;
        page.wait_for("to-end").await?;
        let place = still_place(page).await?;
        let is_above: bool = page.ask(CHANGES_ARE_ABOVE, &[]).await?;
        assert!(
            is_above,
            "what changes its height has to stand above the screen"
        );
        for (change, what) in [
            (LOAD_PICTURE, "a picture that loads"),
            (WRAP_CODE, "code that wraps"),
        ] {
            let height: f64 = page.ask(HEIGHT, &[]).await?;
            page.driver().execute(change, Vec::new()).await?;
            until(what, async || {
                let now: f64 = page.ask(HEIGHT, &[]).await?;
                Ok((now > height + 20.0).then_some(()))
            })
            .await?;
            stays(page, place, what).await?;
        }
        write_lines(&upstream, page, "second").await?;
        stays(page, place, "text that follows").await?;
        upstream.finish()?;
        page.wait_for_answer(2, "done").await?;
        stays(page, place, "the end of the answer").await
    })
    .await
}

/// Writes more than a screen of text, and waits until it is shown.
async fn write_lines(upstream: &Upstream, page: &Page, part: &str) -> Result<()> {
    for line in 0..60 {
        upstream.write(&format!("Line {line} of the {part} part.\n\n"))?;
    }
    let last = format!("Line 59 of the {part} part.");
    until("the lines", async || {
        let text = page.messages().await?.pop().unwrap().text;
        Ok(text.contains(&last).then_some(()))
    })
    .await
}

/// Where the line in the middle of the screen stands, once it stands still; the line is kept for later.
async fn still_place(page: &Page) -> Result<f64> {
    let mut before = f64::NAN;
    until("the end of scrolling", async || {
        let now: f64 = page.ask(MARK_LINE, &[]).await?;
        Ok((std::mem::replace(&mut before, now) == now).then_some(now))
    })
    .await
}

async fn stays(page: &Page, place: f64, what: &str) -> Result<()> {
    // Two frames: one for what changed, one for what the browser made of it.
    page.driver().execute_async(TWO_FRAMES, Vec::new()).await?;
    let now: f64 = page.ask(LINE, &[]).await?;
    assert!(
        (now - place).abs() < 1.0,
        "{what} moved the line from {place} to {now}"
    );
    Ok(())
}

const MARK_LINE: &str = "
    window.line = document.elementFromPoint(500, 350).closest('p');
    return window.line.getBoundingClientRect().top";
const LINE: &str = "return window.line.getBoundingClientRect().top";
const HEIGHT: &str = "return document.querySelector('.transcript').scrollHeight";
const TWO_FRAMES: &str = "
    const done = arguments[arguments.length - 1];
    requestAnimationFrame(() => requestAnimationFrame(() => done(true)))";
const CHANGES_ARE_ABOVE: &str =
    "return document.querySelector('.md-code').getBoundingClientRect().bottom < 0";
const LOAD_PICTURE: &str = "document.querySelector('.md-image-load').click()";
const WRAP_CODE: &str = "document.querySelector('.md-wrap').click()";

#[tokio::test]
async fn a_finished_answer_is_read_out_without_its_buttons() -> Result<()> {
    let upstream = Upstream::start().await?;
    let setup = Setup::default().login(Login::None).upstream(&upstream);
    World::run("read_out", setup, async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        page.send("hello").await?;
        upstream.wait_for_question().await?;
        upstream.write(ANSWER)?;
        page.wait_for_stream().await?;
        assert_eq!(page.ask::<String>(BUSY, &[]).await?, "true");
        upstream.finish()?;
        page.wait_for_answer(2, "done").await?;
        let heard = until("the whole text", async || {
            let heard: String = page.ask(HEARD, &[]).await?;
            Ok(heard.contains("The end of it.").then_some(heard))
        })
        .await?;
        assert!(
            heard.starts_with("제목\nSome bold text, a link,"),
            "{heard}"
        );
        assert!(
            heard.contains("fn main() { println!(\"<&>\"); }"),
            "{heard}"
        );
        for word in ["복사", "Copy", "**", "#", "rust"] {
            assert!(!heard.contains(word), "`{word}` is read out: {heard}");
        }
        assert_eq!(page.ask::<String>(BUSY, &[]).await?, "false");
        let unreachable: Vec<String> = page.ask(UNREACHABLE, &[]).await?;
        assert_eq!(unreachable, Vec::<String>::new());
        Ok(())
    })
    .await
}

const HEARD: &str = "return document.querySelector('.chat > [role=status]').textContent";
const BUSY: &str =
    "return document.querySelector('[data-role=assistant]').getAttribute('aria-busy')";

/// What scrolls and cannot be reached by keyboard, or has no name.
const UNREACHABLE: &str = "
    return [...document.querySelectorAll('.md pre, .md-table')]
        .filter(region => region.tabIndex !== 0 || !region.getAttribute('aria-label') || region.getAttribute('role') !== 'region')
        .map(region => region.outerHTML.slice(0, 100))";

#[tokio::test]
async fn the_whole_conversation_is_printed_in_black_on_white() -> Result<()> {
    World::run("print", echo().dark(true), async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        let lines: String = (0..120)
            .map(|line| format!("Paragraph {line}.\n\n"))
            .collect();
        let wide = format!("```text\n{}\n```\n\n", "wide ".repeat(100));
        ask(page, &[ANSWER, "\n\n", &wide, &lines].concat()).await?;
        ask(page, ANSWER).await?;
        let media = json!({
            "media": "print", "features": [{ "name": "prefers-color-scheme", "value": "dark" }],
        });
        page.driver()
            .cdp()
            .send_raw("Emulation.setEmulatedMedia", media)
            .await?;
        let wrong: Vec<Value> = page.ask(WRONG_IN_PRINT, &[]).await?;
        assert_eq!(wrong, Vec::<Value>::new());
        let behind: String = page.ask(BEHIND_LINK, &[]).await?;
        assert!(
            behind.contains("https://example.com/path?a=1&b=2"),
            "{behind}"
        );
        let paper = page.driver().print_page(PrintParameters::default()).await?;
        let paper = String::from_utf8_lossy(&paper);
        let pages = paper.matches("/Type /Page\n").count();
        assert!(pages >= 4, "{pages} pages");
        Ok(())
    })
    .await
}

/// What is cut off, what only works on a screen, and what is not black on white.
const WRONG_IN_PRINT: &str = "
    const shown = [...document.body.querySelectorAll('*')].filter(node => node.getClientRects().length > 0);
    const style = node => getComputedStyle(node);
    const cut = shown.filter(node => style(node).overflowY !== 'visible' && node.scrollHeight > node.clientHeight + 1
        || style(node).overflowX !== 'visible' && node.scrollWidth > node.clientWidth + 1);
    const controls = shown.filter(node => node.matches('button, textarea, input:not([type=checkbox]), .composer, .bar'));
    const colours = shown.filter(node => !['rgba(0, 0, 0, 0)', 'rgb(255, 255, 255)'].includes(style(node).backgroundColor)
        || node.matches('p, h2, td, th, code') && !['rgb(0, 0, 0)', 'rgb(68, 68, 68)'].includes(style(node).color));
    const say = (what, nodes) => nodes.slice(0, 5).map(node => [what, node.outerHTML.slice(0, 120)]);
    return [...say('cut', cut), ...say('control', controls), ...say('colour', colours)]";

const BEHIND_LINK: &str = "return getComputedStyle(document.querySelector('.md a[href*=\"example.com\"]'), '::after').content";

#[tokio::test]
async fn characters_that_reorder_text_reorder_nothing_and_are_seen() -> Result<()> {
    World::run("reordering", echo(), async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        let hostile = "ab\u{202e}cd ef\u{202c} [gh\u{2067}ij\u{2069}](https://e.example) `kl\u{202e}mn` op\n\n\
            ```\nqr\u{202e}st\u{2066} uv\n```\n\nwx\u{2069}\u{202e}";
        ask(page, &format!("{hostile}\n\nThe end of it.")).await?;
        let order: String = page.ask(ORDER, &[]).await?;
        assert_eq!(order, "abcdefghijklmnopqrstuvwx");
        let text: String = page.ask(TEXT, &[]).await?;
        for control in ["ab\u{202e}cd ef\u{202c}", "gh\u{2067}ij\u{2069}", "qr\u{202e}st\u{2066} uv"] {
            assert!(text.contains(control), "the text is not what came: {text:?}");
        }
        let names: Vec<String> = page.ask(NAMES, &[]).await?;
        assert_eq!(names.len(), 9, "{names:?}");
        assert!(names.iter().all(|name| name.contains("U+20")), "{names:?}");
        Ok(())
    })
    .await
}

/// The letters from left to right, line by line, as they stand on the screen.
const ORDER: &str = "
    const body = document.querySelector('[data-role=assistant] .md');
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    const letters = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (node.parentElement.closest('button, [role=status]')) continue;
        const block = node.parentElement.closest('p, pre');
        if (!block || block.textContent.startsWith('The end')) continue;
        for (let at = 0; at < node.length; at++) {
            if (!/[a-z]/.test(node.data[at])) continue;
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + 1);
            const place = range.getBoundingClientRect();
            letters.push([block.getBoundingClientRect().top, place.left, node.data[at]]);
        }
    }
    letters.sort((one, other) => one[0] - other[0] || one[1] - other[1]);
    return letters.map(letter => letter[2]).join('')";

const TEXT: &str = "return document.querySelector('[data-role=assistant] .md').textContent";
const NAMES: &str = "
    return [...document.querySelectorAll('[data-role=assistant] .md-control')]
        .map(control => getComputedStyle(control, '::before').content)";
