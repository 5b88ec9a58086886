//! `configs.json`: the official spellings as they are, and wrong files that say what is wrong.

use std::path::{Path, PathBuf};

use aicon_e2e::setup::Login;
use aicon_e2e::wait::until;
use aicon_e2e::{Language, Result, Setup, World};
use serde_json::json;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

#[tokio::test]
async fn the_files_of_the_contract_work_unchanged() -> Result<()> {
    for name in [
        "configs.angular.json",
        "configs.guideline.json",
        "appsettings.blazor.json",
    ] {
        let setup = Setup::default().config_file(fixture(name)).backend_down();
        World::run(name, setup, async |world| {
            let page = &world.page;
            page.open("/chat").await?;
            page.click("login-button").await?;
            let site = url::form_urlencoded::byte_serialize(world.sandbox.site.as_bytes()).collect::<String>();
            let expected = format!(
                "https://aicon.or.kr/auth/login?client_id=Y2xpZW50LWZvci10ZXN0cw%3D%3D&redirect_uri={site}"
            );
            until(&expected, async || {
                Ok(page.requests().await?.iter().any(|url| url.starts_with(&expected)).then_some(()))
            })
            .await
        })
        .await?;
    }
    Ok(())
}

async fn shows_a_page_that_says(name: &str, setup: Setup, parts: &[&str]) -> Result<()> {
    World::run(name, setup.backend_down(), async |world| {
        world.page.open("/").await?;
        world.page.wait_for("config-error").await?;
        for part in parts {
            world.page.wait_for_text(part).await?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_file_that_is_no_json_says_where() -> Result<()> {
    let broken = "{\n  \"apiEndPoint\": \"http://a.example\"\n  \"clientID\": \"x\"\n}";
    for language in Language::ALL {
        let setup = Setup::default().language(language).raw_config(broken);
        let place = language.pick("3", "line 3");
        shows_a_page_that_says(
            &format!("config_no_json_{}", language.tag()),
            setup,
            &["configs.json", place],
        )
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_missing_key_is_named() -> Result<()> {
    let setup = Setup::default().config("clientID", "");
    shows_a_page_that_says("config_missing_key", setup, &["clientId"]).await
}

#[tokio::test]
async fn a_wrong_value_is_named_with_what_was_found_and_every_one_at_once() -> Result<()> {
    let setup = Setup::default()
        .config("apiEndPoint", "api.provider.example")
        .config("maxTextLength", "many")
        .config("aiConLogin", json!({ "url": "x" }));
    let parts = [
        "apiEndPoint",
        "api.provider.example",
        "maxTextLength",
        "many",
        "aiConLogin",
    ];
    shows_a_page_that_says("config_wrong_values", setup, &parts).await
}

#[tokio::test]
async fn a_missing_file_is_no_white_page_and_trying_again_works() -> Result<()> {
    World::run("config_missing_file", Setup::default().login(Login::None), async |world| {
        let page = &world.page;
        page.open("/").await?;
        page.wait_for("start-chat").await?;
        let config: String = page.ask_text("const r = new XMLHttpRequest(); r.open('GET', '/configs/configs.json', false); r.send(); return r.responseText;").await?;
        world.replace_config(None)?;
        page.reload().await?;
        page.wait_for("config-error").await?;
        world.replace_config(Some(config.as_bytes()))?;
        page.reload().await?;
        page.wait_for("start-chat").await?;
        Ok(())
    })
    .await
}
