//! The redirect: what is believed, what is not, and what the user is told.

use aicon_e2e::setup::Login;
use aicon_e2e::wait::until;
use aicon_e2e::{Language, Result, Setup, World};
use serde_json::json;

#[tokio::test]
async fn with_a_secret_in_the_bundle_the_browser_redeems_the_code_itself() -> Result<()> {
    World::run(
        "direct",
        Setup::default().login(Login::Direct),
        async |world| {
            world.page.sign_in("demo").await?;
            world.page.ask_model("hello").await?;
            let token_url = format!("{}/api/auth/sso/token", world.sandbox.aicon);
            assert!(world.page.requests().await?.contains(&token_url));
            let through_backend = format!("{}/auth/token", world.backend.origin);
            assert!(!world.page.requests().await?.contains(&through_backend));
            Ok(())
        },
    )
    .await
}

#[tokio::test]
async fn without_a_secret_in_the_bundle_the_browser_never_calls_aicons_token_endpoint() -> Result<()>
{
    World::run("through_backend", Setup::default(), async |world| {
        world.page.sign_in("demo").await?;
        world.page.ask_model("hello").await?;
        let token_url = format!("{}/api/auth/sso/token", world.sandbox.aicon);
        assert!(!world.page.requests().await?.contains(&token_url));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn without_a_login_page_the_chat_is_open() -> Result<()> {
    World::run(
        "no_login",
        Setup::default().login(Login::None),
        async |world| {
            world.page.open("/chat").await?;
            world.page.wait_for("composer").await?;
            world.page.ask_model("hello").await?;
            assert_eq!(world.page.count("logout-button").await?, 0);
            assert_eq!(world.page.count("login-button").await?, 0);
            Ok(())
        },
    )
    .await
}

#[tokio::test]
async fn a_code_that_nobody_asked_for_is_not_redeemed() -> Result<()> {
    World::run("unasked_code", Setup::default(), async |world| {
        let page = &world.page;
        let code = world.sandbox.unasked_code().await?;
        page.open(&format!("/?code={code}")).await?;
        page.wait_for("login-button").await?;
        page.wait_for_notice().await?;
        assert_eq!(page.url().await?.query(), None);
        assert_eq!(world.sandbox.counters().await?.token_requests, 0);
        page.pass_login("demo").await?;
        page.wait_for("start-chat").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_code_with_a_wrong_state_is_not_redeemed() -> Result<()> {
    World::run("wrong_state", Setup::default(), async |world| {
        let page = &world.page;
        let code = world.sandbox.unasked_code().await?;
        page.open("/chat").await?;
        page.click("login-button").await?;
        page.wait_for("user-demo").await?;
        page.open(&format!("/?code={code}&state=not-ours")).await?;
        page.wait_for("login-button").await?;
        page.wait_for_notice().await?;
        assert_eq!(world.sandbox.counters().await?.token_requests, 0);
        page.open(&format!("/?code={code}&state=not-ours")).await?;
        page.wait_for("login-button").await?;
        assert_eq!(world.sandbox.counters().await?.token_requests, 0);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_code_is_redeemed_once_under_reload_back_and_a_second_visit() -> Result<()> {
    World::run("redeemed_once", Setup::default(), async |world| {
        let page = &world.page;
        page.sign_in("demo").await?;
        let requests = page.requests().await?;
        let callback = requests
            .iter()
            .find(|url| url.contains("/?code="))
            .unwrap()
            .clone();
        page.reload().await?;
        page.wait_for("composer").await?;
        page.driver().back().await?;
        page.driver().forward().await?;
        page.driver().goto(callback).await?;
        until("a page of the app", async || {
            let here = page.count("start-chat").await?
                + page.count("login-button").await?
                + page.count("composer").await?;
            Ok((here > 0).then_some(()))
        })
        .await?;
        let counters = world.sandbox.counters().await?;
        assert_eq!(
            counters.token_requests - counters.refreshes,
            1,
            "{counters:?}"
        );
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_aicon_that_knows_no_state_can_be_logged_in_at() -> Result<()> {
    World::run(
        "no_state",
        Setup::default().sandbox(&["--echo-state", "false"]),
        async |world| {
            world.page.sign_in("demo").await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test]
async fn a_config_that_requires_the_state_refuses_a_login_without() -> Result<()> {
    let setup = Setup::default()
        .sandbox(&["--echo-state", "false"])
        .config("requireState", true);
    World::run("required_state", setup, async |world| {
        world.page.open("/chat").await?;
        world.page.pass_login("demo").await?;
        world.page.wait_for("login-button").await?;
        world.page.wait_for_notice().await?;
        assert_eq!(world.sandbox.counters().await?.token_requests, 0);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_refused_login_is_told_and_can_be_tried_again() -> Result<()> {
    for language in Language::ALL {
        let name = format!("refused_{}", language.tag());
        World::run(&name, Setup::default().language(language), async |world| {
            let page = &world.page;
            page.open("/chat").await?;
            page.click("login-button").await?;
            page.click("refuse").await?;
            let notice = page.wait_for_notice().await?;
            assert!(
                notice.contains(language.pick("로그인", "login")),
                "{notice}"
            );
            assert!(!notice.contains("access_denied"), "{notice}");
            page.pass_login("demo").await?;
            page.wait_for_path("/chat").await?;
            page.wait_for("composer").await?;
            Ok(())
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_error_in_the_address_that_nobody_asked_for_is_not_repeated() -> Result<()> {
    World::run("reflected_error", Setup::default(), async |world| {
        let page = &world.page;
        page.open("/?error=Call%20555-0100%20now&error_description=pay%20here")
            .await?;
        page.wait_for("login-button").await?;
        let text = page.text().await?;
        assert!(
            !text.contains("555-0100") && !text.contains("pay here"),
            "{text}"
        );
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_token_endpoint_that_is_down_is_told_and_the_next_login_works() -> Result<()> {
    for login in [Login::ThroughBackend, Login::Direct] {
        World::run(
            &format!("token_down_{login:?}"),
            Setup::default().login(login),
            async |world| {
                let page = &world.page;
                world
                    .sandbox
                    .set_faults(&json!({ "token_endpoint_down": true }))
                    .await?;
                page.open("/chat").await?;
                page.pass_login("demo").await?;
                page.wait_for("login-button").await?;
                page.wait_for_notice().await?;
                world
                    .sandbox
                    .set_faults(&json!({ "token_endpoint_down": false }))
                    .await?;
                page.pass_login("demo").await?;
                page.wait_for("composer").await?;
                Ok(())
            },
        )
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_code_that_expired_on_the_way_is_told_and_the_login_can_be_repeated() -> Result<()> {
    for login in [Login::ThroughBackend, Login::Direct] {
        let setup = Setup::default().login(login).sandbox(&["--code-ttl", "0s"]);
        World::run(&format!("code_expired_{login:?}"), setup, async |world| {
            let page = &world.page;
            page.open("/chat").await?;
            page.pass_login("demo").await?;
            page.wait_for("login-button").await?;
            page.wait_for_notice().await?;
            assert_eq!(world.sandbox.counters().await?.token_requests, 1);
            Ok(())
        })
        .await?;
    }
    Ok(())
}
