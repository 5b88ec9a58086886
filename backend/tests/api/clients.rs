//! Clients by command line: kept sealed, known to a running server within seconds, their secrets never shown.

use aicon_backend::clock::Clock;
use serde_json::{Value, json};

use crate::app::{TestApp, refusal, until};
use crate::fake_aicon::token_of;
use crate::fake_recorder::{Act, FakeRecorder, OK};
use crate::outbox::{ask_through, report_to};
use crate::tool::{tool, tool_with};

const CANARY: &str = "canary-of-a-secret";

async fn start(recorder: &FakeRecorder) -> TestApp {
    let variables = [
        ("AICON_AUTH", "aicon"),
        ("AICON_API_ENDPOINT", recorder.endpoint.as_str()),
    ];
    TestApp::configured(&variables, |settings| {
        report_to(recorder, settings);
        settings.aicon.clients = Vec::new();
    })
    .await
}

async fn ask(app: &TestApp, client: &str, body: &Value) -> reqwest::Response {
    let request = app.post("/ai/chat", body);
    let token = token_of("user-1", client, 4_000_000_000);
    request.bearer_auth(token).send().await.unwrap()
}

async fn known(app: &TestApp, client: &str) {
    let body = json!({ "message": "hi", "model": "no-such-model" });
    until(|| async { (ask(app, client, &body).await.status() == 400).then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_unknown_client_is_refused_until_it_is_added() {
    let recorder = FakeRecorder::start().await;
    let app = start(&recorder).await;
    let body = json!({ "message": "hi", "model": "echo" });
    let (status, code, message) = refusal(ask(&app, "model-2=", &body).await).await;
    assert_eq!((status, code.as_str()), (403, "UNKNOWN_CLIENT"));
    assert!(message.contains("등록되지 않은"), "{message}");
    let arguments = [
        "client",
        "add",
        "model-2=",
        "--price",
        "per-use:11",
        "--content",
        "off",
    ];
    tool(app.data.path(), &arguments, &format!("{CANARY}\n")).success();
    known(&app, "model-2=").await;
    ask_through(&app, "model-2=", "hello").await;
    until(|| async { (recorder.count() == 1).then_some(()) }).await;
    let report = &recorder.seen()[0];
    assert_eq!(report.client_secret.as_deref(), Some(CANARY));
    assert_eq!(report.data_info.amount_for_settlement, 11);
    assert_eq!(report.parameter_info.input_content, "");
    tool(app.data.path(), &["client", "remove", "model-2="], "").success();
    until(|| async { (ask(&app, "model-2=", &body).await.status() == 403).then_some(()) }).await;
}

#[test]
fn a_secret_is_kept_sealed_and_never_shown() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let file = data.join("secret.txt");
    std::fs::write(&file, CANARY).unwrap();
    let mut said = Vec::new();
    said.push(tool(
        data,
        &["client", "add", "sealed="],
        &format!("{CANARY}\n"),
    ));
    let path = file.to_str().unwrap();
    said.push(tool(
        data,
        &["client", "add", "in-a-file", "--secret-file", path],
        "",
    ));
    said.push(tool(
        data,
        &[
            "client",
            "add",
            "in-a-variable",
            "--secret-env",
            "MODEL_SECRET",
        ],
        "",
    ));
    said.push(tool(
        data,
        &["client", "rotate", "sealed="],
        &format!("{CANARY}-2\n"),
    ));
    said.push(tool(data, &["client", "list"], ""));
    said.push(tool(data, &["client", "list", "--json"], ""));
    for said in &said {
        let text = said.everything();
        assert!(!text.contains("canary"), "{text}");
    }
    let list = said.pop().unwrap().success();
    let secrets: Vec<Value> = list
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["secret"].clone())
        .collect();
    assert_eq!(
        secrets,
        [
            json!(format!("file:{path}")),
            json!("env:MODEL_SECRET"),
            json!("sealed")
        ]
    );
    std::fs::remove_file(file).unwrap();
    for entry in std::fs::read_dir(data).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let is_there = bytes.windows(6).any(|window| window == b"canary");
            assert!(!is_there, "{}", path.display());
        }
    }
}

#[test]
fn a_wrong_command_says_what_is_right() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    tool(data, &["client", "add", "a"], "secret\n").success();
    let configured = [("AICON_CLIENT_ID", "b")];
    for (said, part) in [
        (
            tool(data, &["client", "add", "a"], "secret\n"),
            "there already",
        ),
        (
            tool(data, &["client", "add", "c"], "\n"),
            "no secret was given",
        ),
        (
            tool(data, &["client", "add", "c", "--price", "100"], "s\n"),
            "per-use:100",
        ),
        (
            tool(data, &["client", "add", "c", "--content", "some"], "s\n"),
            "`whole`, `off`",
        ),
        (tool(data, &["client", "rotate", "c"], "s\n"), "not there"),
        (tool(data, &["client", "remove", "c"], ""), "not there"),
        (
            tool_with(data, &["client", "add", "b"], "s\n", &configured),
            "in the configuration",
        ),
        (
            tool_with(
                data,
                &["client", "add", "c"],
                "s\n",
                &[("AICON_KEY", "short")],
            ),
            "32 bytes",
        ),
        (tool(data, &["usage", "retry"], ""), "--guid"),
    ] {
        let error = said.failure();
        assert!(error.contains(part), "`{part}` is not in: {error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_aicon_refused_for_a_wrong_secret_goes_out_with_the_new_one() {
    let recorder = FakeRecorder::start().await;
    recorder.otherwise(Act::Answer(401, "", ""));
    let app = start(&recorder).await;
    tool(app.data.path(), &["client", "add", "model-2="], "old\n").success();
    known(&app, "model-2=").await;
    ask_through(&app, "model-2=", "hello").await;
    let parked = || {
        tool(
            app.data.path(),
            &["usage", "list", "--parked", "--json"],
            "",
        )
        .success()
    };
    until(|| async { parked().contains("status 401").then_some(()) }).await;
    recorder.otherwise(OK);
    let said = tool(app.data.path(), &["client", "rotate", "model-2="], "new\n").success();
    assert!(said.contains("1 parked"), "{said}");
    // Who knows this client has read the new secret as well.
    tool(app.data.path(), &["client", "add", "later="], "s\n").success();
    known(&app, "later=").await;
    assert_eq!(
        recorder.count(),
        1,
        "not before each server knows the new secret"
    );
    app.clock
        .advance(Clock::system().now() + 20_000 - app.clock.now());
    until(|| async { (recorder.count() == 2).then_some(()) }).await;
    assert_eq!(recorder.seen()[1].client_secret.as_deref(), Some("new"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn without_a_secret_reports_wait_and_go_out_when_there_is_one() {
    let recorder = FakeRecorder::start().await;
    let app = start(&recorder).await;
    let file = app.data.path().join("later.txt");
    let arguments = [
        "client",
        "add",
        "model-2=",
        "--secret-file",
        file.to_str().unwrap(),
    ];
    tool(app.data.path(), &arguments, "").success();
    known(&app, "model-2=").await;
    ask_through(&app, "model-2=", "hello").await;
    let list = tool(app.data.path(), &["usage", "list", "--json"], "").success();
    assert!(
        list.contains("\"delivery\":\"pending\",\"attempts\":0"),
        "{list}"
    );
    assert_eq!(recorder.count(), 0);
    std::fs::write(&file, "late\n").unwrap();
    until(|| async { (recorder.count() == 1).then_some(()) }).await;
    assert_eq!(recorder.seen()[0].client_secret.as_deref(), Some("late"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_client_s_callers_use_its_models_only() {
    let recorder = FakeRecorder::start().await;
    let app = start(&recorder).await;
    let arguments = ["client", "add", "model-2=", "--model", "echo"];
    tool(app.data.path(), &arguments, "s\n").success();
    known(&app, "model-2=").await;
    let (status, code, message) = refusal(
        ask(
            &app,
            "model-2=",
            &json!({ "message": "hi", "model": "demo" }),
        )
        .await,
    )
    .await;
    assert_eq!((status, code.as_str()), (400, "INVALID_MODEL"));
    assert!(message.ends_with("지원 모델: echo"), "{message}");
    let response = ask(&app, "model-2=", &json!({ "message": "그대로" })).await;
    assert!(response.text().await.unwrap().contains("그대로"));
}
