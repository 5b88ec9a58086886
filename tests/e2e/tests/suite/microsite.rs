//! Type 2: AICON's own chat and form, as the sandbox plays them, with the real server and the shipped model definitions.

use aicon_e2e::wait::until;
use aicon_e2e::{Result, Setup, World};
use serde_json::Value;

/// The status of the answer that is shown.
const STATUS: &str =
    "return document.querySelector('[data-testid=answer][data-status]')?.dataset.status ?? ''";

async fn answered(world: &World) -> Result<()> {
    until("an answer", async || {
        let status = world.page.ask_text(STATUS).await?;
        Ok((status == "done").then_some(()))
    })
    .await
}

/// The one use that AICON was told of.
async fn recorded(world: &World) -> Result<Value> {
    until("the use to be recorded", async || {
        Ok(world.sandbox.usages().await?.into_iter().next())
    })
    .await
}

#[tokio::test]
async fn aicons_chat_is_answered_recorded_and_paid_for() -> Result<()> {
    let setup = Setup::default().examples();
    World::run("microsite_chat", setup, async |world| {
        world.open_microsite("assistant").await?;
        let page = &world.page;
        page.type_into("prompt", "무엇을 할 수 있나요?").await?;
        page.click("submit").await?;
        answered(world).await?;
        assert!(!page.text_of("message").await?.trim().is_empty());
        assert_eq!(page.count("contract-note").await?, 0);
        let usage = recorded(world).await?.to_string();
        assert!(
            usage.contains("\"demo\"") && usage.contains("무엇을 할 수 있나요?"),
            "{usage}"
        );
        page.wait_for_text("150").await
    })
    .await
}

#[tokio::test]
async fn aicons_chat_gives_back_a_zip_for_files() -> Result<()> {
    let setup = Setup::default().examples();
    World::run("microsite_zip", setup, async |world| {
        world.open_microsite("assistant").await?;
        let page = &world.page;
        let file = world.file("minutes.txt", "회의는 세 시에 시작합니다.".as_bytes())?;
        page.choose_files("files", &[file]).await?;
        page.type_into("prompt", "요약해 주세요.").await?;
        page.click("submit").await?;
        answered(world).await?;
        page.wait_for("download").await?;
        recorded(world).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn aicons_form_has_the_rows_of_the_definition_and_shows_each_result() -> Result<()> {
    let setup = Setup::default().examples();
    World::run("microsite_form", setup, async |world| {
        world.open_microsite("translator").await?;
        let page = &world.page;
        page.type_into("field-InputText", "회의는 세 시에 시작합니다.")
            .await?;
        page.type_into("field-TargetLanguage", "English").await?;
        page.click("submit").await?;
        answered(world).await?;
        for output in ["TranslateResult", "Notes", "TranslateFile"] {
            page.wait_for(&format!("output-{output}")).await?;
        }
        assert_eq!(page.count("contract-note").await?, 0);
        recorded(world).await?;
        Ok(())
    })
    .await
}
