//! AICON's microsite: registration, import, and the user's side of a model of type 2, with a provider of the test's own.
#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test fails as the test does"
)]

mod common;

use std::fs;

use aicon_sandbox::server::Running;
use common::model::{TestModel, translator};
use common::{CLIENT_ID, TestSandbox, options};
use futures_util::stream;
use reqwest::Response;
use serde_json::{Value, json};

const CHAT: &str = r#"{"title":"도우미","startMessage":"**무엇을** 도와드릴까요?","maxFiles":2,"outputType":"markdown"}"#;
const BOUNDARY: &str = "multipart/form-data; boundary=b-1";

/// A sandbox whose provider is `model`, with this registration.
async fn registered(model: &TestModel, document: &str) -> TestSandbox {
    let sandbox = TestSandbox::start(&["--provider", &model.url]).await;
    assert_eq!(register(&sandbox, document).await.status(), 200);
    sandbox
}

async fn register(sandbox: &TestSandbox, document: &str) -> Response {
    let request = sandbox.client.post(sandbox.aicon("/sandbox/microsite"));
    let request = request.header("content-type", "application/json");
    request.body(document.to_owned()).send().await.unwrap()
}

async fn run(sandbox: &TestSandbox, body: impl Into<reqwest::Body>) -> Response {
    let request = sandbox
        .client
        .post(sandbox.aicon("/microsite/run?user=%ED%95%9C%EA%B8%80-%EC%82%AC%EC%9A%A9%EC%9E%90"))
        .header("content-type", BOUNDARY)
        .header("accept-language", "en");
    request.body(body).send().await.unwrap()
}

async fn page(sandbox: &TestSandbox, path: &str) -> String {
    let request = sandbox.client.get(sandbox.aicon(path));
    let response = request.header("accept-language", "en").send().await;
    response.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn what_the_user_enters_reaches_the_model_run_url_byte_for_byte_with_his_token() {
    let model = TestModel::start().await;
    let sandbox = registered(&model, CHAT).await;
    let body =
        "--b-1\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\n안녕\r\n--b-1--\r\n";
    let answer = run(&sandbox, body).await.text().await.unwrap();
    assert!(
        answer.contains("<strong>안녕</strong> &lt;b&gt;"),
        "{answer}"
    );
    let seen = model.last();
    assert_eq!(seen.path, "/api/Provider/chatting-type");
    assert_eq!(seen.body, body.as_bytes());
    assert_eq!(seen.headers["content-type"], BOUNDARY);
    assert_eq!(seen.headers["content-length"], body.len().to_string());
    let token = seen.headers["authorization"].to_str().unwrap();
    let token = token.strip_prefix("Bearer ").unwrap();
    let known: Value = sandbox.userinfo(token).await.json().await.unwrap();
    assert_eq!(
        known,
        json!({ "user_id": "한글-사용자", "client_id": CLIENT_ID })
    );
}

#[tokio::test]
async fn an_upload_is_passed_on_while_it_comes() {
    let model = TestModel::start().await;
    let sandbox = registered(&model, CHAT).await;
    let (piece, mut pieces) = tokio::sync::mpsc::channel::<Vec<u8>>(1);
    let body = stream::poll_fn(move |cx| {
        pieces
            .poll_recv(cx)
            .map(|piece| piece.map(Ok::<_, std::io::Error>))
    });
    let running = run(&sandbox, reqwest::Body::wrap_stream(body));
    let look = async {
        for length in [10, 20] {
            piece.send(vec![b'x'; length]).await.unwrap();
            // The next piece is not there yet: what arrives is what was sent.
            assert_eq!(model.chunk().await, length);
        }
        drop(piece);
    };
    let (answer, ()) = tokio::join!(running, look);
    assert_eq!(answer.status(), 200);
    assert_eq!(model.last().body.len(), 30);
}

#[tokio::test]
async fn a_zip_goes_on_as_the_file_that_it_is() {
    let model = TestModel::start().await;
    let sandbox = registered(&model, CHAT).await;
    let zip: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    model.reply(200, "application/zip", zip.clone());
    let answer = run(&sandbox, "").await;
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(
        header("content-disposition"),
        "attachment; filename=\"processed_files.zip\""
    );
    assert_eq!(header("content-type"), "application/octet-stream");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(answer.bytes().await.unwrap(), zip);
}

#[tokio::test]
async fn what_the_provider_refuses_is_told_and_what_is_no_answer_too() {
    let model = TestModel::start().await;
    let sandbox = registered(&model, CHAT).await;
    model.reply(422, "application/json", r#"{"detail":"too many <files>"}"#);
    let refused = run(&sandbox, "").await.text().await.unwrap();
    assert!(
        refused.contains("too many &lt;files&gt;") && refused.contains("422"),
        "{refused}"
    );
    model.reply(200, "text/html", "<script>alert(1)</script>");
    let strange = run(&sandbox, "").await.text().await.unwrap();
    assert!(
        strange.contains("data-status=\"error\"") && !strange.contains("<script>alert"),
        "{strange}"
    );
    let away = json!({ "startMessage": "a", "modelRunUrl": "http://127.0.0.1:1/x" });
    assert_eq!(register(&sandbox, &away.to_string()).await.status(), 200);
    let unreachable = run(&sandbox, "").await.text().await.unwrap();
    assert!(
        unreachable.contains("data-status=\"error\""),
        "{unreachable}"
    );
}

#[tokio::test]
async fn nobody_gets_in_while_the_model_is_not_alive() {
    let model = TestModel::start().await;
    let sandbox = registered(&model, CHAT).await;
    let open = |user: &'static str| {
        let request = sandbox.client.post(sandbox.aicon("/microsite/open"));
        async move { request.form(&[("user", user)]).send().await.unwrap() }
    };
    let alive = open("demo").await;
    assert_eq!(alive.status(), 303);
    assert_eq!(alive.headers()["location"], "/microsite/use?user=demo");
    assert_eq!(open("nobody").await.status(), 404);
    model.go_down();
    let down = open("demo").await;
    assert_eq!(down.status(), 200);
    let down = down.text().await.unwrap();
    assert!(
        down.contains("not-alive") && down.contains("&lt;b&gt;starting"),
        "{down}"
    );
    assert_eq!(model.count(), 0);
}

#[tokio::test]
async fn without_a_model_or_a_user_there_is_nothing_to_run() {
    let model = TestModel::start().await;
    let sandbox = TestSandbox::start(&["--provider", &model.url]).await;
    for path in [
        "/microsite",
        "/microsite/use?user=demo",
        "/sandbox/microsite",
    ] {
        let response = sandbox
            .client
            .get(sandbox.aicon(path))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 404, "{path}");
    }
    assert_eq!(run(&sandbox, "").await.status(), 404);
    register(&sandbox, CHAT).await;
    let stranger = sandbox.aicon("/microsite/use?user=nobody");
    assert_eq!(
        sandbox.client.get(stranger).send().await.unwrap().status(),
        404
    );
    let removed = sandbox.client.delete(sandbox.aicon("/sandbox/microsite"));
    assert_eq!(removed.send().await.unwrap().status(), 204);
    assert_eq!(run(&sandbox, "").await.status(), 404);
    assert_eq!(model.count(), 0);
}

#[tokio::test]
async fn what_the_provider_tells_of_its_model_is_registered_as_aicon_s_form_knows_it() {
    let model = TestModel::start().await;
    let sandbox = TestSandbox::start(&["--provider", &model.url]).await;
    let import = |body: Value| {
        let request = sandbox
            .client
            .post(sandbox.aicon("/sandbox/microsite/import"));
        async move { request.json(&body).send().await.unwrap() }
    };
    let registered: Value = import(json!({})).await.json().await.unwrap();
    let row = |kind: &str, required: bool, label: Value, name: &str| json!({ "type": kind, "required": required, "label": label, "paramName": name });
    assert_eq!(
        registered["inputs"],
        json!([
            row(
                "text",
                true,
                json!({ "ko": "원문", "en": "Text" }),
                "InputText"
            ),
            row(
                "text",
                true,
                json!("Into (English, Korean)"),
                "TargetLanguage"
            ),
            row("file", false, json!("Document"), "Document"),
        ])
    );
    let url = format!("{}/api/Provider/chat-multi-input", model.url);
    assert_eq!(registered["modelRunUrl"], url);
    assert_eq!(sandbox.json("/sandbox/microsite").await, registered);
    let named = json!({ "url": format!("{}/ui?model=translator", model.url) });
    let named: Value = import(named).await.json().await.unwrap();
    assert_eq!(named["modelRunUrl"], format!("{url}?model=translator"));
    assert_eq!(import(json!({})).await.status(), 200);
    // What it tells of itself is read again as the same.
    let again: Value = register(&sandbox, &registered.to_string())
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(again, registered);
    for (status, kind, body) in [
        (404, "application/json", "{}"),
        (200, "text/html", "<html>"),
        (200, "application/json", r#"{"uiType":"table"}"#),
    ] {
        model.tell_ui(status, kind, body);
        let refused = import(json!({ "url": format!("{}/ui", model.url) })).await;
        assert_eq!(refused.status(), 502, "{body}");
    }
    assert_eq!(sandbox.json("/sandbox/microsite").await, registered);
}

#[tokio::test]
async fn a_document_that_cannot_be_registered_is_refused_with_its_key() {
    let model = TestModel::start().await;
    let sandbox = TestSandbox::start(&["--provider", &model.url]).await;
    let row = r#"{"type":"text","label":"A","paramName":"A"}"#;
    for (document, key) in [
        ("{}".to_owned(), "startMessage"),
        (
            r#"{"startMessage":"a","maxTextLength":0}"#.to_owned(),
            "maxTextLength",
        ),
        (
            r#"{"startMessage":"a","outputType":"html"}"#.to_owned(),
            "outputType",
        ),
        (
            r#"{"startMessage":"a","modelRunUrl":"ftp://a"}"#.to_owned(),
            "modelRunUrl",
        ),
        (
            format!(r#"{{"uiType":"multiInput","inputs":[{row}]}}"#),
            "outputs",
        ),
        (
            format!(r#"{{"uiType":"multiInput","inputs":[{row},{row}],"outputs":[{row}]}}"#),
            "inputs[1].paramName",
        ),
        (
            r#"{"uiType":"multiInput","inputs":[{"type":"text","label":"A"}]}"#.to_owned(),
            "paramName",
        ),
    ] {
        let refused = register(&sandbox, &document).await;
        assert_eq!(refused.status(), 400, "{document}");
        let refused: Value = refused.json().await.unwrap();
        let error = refused["error"].as_str().unwrap();
        assert!(error.contains(key), "{key} is missing in `{error}`");
    }
    let form = sandbox.client.post(sandbox.aicon("/sandbox/microsite"));
    assert_eq!(form.body(CHAT).send().await.unwrap().status(), 415);
}

#[tokio::test]
async fn a_file_registers_a_model_at_the_start_or_stops_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.json");
    let path = file.to_str().unwrap();
    fs::write(&file, translator().to_string()).unwrap();
    let sandbox = TestSandbox::start(&["--microsite", path]).await;
    assert_eq!(
        sandbox.json("/sandbox/microsite").await["uiType"],
        "multiInput"
    );
    fs::write(&file, r#"{"uiType":"multiInput"}"#).unwrap();
    let Err(error) = Running::start(&options(&["--microsite", path])).await else {
        panic!("it started");
    };
    let error = error.to_string();
    assert!(
        error.contains("model.json") && error.contains("inputs"),
        "{error}"
    );
}

#[tokio::test]
async fn the_fields_of_the_registration_page_are_registered_and_refused_ones_stay() {
    let model = TestModel::start().await;
    let sandbox = TestSandbox::start(&["--provider", &model.url]).await;
    let url = format!("{}/run?model=a", model.url);
    let mut fields = vec![
        ("kind", "multi-input"),
        ("title", "번역기"),
        ("model_run_url", url.as_str()),
        ("input_type", "text"),
        ("input_required", "yes"),
        ("input_label", "원문"),
        ("input_param", "InputText"),
        ("input_type", "file"),
        ("input_required", "no"),
        ("input_label", "문서"),
        ("input_param", "Document"),
        ("output_type", "image"),
        ("output_label", "그림"),
        ("output_param", ""),
    ];
    let submit = |fields: &[(&str, &str)]| {
        let request = sandbox.client.post(sandbox.aicon("/microsite/register"));
        let request = request.header("accept-language", "en").form(fields);
        async move { request.send().await.unwrap() }
    };
    let refused = submit(&fields).await;
    assert_eq!(refused.status(), 200);
    let refused = refused.text().await.unwrap();
    assert!(refused.contains("outputs[0].paramName"), "{refused}");
    for kept in ["InputText", "원문", "Document", "그림"] {
        assert!(refused.contains(kept), "{kept} is gone");
    }
    fields.pop();
    fields.push(("output_param", "Picture"));
    assert_eq!(submit(&fields).await.status(), 303);
    let registered = sandbox.json("/sandbox/microsite").await;
    assert_eq!(registered["modelRunUrl"], url);
    assert_eq!(
        registered["inputs"][1],
        json!({ "type": "file", "required": false, "label": "문서", "paramName": "Document" })
    );
    assert_eq!(
        registered["outputs"],
        json!([{ "type": "Image", "label": "그림", "paramName": "Picture" }])
    );
    let shown = page(&sandbox, "/microsite/register").await;
    assert!(shown.contains("value=\"Picture\""), "{shown}");
}

#[tokio::test]
async fn an_outlink_leads_out_with_the_user_s_id_while_the_model_is_alive() {
    let model = TestModel::start().await;
    let flags = [
        "--provider",
        &model.url,
        "--outlink",
        "https://model.example/app",
    ];
    let sandbox = TestSandbox::start(&flags).await;
    let open = |user: &'static str| {
        let request = sandbox.client.post(sandbox.aicon("/outlink"));
        async move { request.form(&[("user", user)]).send().await.unwrap() }
    };
    assert!(
        page(&sandbox, "/outlink")
            .await
            .contains("https://model.example/app")
    );
    let out = open("한글-사용자").await;
    assert_eq!(out.status(), 303);
    let place = url::Url::parse(out.headers()["location"].to_str().unwrap()).unwrap();
    assert_eq!(place.path(), "/app");
    assert_eq!(
        common::query_value(&place, "userid").unwrap(),
        "한글-사용자"
    );
    assert_eq!(open("nobody").await.status(), 404);
    model.go_down();
    assert!(
        open("demo")
            .await
            .text()
            .await
            .unwrap()
            .contains("not-alive")
    );
    let without = TestSandbox::start(&[]).await;
    let none = without
        .client
        .get(without.aicon("/outlink"))
        .send()
        .await
        .unwrap();
    assert_eq!(none.status(), 404);
}
