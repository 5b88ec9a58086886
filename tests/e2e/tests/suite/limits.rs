//! Long texts.

use std::time::{Duration, Instant};

use aicon_e2e::setup::Login;
use aicon_e2e::wait::until_within;
use aicon_e2e::{Language, Result, Setup, Upstream, World};

#[tokio::test]
async fn a_message_over_the_limit_is_told_and_not_lost() -> Result<()> {
    for language in Language::ALL {
        let setup = Setup::default()
            .language(language)
            .login(Login::None)
            .config("maxTextLength", 20);
        World::run(
            &format!("too_long_{}", language.tag()),
            setup,
            async |world| {
                let page = &world.page;
                page.open("/chat").await?;
                let long = "123456789 ".repeat(3);
                page.type_into("composer", &long).await?;
                let notice = page.wait_for_notice().await?;
                assert!(notice.chars().any(|one| one.is_ascii_digit()), "{notice}");
                page.type_into(
                    "composer",
                    thirtyfour::Key::Enter.value().to_string().as_str(),
                )
                .await?;
                assert_eq!(page.messages().await?.len(), 0);
                assert!(page.value_of("composer").await?.starts_with(&long));
                page.fill("composer", "short", 1).await?;
                page.click("send").await?;
                page.wait_for_answer(2, "done").await?;
                Ok(())
            },
        )
        .await?;
    }
    Ok(())
}

const FIVE_MEGABYTES: usize = 5 * 1024 * 1024;

#[tokio::test]
async fn an_answer_of_five_megabytes_in_one_line_leaves_the_page_alive() -> Result<()> {
    let upstream = Upstream::start().await?;
    World::run(
        "five_megabytes",
        Setup::default().login(Login::None).upstream(&upstream),
        async |world| {
            let page = &world.page;
            page.open("/chat").await?;
            page.send("hello").await?;
            upstream.wait_for_question().await?;
            let piece = "0123456789abcdef".repeat(1024);
            for _ in 0..FIVE_MEGABYTES / piece.len() {
                upstream.write(&piece)?;
            }
            upstream.finish()?;
            until_within(Duration::from_secs(60), "the answer's end", async || {
                let status: String = page.ask(LAST_STATUS, &[]).await?;
                assert_ne!(status, "error");
                Ok((status == "done").then_some(()))
            })
            .await?;
            let shown: usize = page.ask(LAST_LENGTH, &[]).await?;
            assert!(shown > 10_000, "only {shown} characters are shown");
            types_at_once(world).await
        },
    )
    .await
}

#[tokio::test]
async fn a_paste_of_five_megabytes_leaves_the_page_alive() -> Result<()> {
    World::run(
        "pasted_megabytes",
        Setup::default().login(Login::None),
        async |world| {
            let page = &world.page;
            page.open("/chat").await?;
            page.fill("composer", "0123456789abcdef", FIVE_MEGABYTES / 16)
                .await?;
            let notice = page.wait_for_notice().await?;
            assert!(notice.chars().any(|one| one.is_ascii_digit()), "{notice}");
            page.fill("composer", "", 1).await?;
            types_at_once(world).await
        },
    )
    .await
}

async fn types_at_once(world: &World) -> Result<()> {
    let started = Instant::now();
    world.page.type_into("composer", "next").await?;
    assert_eq!(world.page.value_of("composer").await?, "next");
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "typing took {:?}",
        started.elapsed()
    );
    Ok(())
}

const LAST_STATUS: &str = r#"
    const answers = document.querySelectorAll('[data-testid="message"][data-role="assistant"]');
    return answers.length ? answers[answers.length - 1].dataset.status : '';"#;

const LAST_LENGTH: &str = r#"
    const answers = document.querySelectorAll('[data-testid="message"][data-role="assistant"]');
    return answers[answers.length - 1].textContent.length;"#;
