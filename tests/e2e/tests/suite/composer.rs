//! The composer: keys, Korean input, following the end.

use aicon_e2e::setup::Login;
use aicon_e2e::wait::until;
use aicon_e2e::{Page, Result, Setup, World};
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
    let setup = Setup::default()
        .login(Login::None)
        .backend("AICON_DEMO_DELAY_MS", "150");
    World::run("focus", setup, async |world| {
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
        page.wait_for_stream().await?;
        until("the focus after sending", async || {
            Ok(is_focused().await?.then_some(()))
        })
        .await?;
        page.click("stop").await?;
        page.wait_for_answer(2, "stopped").await?;
        until("the focus after stopping", async || {
            Ok(is_focused().await?.then_some(()))
        })
        .await
    })
    .await
}

#[tokio::test]
async fn a_reader_who_scrolled_up_is_left_alone_while_the_answer_grows() -> Result<()> {
    let setup = Setup::default()
        .login(Login::None)
        .config("model", "echo")
        .backend("AICON_DEMO_DELAY_MS", "25");
    World::run("scroll", setup, async |world| {
        let page = &world.page;
        page.driver()
            .cdp()
            .send_raw(
                "Emulation.setDeviceMetricsOverride",
                json!({
                    "width": 800, "height": 500, "deviceScaleFactor": 1, "mobile": false,
                }),
            )
            .await?;
        page.open("/chat").await?;
        page.fill(
            "composer",
            "A line of the answer that is long enough.\n\n",
            60,
        )
        .await?;
        page.click("send").await?;
        until("an answer beyond the screen", async || {
            let length: usize = page.ask(ANSWER_LENGTH, &[]).await?;
            Ok((length > 1200).then_some(()))
        })
        .await?;
        // Upwards, as a wheel does it, over the answer.
        let wheel =
            json!({ "type": "mouseWheel", "x": 400, "y": 200, "deltaX": 0, "deltaY": -150 });
        page.driver()
            .cdp()
            .send_raw("Input.dispatchMouseEvent", wheel)
            .await?;
        let top = async || page.ask::<f64>(ANSWER_TOP, &[]).await;
        // A wheel event is answered smoothly: the place is what stays the same twice.
        let mut before = top().await?;
        let place = until("the scrolling to end", async || {
            let now = top().await?;
            let is_still = (now - std::mem::replace(&mut before, now)).abs() < 0.5;
            Ok(is_still.then_some(now))
        })
        .await?;
        let length: usize = page.ask(ANSWER_LENGTH, &[]).await?;
        until("more of the answer", async || {
            let now: usize = page.ask(ANSWER_LENGTH, &[]).await?;
            Ok((now > length + 300).then_some(()))
        })
        .await?;
        let moved = (top().await? - place).abs();
        assert!(moved < 1.5, "the text moved by {moved} pixels");
        Ok(())
    })
    .await
}

const ANSWER_LENGTH: &str = r"
    const body = document.querySelector('[data-role=assistant] [data-testid=message-body]');
    return body ? body.textContent.length : 0;";

const ANSWER_TOP: &str = r"
    return document.querySelector('[data-role=assistant] [data-testid=message-body]').getBoundingClientRect().top;";
