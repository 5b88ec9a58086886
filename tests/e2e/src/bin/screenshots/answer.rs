//! An answer with all that markdown has: at the size of its content, on the screen and as it is printed.

use std::fs;

use aicon_e2e::setup::Login;
use aicon_e2e::wait::until;
use aicon_e2e::{Result, World};
use serde_json::{Value, json};
use thirtyfour::common::print::PrintParameters;

use super::{Look, folder};

const KOREAN: &str = include_str!("../../../fixtures/answer.ko.md");
const ENGLISH: &str = include_str!("../../../fixtures/answer.en.md");

/// Pixels of the page around the conversation, and of a page of paper 96 dpi wide.
const AROUND: u64 = 260;
const PAPER: u64 = 794;

impl Look {
    /// The conversation with the answer, then the same on paper, and as a PDF beside the pictures.
    pub(super) async fn take_answer(self) -> Result<()> {
        let setup = self
            .setup()
            .login(Login::None)
            .config("model", "echo")
            .config("maxTextLength", 20_000);
        let name = format!("screenshots-answer-{}", self.suffix());
        World::run(&name, setup, async |world| {
            let page = &world.page;
            page.open("/chat").await?;
            page.fill("composer", self.language.pick(KOREAN, ENGLISH), 1)
                .await?;
            page.click("send").await?;
            page.wait_for_answer(2, "done").await?;
            until("colours and formulas", async || {
                Ok(page.ask::<bool>(IS_ENRICHED, &[]).await?.then_some(()))
            })
            .await?;
            page.driver().execute(HIDE_QUESTION, Vec::new()).await?;
            self.resize(world, if self.is_phone { 390 } else { 1280 }, TRANSCRIPT)
                .await?;
            self.touch(world).await?;
            self.take("answer", world).await?;
            if self.is_phone {
                return Ok(());
            }
            self.emulate(world, "print").await?;
            self.resize(world, PAPER, PRINTED).await?;
            self.take("answer-print", world).await?;
            let paper = page.driver().print_page(PrintParameters::default()).await?;
            let file = format!("answer-print-{}.pdf", self.suffix());
            Ok(fs::write(folder().join(file), paper)?)
        })
        .await
    }

    /// Lines are wrapped on the phone; the mouse of the desktop is over a heading.
    async fn touch(self, world: &World) -> Result<()> {
        if self.is_phone {
            world.page.driver().execute(WRAP, Vec::new()).await?;
            return Ok(());
        }
        let (x, y): (f64, f64) = world.page.ask(HEADING, &[]).await?;
        let over = json!({ "type": "mouseMoved", "x": x, "y": y });
        send(world, "Input.dispatchMouseEvent", over).await
    }

    async fn emulate(self, world: &World, media: &str) -> Result<()> {
        let scheme = if self.is_dark { "dark" } else { "light" };
        let emulated = json!({
            "media": media, "features": [{ "name": "prefers-color-scheme", "value": scheme }],
        });
        send(world, "Emulation.setEmulatedMedia", emulated).await
    }

    /// Makes the window as high as what it shows.
    async fn resize(self, world: &World, width: u64, height: &str) -> Result<()> {
        let metrics = |height: u64| json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": self.is_phone });
        send(world, "Emulation.setDeviceMetricsOverride", metrics(800)).await?;
        let height: u64 = world.page.ask(height, &[]).await?;
        send(
            world,
            "Emulation.setDeviceMetricsOverride",
            metrics(height + AROUND),
        )
        .await?;
        world.page.ask(PAINTED, &[]).await
    }
}

async fn send(world: &World, command: &str, arguments: Value) -> Result<()> {
    let cdp = world.page.driver().cdp();
    cdp.send_raw(command, arguments).await?;
    Ok(())
}

const HIDE_QUESTION: &str = "
    const style = new CSSStyleSheet();
    style.replaceSync('.turn-user { display: none !important }');
    document.adoptedStyleSheets = [style]";
const IS_ENRICHED: &str = "
    const answer = document.querySelector('[data-role=assistant]');
    return !!answer.querySelector('math') && !!answer.querySelector('[class^=tok-]')";
const WRAP: &str = "document.querySelector('.md-wrap').click()";
const HEADING: &str = "
    const { left, top } = document.querySelectorAll('.md h3')[0].getBoundingClientRect();
    return [left + 4, top + 4]";
/// Boxes that scroll by themselves are painted last.
const PAINTED: &str = "
    return (async () => {
        for (let frames = 0; frames < 10; frames++) await new Promise(requestAnimationFrame);
    })()";
const TRANSCRIPT: &str = "return document.querySelector('.transcript').scrollHeight";
const PRINTED: &str = "return document.querySelector('#app').scrollHeight";
