//! AICON's microsite in a real browser: what a user of a model of type 2 sees, in both languages, on a desktop and on a phone.
#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test fails as the test does"
)]

mod common;

use common::TestSandbox;
use common::browser::Browser;
use common::model::{TestModel, translator};
use common::new_usage;
use serde_json::{Value, json};
use thirtyfour::By;

const HOSTILE: &str = "<img src=x onerror='window.struck=1'> <script>window.struck=1</script> \
    [x](javascript:window.struck=1) ![p](https://tracker.example/p.png)\n\n```html\n<svg onload=window.struck=1>\n```";

async fn start(model: &TestModel, document: &Value) -> TestSandbox {
    let sandbox = TestSandbox::start(&["--provider", &model.url]).await;
    let request = sandbox.client.post(sandbox.aicon("/sandbox/microsite"));
    let response = request.json(document).send().await.unwrap();
    assert_eq!(response.status(), 200);
    sandbox
}

async fn type_into(browser: &Browser, test_id: &str, text: &str) {
    let field = By::Css(format!("[data-testid='{test_id}']"));
    let field = browser.driver.find(field).await.unwrap();
    field.send_keys(text).await.unwrap();
}

async fn text(browser: &Browser, test_id: &str) -> String {
    browser
        .eval(&format!(
            "document.querySelector('[data-testid={test_id}]').innerText"
        ))
        .await
}

/// Waits for an answer with this status.
async fn answered(browser: &Browser, status: &str) {
    let found =
        format!("document.querySelector('[data-testid=answer][data-status={status}]') !== null");
    browser.until(&found).await;
}

async fn overflow(browser: &Browser) -> i64 {
    browser
        .eval("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        .await
}

#[tokio::test]
async fn a_chat_from_run_model_to_the_answer_a_refusal_and_a_download() {
    let model = TestModel::start().await;
    let start_message =
        "안녕하세요, **도우미**입니다.\n\n- [규정](https://rules.example)\n- <b>굵게</b>";
    let sandbox = start(
        &model,
        &json!({ "title": "도우미", "startMessage": start_message, "maxFiles": 1 }),
    )
    .await;
    let browser = Browser::start("ko-KR,ko").await;
    browser.driver.goto(sandbox.aicon("/")).await.unwrap();
    browser.click("microsite").await;
    browser.click("open").await;
    browser
        .until("document.querySelector('[data-testid=prompt]') !== null")
        .await;
    let rendered: Value = browser
        .eval("(m => [m.querySelector('strong').innerText, m.querySelector('li a').href, m.querySelectorAll('b').length])(document.querySelector('[data-testid=start-message]'))")
        .await;
    assert_eq!(rendered, json!(["도우미", "https://rules.example/", 0]));

    type_into(&browser, "prompt", "첫 질문\u{e007}").await;
    answered(&browser, "done").await;
    assert_eq!(text(&browser, "question").await, "첫 질문");
    assert!(text(&browser, "answer").await.starts_with("안녕 <b>"));
    let body = String::from_utf8(model.last().body).unwrap();
    assert!(
        body.contains("name=\"prompt\"\r\n\r\n첫 질문\r\n"),
        "{body}"
    );
    assert!(
        !body.contains("filename"),
        "a field without a file is no part of it: {body}"
    );
    assert_eq!(
        browser
            .eval::<String>("document.querySelector('#prompt').value")
            .await,
        ""
    );

    model.reply(
        413,
        "application/json",
        r#"{"detail":"파일이 너무 큽니다"}"#,
    );
    type_into(&browser, "prompt", "두 번째").await;
    browser.click("submit").await;
    answered(&browser, "error").await;
    assert_eq!(text(&browser, "detail").await, "파일이 너무 큽니다");
    assert_eq!(
        browser
            .eval::<String>("document.querySelector('#prompt').value")
            .await,
        "두 번째"
    );

    let folder = tempfile::tempdir().unwrap();
    let paths = ["가.txt", "나.txt"].map(|name| folder.path().join(name));
    for path in &paths {
        std::fs::write(path, "내용").unwrap();
    }
    let both = paths
        .each_ref()
        .map(|path| path.to_str().unwrap())
        .join("\n");
    type_into(&browser, "files", &both).await;
    browser.click("submit").await;
    browser
        .until("document.querySelector('#complaint').innerText.endsWith('1')")
        .await;
    browser
        .eval::<Value>("(document.querySelector('[data-testid=files]').value = '', null)")
        .await;
    model.reply(200, "application/zip", b"PK-zip".to_vec());
    type_into(&browser, "files", paths[0].to_str().unwrap()).await;
    browser.click("submit").await;
    browser
        .until("document.querySelector('[data-testid=download]') !== null")
        .await;
    let name = "document.querySelector('[data-testid=download]').download";
    assert_eq!(browser.eval::<String>(name).await, "processed_files.zip");
    let body = String::from_utf8(model.last().body).unwrap();
    assert!(
        body.contains("filename=\"가.txt\"") && body.contains("내용"),
        "{body}"
    );
    browser.quit().await;
}

#[tokio::test]
async fn a_form_sends_its_rows_and_shows_the_rows_of_the_result() {
    let model = TestModel::start().await;
    let sandbox = start(&model, &translator()).await;
    let browser = Browser::start("en-US,en").await;
    for width in [390, 1280] {
        browser.set_width(width).await;
        browser
            .driver
            .goto(sandbox.aicon("/microsite/use?user=demo"))
            .await
            .unwrap();
        assert_eq!(text(&browser, "start-message").await, "Enter a text.");
        type_into(&browser, "field-InputText", "안녕하세요").await;
        let before = model.count();
        browser.click("submit").await;
        assert_eq!(model.count(), before, "a required row is empty");
        type_into(&browser, "field-TargetLanguage", "English").await;
        let result = json!([
            { "Type": "TEXT", "ParamName": "TranslateResult", "Value": "Hello <b>\nthere" },
            { "Type": "File", "ParamName": "TranslateFile", "Value": format!("{}/files/x/%EB%B2%88%EC%97%AD.txt", model.url) },
        ]);
        model.reply(200, "application/json", result.to_string());
        browser.click("submit").await;
        answered(&browser, "done").await;
        assert_eq!(
            text(&browser, "output-TranslateResult").await,
            "Translation\nHello <b>\nthere"
        );
        assert!(
            text(&browser, "output-TranslateFile")
                .await
                .contains("번역.txt")
        );
        let kept: String = browser
            .eval("document.querySelector('[data-testid=field-InputText]').value")
            .await;
        assert_eq!(kept, "안녕하세요", "to be run again with changes");
        let body = String::from_utf8(model.last().body).unwrap();
        assert!(
            body.contains("name=\"InputText\"\r\n\r\n안녕하세요\r\n") && !body.contains("Document"),
            "{body}"
        );
        assert_eq!(overflow(&browser).await, 0, "{width}");
    }
    browser.quit().await;
}

#[tokio::test]
async fn hostile_answers_stay_text_and_load_nothing() {
    let model = TestModel::start().await;
    let sandbox = start(
        &model,
        &json!({ "title": HOSTILE, "startMessage": HOSTILE }),
    )
    .await;
    let browser = Browser::start("en-US,en").await;
    browser
        .driver
        .goto(sandbox.aicon("/microsite/use?user=demo"))
        .await
        .unwrap();
    for (status, shown, body) in [
        (200, "done", json!({ "message": HOSTILE })),
        (400, "error", json!({ "detail": HOSTILE })),
    ] {
        model.reply(status, "application/json", body.to_string());
        type_into(&browser, "prompt", HOSTILE).await;
        browser.click("submit").await;
        answered(&browser, shown).await;
    }
    let traces: Value = browser
        .eval("[document.querySelectorAll('main :is(img,svg,iframe,script,style,object,embed)').length, window.struck ?? 0, \
            Array.from(document.querySelectorAll('main a'), (a) => a.protocol).filter((p) => !/^https?:$/.test(p)).length, \
            performance.getEntriesByType('resource').filter((r) => new URL(r.name).origin !== location.origin).length]")
        .await;
    assert_eq!(traces, json!([0, 0, 0, 0]));
    browser.quit().await;
}

#[tokio::test]
async fn rows_grow_by_add_and_the_cost_of_a_use_appears_by_itself() {
    let model = TestModel::start().await;
    let sandbox = TestSandbox::start(&["--provider", &model.url]).await;
    let browser = Browser::start("en-US,en").await;
    for width in [390, 1280] {
        browser.set_width(width).await;
        browser
            .driver
            .goto(sandbox.aicon("/microsite/register"))
            .await
            .unwrap();
        browser.click("kind-multi-input").await;
        browser.click("add-input").await;
        let rows: Value = browser
            .eval("[document.querySelectorAll('#inputs .row-of-form').length, document.querySelectorAll('#outputs .row-of-form').length]")
            .await;
        assert_eq!(rows, json!([2, 1]));
        assert_eq!(overflow(&browser).await, 0, "{width}");
    }
    let fill = "document.querySelectorAll('#register :is([name$=_label],[name$=_param])').forEach((field, n) => { field.value = `Field${n >> 1}`; })";
    browser.eval::<Value>(&format!("({fill}, null)")).await;
    browser.click("register").await;
    browser.click("open").await;
    browser
        .until("document.querySelector('[data-testid=field-Field1]') !== null")
        .await;
    assert_eq!(text(&browser, "cost").await, "₩0");
    let record = sandbox
        .client
        .post(sandbox.aicon("/api/Provider/record-usage"));
    assert_eq!(
        record.json(&new_usage()).send().await.unwrap().status(),
        200
    );
    browser
        .until("document.querySelector('[data-testid=cost]').innerText === '₩150'")
        .await;

    browser
        .driver
        .goto(sandbox.aicon("/microsite/register"))
        .await
        .unwrap();
    browser.click("import").await;
    browser
        .until("document.querySelector('[value=TargetLanguage]') !== null")
        .await;
    browser.quit().await;
}
