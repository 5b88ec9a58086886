//! The app hosted by the provider's own server, on its origin (types 3 and 4).

use aicon_e2e::picture::png;
use aicon_e2e::{Language, Result, Setup, World};

#[tokio::test]
async fn a_provider_s_own_site_logs_in_by_aicon_and_answers() -> Result<()> {
    let setup = Setup::default().language(Language::English).self_hosted();
    World::run("hosted_login", setup, async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        page.pass_login("demo").await?;
        page.wait_for_path("/chat").await?;
        let picture = world.file("picture.png", &png(16, [30, 90, 200]))?;
        page.attach(&picture).await?;
        page.wait_for_attachments(&["ready"]).await?;
        let answer = page.ask_model("What is in this picture?").await?;
        assert!(answer.text.contains("16"), "{}", answer.text);
        // The samples' endpoint has the same path: a reload asks for the page, not for it.
        page.reload().await?;
        page.wait_for_answer(2, "done").await?;
        let own = &world.backend.origin;
        let aicon = &world.sandbox.aicon;
        let requests = page.requests().await?;
        let is_known = |url: &&String| !url.starts_with(own) && !url.starts_with(aicon);
        let strange: Vec<_> = requests.iter().filter(is_known).collect();
        assert!(strange.is_empty(), "{strange:?}");
        page.wait_for_path("/chat").await
    })
    .await
}

#[tokio::test]
async fn an_outlink_with_another_user_leads_to_the_login_and_with_the_same_one_goes_on()
-> Result<()> {
    let setup = Setup::default().self_hosted();
    World::run("hosted_outlink", setup, async |world| {
        let page = &world.page;
        page.open("/?userid=demo").await?;
        page.pass_login("demo").await?;
        page.wait_for("start-chat").await?;
        page.open("/?userid=demo").await?;
        page.wait_for("start-chat").await?;
        assert_eq!(page.url().await?.query(), None);
        assert_eq!(world.sandbox.counters().await?.logins, 1);
        page.open("/?userid=second").await?;
        page.pass_login("second").await?;
        page.wait_for("start-chat").await?;
        assert_eq!(world.sandbox.counters().await?.logins, 2);
        Ok(())
    })
    .await
}
