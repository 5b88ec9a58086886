//! The composer: keys, Korean input, following the end.

use aicon_e2e::setup::Login;
use aicon_e2e::wait::until;
use aicon_e2e::{Page, Result, Setup, Upstream, World};
use serde_json::json;
use thirtyfour::Key;

#[tokio::test]
async fn enter_sends_and_shift_enter_breaks_the_line() -> Result<()> {
    World::run(
        "enter",
        Setup::default().login(Login::None).config("model", "echo"),
        async |world| {
            let page = &world.page;
            page.open("/chat").await?;
            let composer = page.wait_for("composer").await?;
            composer.send_keys("one").await?;
            composer.send_keys(Key::Shift + Key::Enter).await?;
            composer.send_keys("two").await?;
            assert_eq!(page.value_of("composer").await?, "one\ntwo");
            assert_eq!(page.messages().await?.len(), 0);
            composer.send_keys(Key::Enter + "").await?;
            let answer = page.wait_for_answer(2, "done").await?;
            assert!(answer.text.contains("one") && answer.text.contains("two"));
            assert_eq!(page.value_of("composer").await?, "");
            Ok(())
        },
    )
    .await
}

/// One key as the DevTools protocol sends it.
async fn key(page: &Page, kind: &str, key: &str, code: u16) -> Result<()> {
    let event = json!({ "type": kind, "key": key, "code": "Enter", "windowsVirtualKeyCode": code });
    page.driver()
        .cdp()
        .send_raw("Input.dispatchKeyEvent", event)
        .await?;
    Ok(())
}

#[tokio::test]
async fn the_enter_that_ends_a_hangul_composition_does_not_send() -> Result<()> {
    World::run(
        "ime",
        Setup::default().login(Login::None).config("model", "echo"),
        async |world| {
            let page = &world.page;
            page.open("/chat").await?;
            page.wait_for("composer").await?.click().await?;
            let cdp = page.driver().cdp();
            let compose = json!({ "text": "한", "selectionStart": 1, "selectionEnd": 1 });
            cdp.send_raw("Input.imeSetComposition", compose).await?;
            // 229 is the key code of every key that an input method takes for itself.
            key(page, "rawKeyDown", "Enter", 229).await?;
            cdp.send_raw("Input.insertText", json!({ "text": "한글" }))
                .await?;
            key(page, "keyUp", "Enter", 13).await?;
            assert_eq!(
                page.messages().await?.len(),
                0,
                "the Enter of the input method has sent"
            );
            assert_eq!(page.value_of("composer").await?, "한글");
            page.wait_for("composer")
                .await?
                .send_keys(Key::Enter + "")
                .await?;
            let answer = page.wait_for_answer(2, "done").await?;
            assert_eq!(answer.text.trim(), "한글");
            assert_eq!(page.messages().await?[0].text.trim(), "한글");
            Ok(())
        },
    )
    .await
}

#[tokio::test]
async fn a_blank_message_is_not_sent() -> Result<()> {
    World::run(
        "blank",
        Setup::default().login(Login::None),
        async |world| {
            let page = &world.page;
            page.open("/chat").await?;
            page.wait_for("composer").await?.send_keys("   ").await?;
            page.wait_for("composer")
                .await?
                .send_keys(Key::Enter + "")
                .await?;
            assert_eq!(page.messages().await?.len(), 0);
            Ok(())
        },
    )
    .await
}

#[tokio::test]
async fn the_focus_is_back_in_the_composer_after_send_and_after_stop() -> Result<()> {
    let upstream = Upstream::start().await?;
    World::run(
        "focus",
        Setup::default().login(Login::None).upstream(&upstream),
        async |world| {
            let page = &world.page;
            let is_focused = async || {
                page.ask::<bool>(
                    "return document.activeElement?.dataset.testid === 'composer'",
                    &[],
                )
                .await
            };
            page.open("/chat").await?;
            page.send("hello").await?;
            upstream.wait_for_question().await?;
            upstream.write("Some of the answer")?;
            page.wait_for_stream().await?;
            until("the focus after sending", async || {
                Ok(is_focused().await?.then_some(()))
            })
            .await?;
            page.click("stop").await?;
            page.wait_for_answer(2, "stopped").await?;
            until("the upstream to be told", async || {
                Ok(upstream.is_abandoned().then_some(()))
            })
            .await?;
            until("the focus after stopping", async || {
                Ok(is_focused().await?.then_some(()))
            })
            .await
        },
    )
    .await
}

#[tokio::test]
async fn a_reader_who_scrolled_up_is_left_alone_while_the_answer_grows() -> Result<()> {
    let upstream = Upstream::start().await?;
    World::run(
        "scroll",
        Setup::default().login(Login::None).upstream(&upstream),
        async |world| {
            let page = &world.page;
            page.open("/chat").await?;
            page.send("hello").await?;
            upstream.wait_for_question().await?;
            write_and_wait(&upstream, page, 0).await?;
            until("the view to follow the answer", async || {
                Ok(is_at_end(page).await?.then_some(()))
            })
            .await?;
            // Upwards, as a wheel does it, over the answer.
            let wheel =
                json!({ "type": "mouseWheel", "x": 400, "y": 300, "deltaX": 0, "deltaY": -60 });
            page.driver()
                .cdp()
                .send_raw("Input.dispatchMouseEvent", wheel)
                .await?;
            let place = still_place(page).await?;
            write_and_wait(&upstream, page, 1).await?;
            let moved = (still_place(page).await? - place).abs();
            assert!(moved < 1.0, "the text moved by {moved} pixels");
            page.click("to-end").await?;
            write_and_wait(&upstream, page, 2).await?;
            until("the end of the answer", async || {
                Ok(is_at_end(page).await?.then_some(()))
            })
            .await?;
            upstream.finish()?;
            page.wait_for_answer(2, "done").await?;
            Ok(())
        },
    )
    .await
}

/// Writes more than a screen of text, first some lines and then all others at once, and waits until it is shown.
async fn write_and_wait(upstream: &Upstream, page: &Page, part: usize) -> Result<()> {
    for lines in [0..15, 15..40] {
        let last = lines.end - 1;
        let lines = lines.map(|line| format!("Line {line} of the part {part} of the answer.\n\n"));
        upstream.write(&lines.collect::<String>())?;
        until("the part of the answer", async || {
            let shown: String = page.ask(ANSWER_TEXT, &[]).await?;
            let last = format!("Line {last} of the part {part} of the answer.");
            Ok(shown.contains(&last).then_some(()))
        })
        .await?;
    }
    Ok(())
}

/// The end of the answer is within the window.
async fn is_at_end(page: &Page) -> Result<bool> {
    page.ask(IS_AT_END, &[]).await
}

/// Where the answer begins, when it is the same twice: scrolling may be smooth.
async fn still_place(page: &Page) -> Result<f64> {
    let mut before = f64::NAN;
    until("the scrolling to end", async || {
        let now: f64 = page.ask(ANSWER_TOP, &[]).await?;
        let is_still = (now - std::mem::replace(&mut before, now)).abs() < 0.1;
        Ok(is_still.then_some(now))
    })
    .await
}

const ANSWER_TEXT: &str = r"
    const body = document.querySelector('[data-role=assistant] [data-testid=message-body]');
    return body ? body.textContent : '';";

const IS_AT_END: &str = r"
    const body = document.querySelector('[data-role=assistant] [data-testid=message-body]');
    return body.getBoundingClientRect().bottom <= innerHeight;";

const ANSWER_TOP: &str = r"
    return document.querySelector('[data-role=assistant] [data-testid=message-body]').getBoundingClientRect().top;";
