//! The main job from login to logout, in both languages.

use aicon_e2e::picture::png;
use aicon_e2e::wait::until;
use aicon_e2e::{Language, Result, Setup, World};

#[tokio::test]
async fn from_login_to_logout_in_korean() -> Result<()> {
    journey(Language::Korean).await
}

#[tokio::test]
async fn from_login_to_logout_in_english() -> Result<()> {
    journey(Language::English).await
}

async fn journey(language: Language) -> Result<()> {
    let setup = Setup::default()
        .language(language)
        .sandbox(&["--access-ttl", "8s"]);
    World::run(
        &format!("journey_{}", language.tag()),
        setup,
        async |world| {
            log_in(world).await?;
            upload_and_ask(world).await?;
            stop_an_answer(world).await?;
            follow_up(world).await?;
            reload(world).await?;
            refresh_an_expired_token(world).await?;
            be_opened_for_another_user(world).await?;
            log_out(world).await
        },
    )
    .await
}

async fn log_in(world: &World) -> Result<()> {
    let page = &world.page;
    page.open("/chat").await?;
    page.pass_login("한글-사용자").await?;
    page.wait_for_path("/chat").await?;
    page.wait_for("composer").await?;
    assert_eq!(page.url().await?.query(), None);
    let counters = world.sandbox.counters().await?;
    assert_eq!(
        (
            counters.logins,
            counters.token_requests - counters.refreshes
        ),
        (1, 1)
    );
    Ok(())
}

async fn upload_and_ask(world: &World) -> Result<()> {
    let page = &world.page;
    let picture = world.file("picture.png", &png(16, [200, 30, 60]))?;
    page.attach(&picture).await?;
    page.wait_for_attachments(&["ready"]).await?;
    let answer = page
        .ask_model(
            world
                .language
                .pick("이 그림에 무엇이 있나요?", "What is in this picture?"),
        )
        .await?;
    assert!(
        answer.text.contains("16"),
        "the answer should tell the picture's size: {}",
        answer.text
    );
    assert_eq!(page.attachments().await?, Vec::<String>::new());
    let rendered = "[data-role=assistant] [data-testid=message-body]";
    for part in ["table", "pre code", "ul, ol", "h1, h2, h3"] {
        let selector = format!("{rendered} :is({part})");
        let count: usize = page
            .ask(
                "return document.querySelectorAll(arguments[0]).length",
                &[selector.into()],
            )
            .await?;
        assert!(count > 0, "the answer should have a {part}");
    }
    Ok(())
}

async fn stop_an_answer(world: &World) -> Result<()> {
    let page = &world.page;
    let turns = page.messages().await?.len();
    page.send(
        world
            .language
            .pick("다시 한번 설명해 주세요.", "Please explain again."),
    )
    .await?;
    page.wait_for_stream().await?;
    page.click("stop").await?;
    let stopped = page.wait_for_answer(turns + 2, "stopped").await?;
    assert!(!stopped.text.trim().is_empty());
    page.wait_for("send").await?;
    Ok(())
}

async fn follow_up(world: &World) -> Result<()> {
    let page = &world.page;
    let turns = page.messages().await?.len();
    let answer = page
        .ask_model(
            world
                .language
                .pick("이어서 계속해 주세요.", "Go on, please."),
        )
        .await?;
    assert_eq!(page.messages().await?.len(), turns + 2);
    // The demo model tells how many turns it remembers: the two before must be among them.
    assert!(
        answer.text.contains('2') || answer.text.contains('3'),
        "{}",
        answer.text
    );
    Ok(())
}

async fn reload(world: &World) -> Result<()> {
    let page = &world.page;
    let before = page.messages().await?;
    page.reload().await?;
    page.wait_for("composer").await?;
    until("the conversation after the reload", async || {
        Ok((page.messages().await?.len() == before.len()).then_some(()))
    })
    .await?;
    let after = page.messages().await?;
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(
            (&before.role, &before.status, &before.text),
            (&after.role, &after.status, &after.text)
        );
    }
    Ok(())
}

async fn refresh_an_expired_token(world: &World) -> Result<()> {
    let page = &world.page;
    let before = world.sandbox.counters().await?.refreshes;
    until("a refresh", async || {
        page.ask_model("ping").await?;
        Ok((world.sandbox.counters().await?.refreshes > before).then_some(()))
    })
    .await?;
    page.ask_model("pong").await?;
    assert_eq!(page.count("login-button").await?, 0);
    Ok(())
}

async fn be_opened_for_another_user(world: &World) -> Result<()> {
    let page = &world.page;
    let own = url::form_urlencoded::byte_serialize("한글-사용자".as_bytes()).collect::<String>();
    page.open(&format!("/chat?userid={own}")).await?;
    page.wait_for("composer").await?;
    until("a clean address", async || {
        Ok(page.url().await?.query().is_none().then_some(()))
    })
    .await?;
    page.open("/chat?userid=second").await?;
    page.wait_for("login-button").await?;
    assert_no_token(world).await?;
    page.pass_login("second").await?;
    page.wait_for("composer").await?;
    Ok(())
}

async fn log_out(world: &World) -> Result<()> {
    let page = &world.page;
    page.click("logout-button").await?;
    page.wait_for("login-button").await?;
    assert_no_token(world).await?;
    page.reload().await?;
    page.open("/chat").await?;
    page.wait_for("login-button").await?;
    Ok(())
}

/// A JWT begins with the base64 of `{"`.
async fn assert_no_token(world: &World) -> Result<()> {
    let stored = world.page.stored().await?;
    assert!(!stored.contains("eyJ"), "a token is left: {stored}");
    Ok(())
}
