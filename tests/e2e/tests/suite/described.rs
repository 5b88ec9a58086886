//! `uiType: "auto"`: the page as the server's `GET /ui` describes it.

use aicon_e2e::setup::Login;
use aicon_e2e::wait::until;
use aicon_e2e::{Language, Page, Result, Sample, Setup, World};

const FORM: &str = include_str!("../../../wire/ui.multi-input.json");

fn setup(sample: &Sample) -> Setup {
    Setup::default()
        .login(Login::None)
        .config("apiEndPoint", sample.url.clone())
        .config("apiProtocol", "aicon")
        .config("uiType", "auto")
}

#[tokio::test]
async fn a_form_is_what_the_server_says_and_stays_while_the_server_is_away() -> Result<()> {
    let sample = Sample::start().await?;
    sample.describe(200, FORM);
    let setup = setup(&sample).language(Language::English);
    World::run("described_form", setup, async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        page.wait_for_text("Paste the text here.").await?;
        let asked = sample.requests()[0].path.clone();
        assert!(asked.starts_with("/ui?client_id="), "{asked}");
        page.type_into("field-InputText", "안녕").await?;
        page.choose("field-TargetLanguage", "ja").await?;
        page.click("submit").await?;
        until("the result", async || {
            let text = page.text_of("output-TranslateResult").await?;
            Ok(text.contains("[ja] 안녕").then_some(()))
        })
        .await?;

        sample.describe(503, "down for maintenance");
        page.reload().await?;
        page.wait_for("field-InputText").await?;
        assert_eq!(page.value_of("field-InputText").await?, "안녕");
        assert_eq!(page.value_of("field-TargetLanguage").await?, "ja");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_server_that_is_away_at_the_first_visit_is_told_and_asked_again() -> Result<()> {
    for language in Language::ALL {
        let setup = Setup::default()
            .language(language)
            .login(Login::None)
            .config("uiType", "auto")
            .backend_down();
        let name = format!("described_away_{}", language.tag());
        World::run(&name, setup, async |world| {
            let origin = world.backend.origin.clone();
            world.page.open("/chat").await?;
            world.page.wait_for("config-error").await?;
            world.page.wait_for_text(&format!("{origin}/ui")).await?;
            let text = language.pick("응답하지 않습니다", "does not answer");
            world.page.wait_for_text(text).await?;
            world.backend.start().await?;
            world.page.click("config-retry").await?;
            world.page.wait_for("composer").await?;
            Ok(())
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_the_server_says_wrongly_is_told_with_its_place() -> Result<()> {
    let sample = Sample::start().await?;
    World::run("described_wrong", setup(&sample), async |world| {
        let page = &world.page;
        let place = format!("{}/ui", sample.url);
        for (body, part) in [
            (
                r#"{"uiType":"multiInput","inputs":[{"type":"list","paramName":"a"}]}"#,
                "inputs[0].type",
            ),
            (r#"{"uiType":"chat","maxFiles":"many"}"#, "maxFiles"),
            ("{\n \"uiType\": chat }", "2"),
            ("<!doctype html>", "apiEndPoint"),
        ] {
            sample.describe(200, body);
            page.open("/chat").await?;
            page.wait_for("config-error").await?;
            page.wait_for_text(&place).await?;
            page.wait_for_text(part).await?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_file_that_says_nothing_gets_the_servers_form_or_a_conversation() -> Result<()> {
    let sample = Sample::start().await?;
    let setup = Setup::default()
        .login(Login::None)
        .config("apiEndPoint", sample.url.clone())
        .config("apiProtocol", "aicon");
    World::run("described_nothing", setup, async |world| {
        let page = &world.page;
        for nothing in ["<!doctype html>", "{}", "not json"] {
            page.open("/chat").await?;
            page.wait_for("composer").await?;
            sample.describe(200, nothing);
        }
        sample.describe(200, FORM);
        page.open("/chat").await?;
        page.wait_for("field-InputText").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_conversation_in_plain_text_shows_and_copies_what_came() -> Result<()> {
    let sample = Sample::start().await?;
    sample.describe(200, include_str!("../../../wire/ui.chat.json"));
    World::run("described_chat", setup(&sample), async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        page.wait_for_text("무엇을 도와드릴까요?").await?;
        page.fill("composer", "1. <b>굵게</b>\n   둘", 1).await?;
        page.click("send").await?;
        let answer = page.wait_for_answer(2, "done").await?;
        // A form's texts go out with CRLF, and this server echoes them.
        assert_eq!(answer.text, "**1. <b>굵게</b>\r\n   둘**");
        assert_eq!(copied(page).await?, answer.text);
        page.fill("composer", "가", 501).await?;
        page.wait_for_text("1").await?;
        assert!(!page.wait_for("send").await?.is_enabled().await?);
        Ok(())
    })
    .await
}

/// What the copy button puts on the clipboard.
async fn copied(page: &Page) -> Result<String> {
    page.driver()
        .execute(
            "navigator.clipboard.writeText = text => { window.copiedText = text; return Promise.resolve(); };",
            Vec::new(),
        )
        .await?;
    page.click("copy-answer").await?;
    until("a copy", async || {
        page.ask("return window.copiedText || null", &[]).await
    })
    .await
}
