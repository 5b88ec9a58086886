//! The connection cut before, during and after an answer, and a server that comes back.

use aicon_e2e::setup::Login;
use aicon_e2e::wait::until;
use aicon_e2e::{Language, Result, Setup, Upstream, World};

/// Tabs of a browser without a screen are never in the background.
const HIDE: &str = r#"
    Object.defineProperty(document, 'hidden', { get: () => true });
    window.setTimeout = window.requestAnimationFrame = () => 0;
"#;

#[tokio::test]
async fn a_server_that_is_away_before_the_question_is_told_and_the_question_can_be_sent_again()
-> Result<()> {
    for language in Language::ALL {
        let setup = Setup::default().language(language).login(Login::None);
        World::run(
            &format!("cut_before_{}", language.tag()),
            setup,
            async |world| {
                world.page.open("/chat").await?;
                world.page.wait_for("composer").await?;
                world.backend.kill();
                world.page.send("a question worth keeping").await?;
                world.page.wait_for_answer(2, "error").await?;
                let text = world.page.text().await?;
                assert!(text.contains("a question worth keeping"), "{text}");
                assert!(text.contains(language.pick("서버", "server")), "{text}");
                world.backend.start().await?;
                world.page.click("retry").await?;
                world.page.wait_for_answer(2, "done").await?;
                Ok(())
            },
        )
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_dies_mid_answer_leaves_what_had_come_and_a_way_on() -> Result<()> {
    for language in Language::ALL {
        let upstream = Upstream::start().await?;
        let setup = Setup::default()
            .language(language)
            .login(Login::None)
            .upstream(&upstream);
        World::run(
            &format!("cut_during_{}", language.tag()),
            setup,
            async |world| {
                world.page.open("/chat").await?;
                world.page.send("hello").await?;
                upstream.wait_for_question().await?;
                upstream.write("The first half, ")?;
                world.page.wait_for_stream().await?;
                world.backend.kill();
                let broken = world.page.wait_for_answer(2, "error").await?;
                assert!(
                    broken.text.contains("The first half,"),
                    "what had come is gone: {}",
                    broken.text
                );
                upstream.cut();
                world.backend.start().await?;
                world.page.click("retry").await?;
                upstream.wait_for_question().await?;
                upstream.write("The whole of it.")?;
                upstream.finish()?;
                let whole = world.page.wait_for_answer(2, "done").await?;
                assert!(whole.text.contains("The whole of it."), "{}", whole.text);
                Ok(())
            },
        )
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_model_that_breaks_off_leaves_what_had_come_and_a_way_on() -> Result<()> {
    let upstream = Upstream::start().await?;
    World::run(
        "upstream_cut",
        Setup::default().login(Login::None).upstream(&upstream),
        async |world| {
            world.page.open("/chat").await?;
            world.page.send("hello").await?;
            upstream.wait_for_question().await?;
            upstream.write("The first half, ")?;
            world.page.wait_for_stream().await?;
            upstream.cut();
            let broken = world.page.wait_for_answer(2, "error").await?;
            assert!(
                broken.text.contains("The first half,"),
                "what had come is gone: {}",
                broken.text
            );
            world.page.wait_for("retry").await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test]
async fn a_server_that_goes_away_after_the_answer_costs_nothing() -> Result<()> {
    World::run(
        "cut_after",
        Setup::default().login(Login::None),
        async |world| {
            world.page.open("/chat").await?;
            let answer = world.page.ask_model("hello").await?;
            world.backend.kill();
            world.page.reload().await?;
            until("the conversation", async || {
                Ok((world.page.messages().await?.len() == 2).then_some(()))
            })
            .await?;
            assert_eq!(world.page.messages().await?[1].text, answer.text);
            world.page.send("and now?").await?;
            world.page.wait_for_answer(4, "error").await?;
            world.backend.start().await?;
            world.page.click("retry").await?;
            world.page.wait_for_answer(4, "done").await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test]
async fn a_page_that_is_left_mid_answer_shows_on_return_what_had_come() -> Result<()> {
    let upstream = Upstream::start().await?;
    World::run(
        "left_mid_answer",
        Setup::default().login(Login::None).upstream(&upstream),
        async |world| {
            let page = &world.page;
            page.open("/chat").await?;
            page.send("hello").await?;
            upstream.wait_for_question().await?;
            upstream.write("The first half, ")?;
            page.wait_for_stream().await?;
            page.reload().await?;
            until("both turns", async || {
                Ok((page.messages().await?.len() == 2).then_some(()))
            })
            .await?;
            let turns = page.messages().await?;
            assert_eq!(turns[0].text, "hello");
            assert!(turns[1].text.contains("The first half,"), "{:?}", turns[1]);
            assert_ne!(turns[1].status, "streaming");
            until("the upstream to be told", async || {
                Ok(upstream.is_abandoned().then_some(()))
            })
            .await?;
            page.wait_for("composer").await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test]
async fn an_answer_goes_on_in_a_tab_that_nobody_sees() -> Result<()> {
    let upstream = Upstream::start().await?;
    let setup = Setup::default().login(Login::None).upstream(&upstream);
    World::run("hidden_tab", setup, async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        page.wait_for("composer").await?;
        page.send("go on without me").await?;
        upstream.wait_for_question().await?;
        upstream.write("the beginning")?;
        page.wait_for_stream().await?;
        // Such a tab has no frames, and the browser holds its timers back, for minutes in the end.
        let _: Option<()> = page.ask(HIDE, &[]).await?;
        for part in [", the middle", " and the end"] {
            upstream.write(part)?;
            page.wait_for_text(part).await?;
        }
        upstream.finish()?;
        let answer = page.wait_for_answer(2, "done").await?;
        assert_eq!(answer.text.trim(), "the beginning, the middle and the end");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_upload_that_is_cut_can_be_repeated() -> Result<()> {
    World::run(
        "cut_upload",
        Setup::default().login(Login::None),
        async |world| {
            world.page.open("/chat").await?;
            world.page.wait_for("composer").await?;
            world.backend.kill();
            let picture = world.file("picture.png", &aicon_e2e::picture::png(8, [7, 7, 7]))?;
            world.page.attach(&picture).await?;
            world.page.wait_for_attachments(&["error"]).await?;
            world.backend.start().await?;
            world.page.click("attachment-remove").await?;
            world.page.attach(&picture).await?;
            world.page.wait_for_attachments(&["ready"]).await?;
            Ok(())
        },
    )
    .await
}
