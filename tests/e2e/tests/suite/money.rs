//! What a question costs, from the browser to AICON's console and its settlement.

use aicon_e2e::wait::until;
use aicon_e2e::{Language, Page, Result, Setup, World};
use serde_json::{Value, json};
use thirtyfour::By;

/// Waits until AICON has recorded this many uses.
async fn recorded(world: &World, count: usize) -> Result<Vec<Value>> {
    until(&format!("{count} recorded uses"), async || {
        let usages = world.sandbox.usages().await?;
        Ok((usages.len() == count).then_some(usages))
    })
    .await
}

/// Presses a button of AICON's console and waits for what it says.
async fn press(page: &Page, button: &str, result: &str) -> Result<String> {
    page.click(button).await?;
    until(&format!("`{result}` of the console"), async || {
        let text = page.text_of(result).await?;
        Ok((!text.is_empty()).then_some(text))
    })
    .await
}

#[tokio::test]
async fn a_use_reaches_aicons_console_with_its_cost_and_the_month_settles_to_the_won() -> Result<()>
{
    World::run(
        "money",
        Setup::default().language(Language::English),
        async |world| {
            let page = &world.page;
            page.sign_in("demo").await?;
            page.ask_model("one").await?;
            page.ask_model("two").await?;
            let usages = recorded(world, 2).await?;
            let text = serde_json::to_string(&usages).unwrap_or_default();
            for part in ["\"demo\"", "usageGUID", "\"responseCode\":200"] {
                assert!(text.contains(part), "{part} in {text}");
            }
            page.driver().goto(&world.sandbox.aicon).await?;
            page.wait_for("usages").await?;
            let alive = press(page, "run-model", "run-model-result").await?;
            assert!(alive.to_lowercase().contains("alive"), "{alive}");
            let settled = press(page, "settle", "settle-result").await?;
            assert!(settled.contains('2'), "{settled}");
            assert_eq!(page.count("differences").await?, 0, "{settled}");
            // AICON's console is not the app: what `World` checks of the app is checked on the app.
            page.open("/chat").await?;
            page.wait_for("composer").await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test]
async fn an_aicon_that_refuses_and_loses_answers_gets_every_use_once_in_the_end() -> Result<()> {
    World::run("money_faults", Setup::default(), async |world| {
        world
            .sandbox
            .set_faults(&json!({ "record_usage": { "seed": 7, "percent": { "error": 40, "lost_answer": 20 } } }))
            .await?;
        let page = &world.page;
        page.sign_in("demo").await?;
        for question in ["one", "two", "three"] {
            page.ask_model(question).await?;
        }
        recorded(world, 3).await?;
        world.backend.kill();
        world.backend.start().await?;
        page.ask_model("four").await?;
        recorded(world, 4).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_retry_whose_answer_was_lost_costs_once() -> Result<()> {
    World::run("money_retry", Setup::default(), async |world| {
        let page = &world.page;
        page.sign_in("demo").await?;
        // The answer comes about at the server, and the page sees nothing of it.
        page.driver()
            .execute(
                "const fetched = window.fetch;
                 window.fetch = async (...call) => {
                     const answer = await fetched(...call);
                     if (!String(call[0]?.url || call[0]).endsWith('/ai/chat')) return answer;
                     await answer.text();
                     window.fetch = fetched;
                     throw new TypeError('the network went away');
                 };",
                Vec::new(),
            )
            .await?;
        page.send("once").await?;
        page.wait_for_answer(2, "error").await?;
        page.driver()
            .find(By::Css("[data-testid=retry]"))
            .await?
            .click()
            .await?;
        page.wait_for_answer(2, "done").await?;
        recorded(world, 1).await?;
        Ok(())
    })
    .await
}
