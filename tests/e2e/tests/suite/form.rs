//! Multi-input models: fields, run, results, earlier runs.

use aicon_e2e::setup::Login;
use aicon_e2e::wait::until;
use aicon_e2e::{Page, Result, Sample, Setup, World};
use serde_json::{Value, json};

fn inputs() -> Value {
    json!([
        { "type": "longText", "required": true, "label": { "ko": "원문", "en": "Text" }, "paramName": "InputText", "maxLength": 20 },
        { "type": "choice", "required": true, "label": "Language", "paramName": "TargetLanguage", "choices": ["en", { "value": "ja", "label": "日本語" }] },
        { "type": "number", "label": "Count", "paramName": "Count", "min": 1, "max": 3 },
        { "type": "file", "label": "Documents", "paramName": "Documents", "accept": ["csv", "txt"], "maxFiles": 2, "maxBytes": 1000 },
    ])
}

fn setup(sample: &Sample) -> Setup {
    Setup::default()
        .login(Login::None)
        .config("apiEndPoint", sample.url.clone())
        .config("apiProtocol", "aicon")
        .config("uiType", "multiInput")
        .config("inputs", inputs())
        .config(
            "outputs",
            json!([
                { "type": "text", "label": "번역", "paramName": "TranslateResult" },
                { "type": "file", "label": "파일", "paramName": "ResultFile" },
            ]),
        )
}

async fn output_contains(page: &Page, param_name: &str, part: &str) -> Result<()> {
    let handle = format!("output-{param_name}");
    until(&format!("`{part}` in {handle}"), async || {
        Ok(page.text_of(&handle).await?.contains(part).then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_form_is_filled_in_checked_run_and_run_again() -> Result<()> {
    let sample = Sample::start().await?;
    World::run("form", setup(&sample), async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        page.click("submit").await?;
        until("the errors of both required fields", async || {
            let both = [page.text_of("error-InputText").await?, page.text_of("error-TargetLanguage").await?];
            Ok(both.iter().all(|text| !text.is_empty()).then_some(()))
        })
        .await?;
        let focused: String = page.ask("return document.activeElement.dataset.testid || ''", &[]).await?;
        assert_eq!(focused, "field-InputText");
        let described: String = page
            .ask("return document.activeElement.getAttribute('aria-describedby').split(' ').map(id => document.getElementById(id).innerText).join('')", &[])
            .await?;
        assert!(described.contains(&page.text_of("error-InputText").await?));
        assert!(sample.requests().is_empty());

        page.type_into("field-InputText", "안녕하세요").await?;
        page.choose("field-TargetLanguage", "ja").await?;
        page.type_into("field-Count", "7").await?;
        page.click("submit").await?;
        until("the number's error", async || {
            Ok(page.text_of("error-Count").await?.contains('3').then_some(()))
        })
        .await?;
        page.wait_for("field-Count").await?.clear().await?;
        page.type_into("field-Count", "2").await?;
        page.click("submit").await?;
        output_contains(page, "TranslateResult", "[ja] 안녕하세요").await?;
        output_contains(page, "ResultFile", "결과.txt").await?;
        let request = sample.requests().pop().unwrap();
        assert_eq!(request.path, "/chat-type-2");
        assert_eq!(request.text("Count").as_deref(), Some("2"));

        page.type_into("field-InputText", "!").await?;
        page.click("submit").await?;
        output_contains(page, "TranslateResult", "안녕하세요!").await?;
        page.reload().await?;
        output_contains(page, "TranslateResult", "안녕하세요!").await?;
        assert_eq!(page.value_of("field-InputText").await?, "안녕하세요!");
        assert_eq!(page.value_of("field-TargetLanguage").await?, "ja");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn files_go_along_and_their_archive_comes_back() -> Result<()> {
    let sample = Sample::start().await?;
    World::run("form_files", setup(&sample), async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        page.type_into("field-InputText", "정리").await?;
        page.choose("field-TargetLanguage", "en").await?;
        let field = page
            .driver()
            .find(thirtyfour::By::Css("[data-testid=field-Documents]"))
            .await?;
        let wrong = world.file("a.exe", b"MZ")?;
        field.send_keys(wrong.display().to_string()).await?;
        until("the file's error", async || {
            Ok(page
                .text_of("error-Documents")
                .await?
                .contains("a.exe")
                .then_some(()))
        })
        .await?;
        page.driver()
            .find(thirtyfour::By::Css(".attachment button"))
            .await?
            .click()
            .await?;
        page.wait_until_gone("attachment").await?;
        let good = world.file("sales report.csv", "월,원\n1,100\n".as_bytes())?;
        field.send_keys(good.display().to_string()).await?;
        page.wait_for_attachments(&["ready"]).await?;
        page.reload().await?;
        page.wait_for_attachments(&["ready"]).await?;
        page.click("submit").await?;
        output_contains(page, "", "내려받기").await?;
        let request = sample.requests().pop().unwrap();
        let file = request
            .fields
            .iter()
            .find(|(name, _, _)| name == "Documents")
            .unwrap();
        assert_eq!(file.1.as_deref(), Some("sales report.csv"));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_failed_run_keeps_the_values_and_says_what_the_server_said() -> Result<()> {
    let sample = Sample::start().await?;
    World::run("form_failure", setup(&sample), async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        page.type_into("field-InputText", "text").await?;
        page.choose("field-TargetLanguage", "en").await?;
        sample.fail_once("quota exceeded");
        page.click("submit").await?;
        assert!(page.wait_for_notice().await?.contains("quota exceeded"));
        assert_eq!(page.value_of("field-InputText").await?, "text");
        page.click("submit").await?;
        output_contains(page, "TranslateResult", "[en] text").await
    })
    .await
}
