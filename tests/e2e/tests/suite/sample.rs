//! The app against a back end after AICON's official sample: no streaming, and everything else works.

use aicon_e2e::setup::Login;
use aicon_e2e::wait::until;
use aicon_e2e::{Result, Sample, Setup, World};

async fn chats(name: &str, protocol: &str) -> Result<()> {
    let sample = Sample::start().await?;
    let setup = Setup::default()
        .login(Login::Direct)
        .config("apiEndPoint", sample.url.clone())
        .config("apiProtocol", protocol);
    World::run(name, setup, async |world| {
        sample.trust(&world.sandbox.aicon);
        let page = &world.page;
        page.sign_in("demo").await?;
        let answer = page.ask_model("안녕").await?;
        assert_eq!(answer.text.trim(), "안녕");
        assert_eq!(sample.requests()[0].text("prompt").as_deref(), Some("안녕"));
        sample.fail_once("GPU is out of memory");
        page.send("again").await?;
        let failed = page.wait_for_answer(4, "error").await?;
        assert_eq!(failed.text.trim(), "");
        assert!(
            page.wait_for_notice()
                .await?
                .contains("GPU is out of memory")
        );
        page.click("retry").await?;
        page.wait_for_answer(4, "done").await?;
        page.reload().await?;
        page.wait_for_answer(4, "done").await?;
        page.send("after a reload").await?;
        page.wait_for_answer(6, "done").await?;
        let texts = sample.texts();
        let ours = texts.iter().filter(|text| text.starts_with("POST /ai/"));
        assert_eq!(ours.count(), usize::from(protocol == "auto"), "asked once");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_chat_works_with_the_samples_back_end() -> Result<()> {
    chats("sample_chat", "aicon").await
}

#[tokio::test]
async fn what_the_server_speaks_is_found_out() -> Result<()> {
    chats("sample_auto", "auto").await
}

#[tokio::test]
async fn files_go_with_their_message_and_the_zip_can_be_downloaded_after_a_reload_too() -> Result<()>
{
    let sample = Sample::start().await?;
    let setup = Setup::default()
        .login(Login::Direct)
        .config("apiEndPoint", sample.url.clone())
        .config("apiProtocol", "aicon");
    World::run("sample_files", setup, async |world| {
        let page = &world.page;
        page.sign_in("demo").await?;
        page.attach(&world.file("report.csv", "이름,값\n".as_bytes())?)
            .await?;
        page.wait_for_attachments(&["ready"]).await?;
        page.send("정리해 줘").await?;
        page.wait_for_answer(2, "done").await?;
        let golden = include_str!("../../../wire/chat.request.txt");
        assert_eq!(sample.texts().pop().unwrap_or_default(), golden);
        page.wait_for("archive").await?;
        page.reload().await?;
        until("the archive after a reload", async || {
            Ok((zip_of(page, "archive").await? == "PK").then_some(()))
        })
        .await
    })
    .await
}

/// The first two bytes behind a download link.
async fn zip_of(page: &aicon_e2e::Page, handle: &str) -> Result<String> {
    page.ask(
        "const link = document.querySelector(`[data-testid=${arguments[0]}]`);
         if (!link) return '';
         return fetch(link.href).then(answer => answer.text()).then(text => text.slice(0, 2));",
        &[handle.into()],
    )
    .await
}
