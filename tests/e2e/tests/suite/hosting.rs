//! The harness, the sandbox and the hosting, before the app comes in.

use aicon_e2e::{Language, Result, Setup, World};

#[tokio::test]
async fn the_bundle_is_hosted_and_the_browser_speaks_the_users_language() -> Result<()> {
    for language in Language::ALL {
        let name = format!("hosting_{}", language.tag());
        World::run(
            &name,
            Setup::default().language(language).backend_down(),
            async |world| {
                world.page.open("/configs/configs.json").await?;
                world.page.wait_for_text(&world.sandbox.aicon).await?;
                let locale: String = world.page.ask("return navigator.language", &[]).await?;
                assert_eq!(locale, language.locale());
                Ok(())
            },
        )
        .await?;
    }
    Ok(())
}
