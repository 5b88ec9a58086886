//! The hosting: what IIS does with the bundle.

use std::fs;
use std::path::Path;

use aicon_e2e::setup::Login;
use aicon_e2e::{Language, Result, Setup, World, paths};

#[tokio::test]
async fn the_bundle_is_hosted_and_the_app_speaks_the_users_language() -> Result<()> {
    for language in Language::ALL {
        let name = format!("hosting_{}", language.tag());
        World::run(
            &name,
            Setup::default()
                .language(language)
                .login(Login::None)
                .backend_down(),
            async |world| {
                let page = &world.page;
                page.open("/").await?;
                page.wait_for("start-chat").await?;
                page.wait_for_text("Test model").await?;
                page.wait_for_text("A model for tests").await?;
                assert_eq!(
                    page.ask_text("return document.documentElement.lang")
                        .await?,
                    language.tag()
                );
                Ok(())
            },
        )
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn every_address_of_the_app_can_be_opened_and_an_unknown_one_leads_back() -> Result<()> {
    World::run(
        "addresses",
        Setup::default().backend_down(),
        async |world| {
            let page = &world.page;
            for path in ["/login", "/chat"] {
                page.open(path).await?;
                page.wait_for("login-button").await?;
            }
            page.open("/no/such/page").await?;
            page.wait_for("not-found").await?;
            page.driver()
                .find(thirtyfour::By::Css(
                    "[data-testid=not-found] a, [data-testid=not-found] button",
                ))
                .await?
                .click()
                .await?;
            page.wait_until_gone("not-found").await?;
            page.wait_for("login-button").await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test]
async fn home_leads_through_the_login_back_to_itself_and_on_to_the_chat() -> Result<()> {
    World::run("home_to_chat", Setup::default(), async |world| {
        let page = &world.page;
        page.open("/").await?;
        page.pass_login("demo").await?;
        page.click("start-chat").await?;
        page.wait_for_path("/chat").await?;
        page.wait_for("composer").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_module_comes_packed_and_once() -> Result<()> {
    let setup = Setup::default().login(Login::None).backend_down();
    World::run("packed", setup, async |world| {
        world.page.open("/").await?;
        world.page.wait_for("start-chat").await?;
        let fetched = world.page.ask_text(FETCHED).await?;
        assert_eq!(fetched.matches("_bg.bin").count(), 1, "{fetched}");
        assert!(!fetched.contains("_bg.wasm"), "{fetched}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_host_that_spoils_the_packed_module_gets_the_plain_one_asked() -> Result<()> {
    let site = spoilt(&["_bg.bin"])?;
    let setup = Setup::default()
        .login(Login::None)
        .backend_down()
        .site(site.path().to_owned());
    World::run("unpacked", setup, async |world| {
        world.page.open("/").await?;
        world.page.wait_for("start-chat").await?;
        let fetched = world.page.ask_text(FETCHED).await?;
        assert!(fetched.contains("_bg.wasm"), "{fetched}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_module_that_nobody_can_read_ends_in_words_and_not_in_a_white_page() -> Result<()> {
    let site = spoilt(&["_bg.bin", "_bg.wasm"])?;
    let setup = Setup::default()
        .login(Login::None)
        .backend_down()
        .site(site.path().to_owned());
    World::run("unreadable", setup, async |world| {
        world.page.open("/").await?;
        world.page.wait_for_text("앱을 시작하지 못했습니다").await?;
        world.page.wait_for_text("The app could not start").await?;
        Ok(())
    })
    .await
}

const FETCHED: &str =
    "return performance.getEntriesByType('resource').map(one => one.name).join(' ');";

/// The built app with these of its files spoilt.
fn spoilt(ends: &[&str]) -> Result<tempfile::TempDir> {
    let site = tempfile::tempdir()?;
    copy(&paths::dist()?, site.path(), ends)?;
    Ok(site)
}

fn copy(from: &Path, to: &Path, spoilt: &[&str]) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            fs::create_dir(&target)?;
            copy(&entry.path(), &target, spoilt)?;
        } else if spoilt.iter().any(|end| name.ends_with(end)) {
            fs::write(&target, "spoilt on the way")?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
