//! Which definition a request gets, what of it reaches the model, and definitions that are wrong.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use aicon_backend::config::Dialect;
use serde_json::{Value, json};

use crate::app::{TestApp, json_of, refusal};
use crate::fake_aicon::{FakeAicon, token_of};
use crate::fake_upstream::{FakeUpstream, Script};
use crate::form_body::FormBody;
use crate::forms::{defined, detail, post, value};
use crate::outbox::client;
use crate::upstreams::{DIALECTS, TEXT};

const TALK: &str = r#"
name = "talk"
kind = "chat"
llm = "model-1"
system = "당신은 상담원입니다."
max_text_length = 10
max_files = 0
"#;

#[tokio::test]
async fn a_conversation_s_definition_has_its_llm_and_its_system_prompt_in_every_dialect() {
    for (dialect, golden) in DIALECTS {
        let upstream = FakeUpstream::start(Script::Stream(golden.to_vec(), 4096)).await;
        let app = TestApp::configured(&[], |settings| {
            upstream.stand_behind(settings, dialect, Duration::from_millis(500));
            settings.definitions = Some(folder_of(&[("talk.toml", TALK)]));
        })
        .await;
        let events = app.chat(&json!({ "message": "hi", "model": "talk" })).await;
        assert_eq!(events.last().unwrap()["response"]["content"], TEXT);
        let form = FormBody::new().text("prompt", "hi");
        let said = json_of(post(&app, "/chat", form).await).await;
        assert_eq!(said, json!({ "message": TEXT }));
        for seen in upstream.seen() {
            let (system, model) = match dialect {
                Dialect::Responses => (&seen.body["instructions"], &seen.body["model"]),
                Dialect::ChatCompletions => {
                    (&seen.body["messages"][0]["content"], &seen.body["model"])
                }
                Dialect::Messages => (&seen.body["system"], &seen.body["model"]),
                Dialect::Gemini => (
                    &seen.body["systemInstruction"]["parts"][0]["text"],
                    &Value::Null,
                ),
            };
            assert_eq!(system, "당신은 상담원입니다.", "{dialect:?}");
            assert!(model.is_null() || model == "model-1", "{dialect:?}");
        }
        assert_eq!(upstream.seen().len(), 2);
        let long = app.post(
            "/ai/chat",
            &json!({ "message": "열한 글자보다 긴 글", "model": "talk" }),
        );
        let (status, code, text) = refusal(long.send().await.unwrap()).await;
        assert_eq!((status, code.as_str()), (400, "INVALID_PARAM"));
        assert_eq!(text, "message: 최대 10자까지 쓸 수 있습니다");
    }
}

#[tokio::test]
async fn the_shipped_definitions_run_on_every_dialect() {
    for (dialect, golden) in DIALECTS {
        let upstream = FakeUpstream::start(Script::Stream(golden.to_vec(), 7)).await;
        let app = TestApp::configured(&[], |settings| {
            crate::forms::shipped(settings);
            upstream.stand_behind(settings, dialect, Duration::from_millis(500));
            settings.ai.provider = "fake".to_owned();
            settings.ai.model = Some("model-1".to_owned());
        })
        .await;
        let form = FormBody::new()
            .file(
                "Documents",
                "매출 보고.txt",
                "삼월 매출은 백만 원입니다".as_bytes(),
            )
            .text("Length", "세 문장");
        let outputs = json_of(post(&app, "/chat-type-2?model=summarizer", form).await).await;
        assert_eq!(value(&outputs, "Summary"), TEXT, "{dialect:?}");
        let file = app
            .client
            .get(value(&outputs, "SummaryFile"))
            .send()
            .await
            .unwrap();
        assert_eq!(file.text().await.unwrap(), TEXT);
        let form = FormBody::new().text("prompt", "안녕하세요");
        let said = json_of(post(&app, "/chat", form).await).await;
        assert_eq!(said, json!({ "message": TEXT }), "{dialect:?}");
        let seen = upstream.seen();
        assert!(
            seen[0]
                .body
                .to_string()
                .contains("삼월 매출은 백만 원입니다")
        );
        assert!(seen[1].body.to_string().contains("업무 도우미입니다"));
        let form = FormBody::new()
            .text("InputText", "안녕")
            .text("TargetLanguage", "English");
        if dialect == Dialect::ChatCompletions {
            let answer = "{\"TranslateResult\": \"Hello\", \"Notes\": \"None.\"}";
            upstream.play(Script::Stream(crate::forms_ledger::said(answer), 7));
            let outputs = json_of(post(&app, "/chat-type-2?model=translator", form).await).await;
            assert_eq!(
                (value(&outputs, "TranslateResult"), value(&outputs, "Notes")),
                ("Hello", "None.")
            );
        } else {
            // A text where an object was asked for.
            let refused = post(&app, "/chat-type-2?model=translator", form).await;
            assert_eq!(refused.status(), 502, "{dialect:?}");
        }
    }
}

/// A folder that lives as long as the process; tests end soon.
fn folder_of(files: &[(&str, &str)]) -> std::path::PathBuf {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder.keep()
}

fn form_of(name: &str, clients: &str) -> String {
    format!(
        "name = \"{name}\"\nkind = \"multi-input\"\nllm = \"echo\"\nclients = [{clients}]\nprompt = \"{name}: {{{{ A }}}}\"\n\
         [[inputs]]\ntype = \"text\"\nparam_name = \"A\"\n[[outputs]]\ntype = \"text\"\nparam_name = \"B\"\n"
    )
}

#[tokio::test]
async fn the_caller_s_client_then_the_name_then_the_file_s_name_decide() {
    let folder = folder_of(&[
        ("1.toml", &form_of("first", "")),
        ("2.toml", &form_of("second", "")),
        ("3.toml", &form_of("own", "\"client-b\"")),
    ]);
    let aicon = FakeAicon::start().await;
    let variables = [
        ("AICON_AUTH", "aicon"),
        ("AICON_API_ENDPOINT", aicon.endpoint.as_str()),
    ];
    let app = TestApp::configured(&variables, |settings| {
        settings.definitions = Some(folder);
        settings.aicon.clients = vec![client("client-a"), client("client-b")];
    })
    .await;
    let tokens = ["client-a", "client-b"].map(|client| token_of("user-1", client, 4_000_000_000));
    let ask = async |token: &str, query: &str, field: Option<&str>| {
        let mut form = FormBody::new().text("A", "x");
        if let Some(field) = field {
            form = form.text("model", field);
        }
        let request = app.client.post(app.url(&format!("/chat-type-2{query}")));
        let request = request
            .header("content-type", FormBody::content_type())
            .bearer_auth(token);
        let response = request.body(form.finish()).send().await.unwrap();
        if response.status() == 200 {
            json_of(response).await[0]["Value"]
                .as_str()
                .unwrap()
                .to_owned()
        } else {
            let (status, text) = detail(response).await;
            format!("{status} {text}")
        }
    };
    let (a, b) = (tokens[0].as_str(), tokens[1].as_str());
    assert_eq!(ask(a, "", None).await, "first: x");
    assert_eq!(ask(a, "?model=second", None).await, "second: x");
    assert_eq!(ask(a, "", Some("second")).await, "second: x");
    assert_eq!(
        ask(a, "?model=own", None).await,
        "400 지원하지 않는 모델: own. 지원 모델: first, second"
    );
    assert_eq!(ask(b, "", None).await, "own: x");
    assert_eq!(
        ask(b, "?model=first", None).await,
        "400 지원하지 않는 모델: first. 지원 모델: own"
    );
    assert_eq!(
        json_of(app.get("/ui?client_id=client-b").await).await["model"],
        "own"
    );
    assert_eq!(
        json_of(app.get("/ui?client_id=client-a").await).await["model"],
        "first"
    );
    let request = app.client.post(app.url("/chat-type-2"));
    let request = request.header("content-type", FormBody::content_type());
    let response = request
        .body(FormBody::new().text("A", "x").finish())
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
    assert_eq!(
        detail(response).await,
        (401, "로그인이 필요합니다".to_owned())
    );
}

#[tokio::test]
async fn who_names_a_model_that_nobody_has_is_told_the_conversations_too() {
    let (app, _folder) = defined(&TALK.replace("model-1", "echo")).await;
    let response = app.post("/ai/chat", &json!({ "message": "hi", "model": "nobody" }));
    let (status, code, text) = refusal(response.send().await.unwrap()).await;
    assert_eq!((status, code.as_str()), (400, "INVALID_MODEL"));
    assert_eq!(
        text,
        "지원하지 않는 모델: nobody. 지원 모델: talk, demo, echo"
    );
    let first = app.chat(&json!({ "message": "hi" })).await;
    assert_eq!(first.last().unwrap()["response"]["model"], "echo");
}

#[tokio::test]
async fn the_name_of_a_definition_is_no_llm_s_to_who_names_it_wrongly() {
    let (app, _folder) = defined(&form_of("only", "")).await;
    let form = FormBody::new().text("A", "x");
    let (status, text) = detail(post(&app, "/chat-type-2?model=echo", form).await).await;
    assert_eq!(
        (status, text.as_str()),
        (400, "지원하지 않는 모델: echo. 지원 모델: only")
    );
}

fn start_with(models: &Path) -> (Option<i32>, String) {
    let data = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_aicon-backend"))
        .env_clear()
        .args(["serve", "--listen", "127.0.0.1:0", "--models"])
        .arg(models)
        .arg("--data")
        .arg(data.path().join("data"))
        .output()
        .unwrap();
    assert!(
        !data.path().join("data").exists(),
        "it has started half-way"
    );
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn broken_definitions_are_all_told_and_nothing_is_started() {
    let wrong = form_of("first", "").replace("{{ A }}", "{{ B }}");
    let folder = folder_of(&[
        ("1.toml", &wrong),
        (
            "2.toml",
            &form_of("second", "").replace("llm = \"echo\"", "llm = \"gpt-9\""),
        ),
        ("3.toml", &form_of("second", "")),
        ("4.toml", &form_of("second", "")),
        ("notes.txt", "not one"),
    ]);
    let (code, text) = start_with(&folder);
    assert_eq!(code, Some(2));
    let at = |file: &str, rest: &str| format!("{}, {rest}", folder.join(file).display());
    for line in [
        at("1.toml", "line 5: key `prompt`: unknown input `B`"),
        at(
            "2.toml",
            "line 3: key `llm`: no provider has the model `gpt-9`; expected one of demo, echo",
        ),
        at(
            "4.toml",
            "line 1: key `name`: another file defines the model `second` already",
        ),
    ] {
        assert!(text.contains(&line), "{line}\n{text}");
    }
    let (code, text) = start_with(&folder.join("nowhere"));
    assert_eq!(code, Some(2));
    assert!(
        text.contains("key `definitions` (AICON_MODELS, --models): found no folder"),
        "{text}"
    );
}
