//! The life of a session: where tokens are, when they are renewed, what an end costs.

use std::path::Path;

use aicon_e2e::picture::png;
use aicon_e2e::setup::Login;
use aicon_e2e::wait::until;
use aicon_e2e::{Language, Result, Setup, Upstream, World};
use serde_json::json;

#[tokio::test]
async fn an_access_token_that_the_server_refuses_is_renewed_once_and_the_request_repeated()
-> Result<()> {
    World::run(
        "refresh_on_401",
        Setup::default().sandbox(&["--expired-tokens"]),
        async |world| {
            let page = &world.page;
            page.sign_in("demo").await?;
            world
                .sandbox
                .set_faults(&json!({ "expired_tokens": false }))
                .await?;
            page.ask_model("hello").await?;
            assert_eq!(world.sandbox.counters().await?.refreshes, 1);
            Ok(())
        },
    )
    .await
}

#[tokio::test]
async fn a_session_that_ends_while_typing_keeps_the_draft() -> Result<()> {
    for language in Language::ALL {
        let setup = Setup::default().language(language).sandbox(&[
            "--expired-tokens",
            "--refresh-ttl",
            "0s",
        ]);
        World::run(
            &format!("draft_kept_{}", language.tag()),
            setup,
            async |world| {
                let page = &world.page;
                page.sign_in("demo").await?;
                let draft = language.pick("오래 고민해서 쓴 글", "long thought about");
                page.send(draft).await?;
                page.wait_for("login-button").await?;
                page.wait_for_notice().await?;
                world
                    .sandbox
                    .set_faults(&json!({ "expired_tokens": false }))
                    .await?;
                page.pass_login("demo").await?;
                page.wait_for_path("/chat").await?;
                page.wait_for("composer").await?;
                let kept = async || {
                    let asked = page
                        .messages()
                        .await?
                        .iter()
                        .any(|message| message.text.contains(draft));
                    Ok((asked || page.value_of("composer").await? == draft).then_some(()))
                };
                until("the draft", kept).await
            },
        )
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_draft_survives_a_reload() -> Result<()> {
    World::run(
        "draft_reload",
        Setup::default().login(Login::None),
        async |world| {
            let page = &world.page;
            page.open("/chat").await?;
            page.type_into("composer", "초안 draft").await?;
            page.reload().await?;
            until("the draft", async || {
                Ok((page.value_of("composer").await? == "초안 draft").then_some(()))
            })
            .await
        },
    )
    .await
}

#[tokio::test]
async fn no_token_is_in_local_storage_and_none_in_an_address() -> Result<()> {
    World::run("token_places", Setup::default(), async |world| {
        let page = &world.page;
        page.sign_in("demo").await?;
        page.ask_model("hello").await?;
        let local: String = page
            .ask(
                "return JSON.stringify({ ...localStorage }) + document.cookie",
                &[],
            )
            .await?;
        assert!(!local.contains("eyJ"), "{local}");
        let requests = page.requests().await?;
        assert!(
            !requests.iter().any(|url| url.contains("eyJ")),
            "{requests:#?}"
        );
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_login_survives_a_reload_without_a_new_login() -> Result<()> {
    World::run("login_reload", Setup::default(), async |world| {
        let page = &world.page;
        page.sign_in("demo").await?;
        page.reload().await?;
        page.wait_for("composer").await?;
        page.ask_model("hello").await?;
        assert_eq!(world.sandbox.counters().await?.logins, 1);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn two_tabs_do_not_break_each_others_login() -> Result<()> {
    World::run(
        "two_tabs",
        Setup::default().sandbox(&["--access-ttl", "5s"]),
        async |world| {
            let page = &world.page;
            page.sign_in("demo").await?;
            let first = page.driver().window().await?;
            let second = page.driver().new_tab().await?;
            page.driver().switch_to_window(second.clone()).await?;
            page.open("/chat").await?;
            let asks_for_login = until("the chat or the login", async || {
                if page.count("composer").await? > 0 {
                    return Ok(Some(false));
                }
                Ok((page.count("login-button").await? > 0).then_some(true))
            })
            .await?;
            if asks_for_login {
                page.pass_login("demo").await?;
                page.wait_for("composer").await?;
            }
            let before = world.sandbox.counters().await?.refreshes;
            until("two refreshes", async || {
                for tab in [&first, &second] {
                    page.driver().switch_to_window(tab.clone()).await?;
                    page.ask_model("ping").await?;
                }
                Ok((world.sandbox.counters().await?.refreshes >= before + 2).then_some(()))
            })
            .await?;
            for tab in [first, second] {
                page.driver().switch_to_window(tab).await?;
                assert_eq!(page.count("login-button").await?, 0);
            }
            Ok(())
        },
    )
    .await
}

#[tokio::test]
async fn the_next_user_of_a_browser_does_not_see_the_conversation_of_the_one_before() -> Result<()>
{
    World::run("other_user", Setup::default(), async |world| {
        let page = &world.page;
        page.sign_in("demo").await?;
        page.ask_model("what the first user asked").await?;
        page.click("logout-button").await?;
        page.wait_for("login-button").await?;
        page.pass_login("second").await?;
        page.wait_for("start-chat").await?;
        page.open("/chat").await?;
        page.wait_for("composer").await?;
        let seen = page.text().await?;
        assert!(
            !seen.contains("what the first user asked"),
            "the next user sees the conversation of the one before"
        );
        page.ask_model("what the second user asks").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_answer_that_a_page_left_growing_is_not_the_next_users() -> Result<()> {
    let upstream = Upstream::start().await?;
    let setup = Setup::default().upstream(&upstream);
    World::run("other_user_left", setup, async |world| {
        let page = &world.page;
        page.sign_in("demo").await?;
        page.send("what the first user asked").await?;
        upstream.wait_for_question().await?;
        upstream.write("what the first user was told")?;
        let told = async || {
            let messages = page.messages().await?;
            let last = messages.last().map(|message| message.text.clone());
            Ok(last.filter(|text| text.contains("was told")))
        };
        until("the first words", told).await?;
        // Nobody logs out: the page goes away, and what it has not kept goes to the tab's storage.
        let forget = "sessionStorage.removeItem('aicon.refresh_token')";
        let _: Option<()> = page.ask(forget, &[]).await?;
        page.reload().await?;
        page.wait_for("login-button").await?;
        assert!(page.stored().await?.contains("was told"));
        page.pass_login("second").await?;
        page.wait_for("composer").await?;
        page.send("what the second user asks").await?;
        upstream.wait_for_question().await?;
        upstream.write("an answer")?;
        upstream.finish()?;
        page.wait_for_answer(2, "done").await?;
        let seen = page.text().await?;
        assert!(!seen.contains("the first user"), "{seen}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn many_requests_with_an_expired_token_make_one_refresh() -> Result<()> {
    World::run(
        "one_refresh",
        Setup::default().sandbox(&["--expired-tokens"]),
        async |world| {
            let page = &world.page;
            page.sign_in("demo").await?;
            world
                .sandbox
                .set_faults(&json!({ "expired_tokens": false, "latency_ms": 300 }))
                .await?;
            let mut paths = Vec::new();
            for shade in [10, 20, 30] {
                let path = world.file(&format!("{shade}.png"), &png(8, [shade, 0, 0]))?;
                paths.push(path.display().to_string());
            }
            page.attach(Path::new(&paths.join("\n"))).await?;
            page.wait_for_attachments(&["ready", "ready", "ready"])
                .await?;
            assert_eq!(world.sandbox.counters().await?.refreshes, 1);
            Ok(())
        },
    )
    .await
}
