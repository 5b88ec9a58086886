//! The hosting: what IIS does with the bundle.

use aicon_e2e::setup::Login;
use aicon_e2e::{Language, Result, Setup, World};

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
