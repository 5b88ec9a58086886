//! Files of a form: in by drop, with progress, and out one by one or all at once.

use std::io::{Cursor, Read};
use std::path::Path;

use aicon_e2e::setup::Login;
use aicon_e2e::wait::until;
use aicon_e2e::{Page, Result, Sample, Setup, World};
use serde_json::json;

/// The documented request of a form, byte by byte but for the boundary.
const REQUEST: &str = include_str!("../../../wire/chat-type-2.request.txt");

/// A file that misses the field.
const DROP_BESIDE: &str = "
    const drop = new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: new DataTransfer() });
    document.querySelector('h1').dispatchEvent(drop);
    return drop.defaultPrevented";

fn setup(sample: &Sample) -> Setup {
    Setup::default()
        .config("apiEndPoint", sample.url.clone())
        .config("apiProtocol", "aicon")
        .config(
            "inputs",
            json!([
                { "type": "text", "required": true, "label": "원문", "paramName": "InputText" },
                { "type": "file", "label": "문서", "paramName": "Documents", "accept": ["csv", "txt"], "maxFiles": 3 },
            ]),
        )
        .config(
            "outputs",
            json!([
                { "type": "text", "label": "번역", "paramName": "TranslateResult" },
                { "type": "file", "label": "파일", "paramName": "ResultFile" },
            ]),
        )
}

async fn sign_in(page: &Page) -> Result<()> {
    page.open("/chat").await?;
    page.pass_login("demo").await?;
    page.wait_for("submit").await?;
    Ok(())
}

#[tokio::test]
async fn korean_names_reach_the_server_as_the_golden_file_says() -> Result<()> {
    let sample = Sample::start().await?;
    World::run(
        "form_drop",
        setup(&sample).login(Login::Direct),
        async |world| {
            sample.trust(&world.sandbox.aicon);
            let page = &world.page;
            sign_in(page).await?;
            page.type_into("field-InputText", "정리해 줘").await?;
            let files: [(&str, &[u8]); 2] = [
                ("판매 보고서 (3월).csv", "월,원\n3,100\n".as_bytes()),
                ("메모.txt", "안녕".as_bytes()),
            ];
            let is_caught: bool = page.ask(DROP_BESIDE, &[]).await?;
            assert!(
                is_caught,
                "the browser would show the file instead of the page"
            );
            page.drop_files("field-Documents", &files).await?;
            page.wait_for_attachments(&["ready", "ready"]).await?;
            page.click("submit").await?;
            page.wait_for("output-").await?;
            let text = sample.texts().pop().unwrap_or_default();
            let golden =
                Path::new(env!("CARGO_MANIFEST_DIR")).join("../wire/chat-type-2.request.txt");
            assert_eq!(text, REQUEST, "{}", golden.display());
            Ok(())
        },
    )
    .await
}

#[tokio::test]
async fn each_file_tells_how_far_it_is_and_a_cancelled_run_keeps_them() -> Result<()> {
    let sample = Sample::start().await?;
    World::run(
        "form_progress",
        setup(&sample).login(Login::None),
        async |world| {
            let page = &world.page;
            page.open("/chat").await?;
            page.type_into("field-InputText", "x").await?;
            let content = vec![b'a'; 400_000];
            let files: [(&str, &[u8]); 2] = [("1.txt", &content), ("2.txt", &content)];
            page.drop_files("field-Documents", &files).await?;
            page.wait_for_attachments(&["ready", "ready"]).await?;
            page.slow_uploads(150_000).await?;
            page.click("submit").await?;
            page.wait_for_attachments(&["uploading", "uploading"])
                .await?;
            page.wait_for_attachments(&["ready", "uploading"]).await?;
            page.click("stop").await?;
            page.wait_for_attachments(&["ready", "ready"]).await?;
            has_focus(page, "submit").await?;
            assert_eq!(page.count("notice").await?, 0);
            page.slow_uploads(0).await?;
            page.click("submit").await?;
            page.wait_for("output-").await?;
            assert_eq!(page.value_of("field-InputText").await?, "x");
            Ok(())
        },
    )
    .await
}

#[tokio::test]
async fn all_results_come_as_one_zip_and_what_is_missing_is_named() -> Result<()> {
    let sample = Sample::start().await?;
    sample.keep("picture.png", &aicon_e2e::picture::png(8, [200, 30, 30]));
    sample.keep("twin.txt", b"twin");
    sample.answer_with("Image", "Picture", "{base}/results/picture.png");
    sample.answer_with("File", "Twin", "{base}/results/%EA%B2%B0%EA%B3%BC.txt");
    sample.answer_with("File", "Gone", "{base}/results/gone.txt");
    sample.answer_with("File", "Foreign", "https://elsewhere.example/far.pdf");
    World::run(
        "form_zip",
        setup(&sample).login(Login::None),
        async |world| {
            let page = &world.page;
            page.open("/chat").await?;
            // By keys alone: Enter runs the form.
            page.type_into("field-InputText", "안녕\u{e007}").await?;
            until("the size of the file", async || {
                let text = page.text_of("output-ResultFile").await?;
                Ok((text.contains("결과.txt") && text.contains("TXT · 9 B")).then_some(()))
            })
            .await?;
            has_focus_in(page, "outputs-title").await?;
            page.catch_downloads().await?;
            page.click("download-all").await?;
            let (name, bytes) = page.caught().await?;
            assert_eq!(name, "results.zip");
            let text = "[] 안녕".as_bytes().to_vec();
            let expected = [
                ("TranslateResult.md", text.clone()),
                ("결과.txt", text.clone()),
                ("picture.png", aicon_e2e::picture::png(8, [200, 30, 30])),
                ("결과 (2).txt", text),
            ];
            assert_eq!(
                entries(bytes),
                expected.map(|(name, content)| (name.to_owned(), content))
            );
            let notice = page.wait_for_notice().await?;
            assert!(
                notice.contains("gone.txt") && notice.contains("far.pdf"),
                "{notice}"
            );
            let gone = page.text_of("output-Gone").await?;
            assert!(
                gone.contains("gone.txt") && !gone.contains("내려받기"),
                "{gone}"
            );
            Ok(())
        },
    )
    .await
}

/// Names and contents of a ZIP's entries.
pub(super) fn entries(bytes: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut entries = Vec::new();
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        entries.push((entry.name().unwrap().into_owned(), content));
    }
    entries
}

async fn has_focus(page: &Page, handle: &str) -> Result<()> {
    let script = "return document.activeElement.dataset.testid || ''";
    until(&format!("the focus on {handle}"), async || {
        let focused: String = page.ask(script, &[]).await?;
        Ok((focused == handle).then_some(()))
    })
    .await
}

async fn has_focus_in(page: &Page, id: &str) -> Result<()> {
    let script = "return document.activeElement.id || ''";
    until(&format!("the focus on #{id}"), async || {
        let focused: String = page.ask(script, &[]).await?;
        Ok((focused == id).then_some(()))
    })
    .await
}
