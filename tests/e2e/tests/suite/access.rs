//! For everyone: by keyboard alone, on a narrow screen, by ear.

use aicon_e2e::setup::Login;
use aicon_e2e::wait::until;
use aicon_e2e::{Language, Page, Result, Setup, Upstream, World};
use serde_json::json;
use thirtyfour::Key;

/// More than the steps that any page has.
const MAX_TABS: usize = 40;

/// Presses Tab until the element with this handle has the focus.
async fn tab_to(page: &Page, handle: &str) -> Result<()> {
    page.wait_for(handle).await?;
    for _ in 0..MAX_TABS {
        page.driver()
            .action_chain()
            .send_keys(Key::Tab + "")
            .perform()
            .await?;
        let focused: String = page
            .ask("return document.activeElement?.dataset?.testid || ''", &[])
            .await?;
        if focused == handle {
            return Ok(());
        }
    }
    panic!("Tab does not lead to `{handle}`");
}

pub(super) async fn press(page: &Page, key: Key) -> Result<()> {
    Ok(page
        .driver()
        .action_chain()
        .send_keys(key + "")
        .perform()
        .await?)
}

#[tokio::test]
async fn the_keyboard_alone_is_enough_from_login_to_logout() -> Result<()> {
    let upstream = Upstream::start().await?;
    World::run(
        "keyboard",
        Setup::default().upstream(&upstream),
        async |world| {
            let page = &world.page;
            page.open("/chat").await?;
            tab_to(page, "login-button").await?;
            press(page, Key::Enter).await?;
            tab_to(page, "user-demo").await?;
            press(page, Key::Enter).await?;
            page.wait_for_path("/chat").await?;
            tab_to(page, "composer").await?;
            page.driver()
                .action_chain()
                .send_keys("hello")
                .perform()
                .await?;
            press(page, Key::Enter).await?;
            upstream.wait_for_question().await?;
            upstream.write("An answer")?;
            page.wait_for_stream().await?;
            tab_to(page, "stop").await?;
            press(page, Key::Enter).await?;
            page.wait_for_answer(2, "stopped").await?;
            tab_to(page, "logout-button").await?;
            press(page, Key::Enter).await?;
            page.wait_for("login-button").await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test]
async fn nothing_scrolls_sideways_on_a_screen_of_320_pixels() -> Result<()> {
    for language in Language::ALL {
        let setup = Setup::default()
            .language(language)
            .config("title", "A title that is quite long for a small screen");
        World::run(
            &format!("narrow_{}", language.tag()),
            setup,
            async |world| {
                let page = &world.page;
                let narrow =
                    json!({ "width": 320, "height": 568, "deviceScaleFactor": 1, "mobile": true });
                page.driver()
                    .cdp()
                    .send_raw("Emulation.setDeviceMetricsOverride", narrow)
                    .await?;
                page.open("/chat").await?;
                page.wait_for("login-button").await?;
                assert_fits(page, "login").await?;
                page.pass_login("demo").await?;
                page.wait_for_path("/chat").await?;
                page.wait_for("composer").await?;
                page.ask_model(language.pick("안녕하세요", "hello")).await?;
                assert_fits(page, "chat").await?;
                page.open("/").await?;
                page.wait_for("start-chat").await?;
                assert_fits(page, "home").await
            },
        )
        .await?;
    }
    Ok(())
}

async fn assert_fits(page: &Page, name: &str) -> Result<()> {
    let wide: Vec<String> = page.ask(WIDER_THAN_SCREEN, &[]).await?;
    assert!(wide.is_empty(), "{name}: wider than the screen: {wide:#?}");
    Ok(())
}

/// Elements that stick out, but for those inside of something that scrolls by itself, such as code and tables.
const WIDER_THAN_SCREEN: &str = r"
    const scrolls = node => node && node !== document.body
        && (/auto|scroll|hidden|clip/.test(getComputedStyle(node).overflowX) || scrolls(node.parentElement));
    return [...document.body.querySelectorAll('*')]
        .filter(node => node.getBoundingClientRect().right > innerWidth + 1 && !scrolls(node.parentElement))
        .map(node => node.outerHTML.slice(0, 120))
        .concat(document.scrollingElement.scrollWidth > 321 ? ['the page itself'] : []);";

#[tokio::test]
async fn an_answer_is_announced_by_its_begin_and_its_whole_text_and_never_by_token() -> Result<()> {
    let upstream = Upstream::start().await?;
    World::run(
        "announced",
        Setup::default().login(Login::None).upstream(&upstream),
        async |world| {
            let page = &world.page;
            page.open("/chat").await?;
            page.wait_for("composer").await?;
            page.driver().execute(LISTEN, Vec::new()).await?;
            page.send("hello").await?;
            upstream.wait_for_question().await?;
            for word in 0..60 {
                upstream.write(&format!("word{word} "))?;
                if word % 20 == 19 {
                    until("the words so far", async || {
                        let shown = page
                            .messages()
                            .await?
                            .pop()
                            .is_some_and(|last| last.text.contains(&format!("word{word}")));
                        Ok(shown.then_some(()))
                    })
                    .await?;
                }
            }
            upstream.finish()?;
            page.wait_for_answer(2, "done").await?;
            let heard = until("the whole text", async || {
                let heard: Vec<String> = page.ask("return window.heard", &[]).await?;
                let is_whole = heard
                    .iter()
                    .any(|text| text.contains("word0 ") && text.contains("word59"));
                Ok(is_whole.then_some(heard))
            })
            .await?;
            assert!(heard.len() <= 4, "too much is announced: {heard:#?}");
            let partly = heard
                .iter()
                .filter(|text| text.contains("word0") && !text.contains("word59"))
                .count();
            assert_eq!(partly, 0, "parts of the answer are announced: {heard:#?}");
            Ok(())
        },
    )
    .await
}

/// Notes what live regions say, as far as a change of their text makes a screen reader speak.
const LISTEN: &str = r"
    window.heard = [];
    const regions = '[aria-live=polite], [aria-live=assertive], [role=status], [role=alert], [role=log]';
    new MutationObserver(changes => {
        const changed = new Set(changes
            .map(change => change.target.nodeType === 1 ? change.target : change.target.parentElement)
            .map(node => node && node.closest(regions))
            .filter(region => region && region.getAttribute('aria-live') !== 'off'));
        for (const region of changed) {
            const text = region.textContent.trim();
            if (text !== '' && text !== window.heard.at(-1)) window.heard.push(text);
        }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });";
