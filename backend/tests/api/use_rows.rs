//! What the ledger says of each way in which a use ends, as AICON is told it.

use std::time::Duration;

use aicon_backend::config::Dialect;
use aicon_protocol::aicon::RecordUsage;
use serde_json::{Value, json};
use sqlx::SqlitePool;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::app::{TestApp, until};
use crate::fake_recorder::FakeRecorder;
use crate::fake_upstream::{FakeUpstream, Script};
use crate::outbox::report_to;
use crate::tool::tool;
use crate::upstreams::hello;

const DELTA: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"half \"},\"finish_reason\":null}]}\n\n";
const USAGE: &str = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":37,\"completion_tokens\":11,\"total_tokens\":48}}\n\n";
const STOP: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const LENGTH: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}\n\n";
const DONE: &str = "data: [DONE]\n\n";

struct World {
    app: TestApp,
    recorder: FakeRecorder,
}

impl World {
    async fn start(script: Script) -> Self {
        let upstream = FakeUpstream::start(script).await;
        let recorder = FakeRecorder::start().await;
        let app = TestApp::configured(&[], |settings| {
            report_to(&recorder, settings);
            let price = "per-1000-tokens:input=1000,output=100000,minimum=5".parse();
            settings.aicon.clients[0].price = price.unwrap();
            let patience = Duration::from_millis(300);
            upstream.stand_behind(settings, Dialect::ChatCompletions, patience);
        })
        .await;
        Self { app, recorder }
    }

    /// The only report, and whether its tokens are marked as estimated.
    async fn report(&self) -> (RecordUsage, bool) {
        until(|| async { (self.recorder.count() == 1).then_some(()) }).await;
        let list = tool(self.app.data.path(), &["usage", "list", "--json"], "").success();
        let row: Value = serde_json::from_str(list.trim()).unwrap();
        let report = self.recorder.seen().remove(0);
        (report, row["tokens_estimated"].as_bool().unwrap())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_ending_has_its_code_its_amount_and_its_tokens() {
    // "hi" is one token, "half " and "half half " are two and four by our own count.
    for (script, code, amount, tokens, is_estimated, content) in [
        (
            Script::Stream([DELTA, STOP, USAGE, DONE].concat().into(), 4096),
            200,
            37 + 1100,
            (37, 11),
            false,
            "half ",
        ),
        (
            Script::Stream([DELTA, LENGTH, USAGE, DONE].concat().into(), 4096),
            200,
            37 + 1100,
            (37, 11),
            false,
            "half ",
        ),
        (
            Script::Stream([DELTA, STOP, DONE].concat().into(), 4096),
            200,
            201,
            (1, 2),
            true,
            "half ",
        ),
        (
            Script::Stream([DELTA, LENGTH, DONE].concat().into(), 4096),
            200,
            201,
            (1, 2),
            true,
            "half ",
        ),
        (
            Script::Cut([DELTA, DELTA].concat().into()),
            502,
            0,
            (1, 3),
            true,
            "half half ",
        ),
        (Script::Hang(DELTA.into()), 504, 0, (1, 2), true, "half "),
        (Script::Refuse(429, Some("7")), 429, 0, (0, 0), false, ""),
        (Script::Refuse(500, None), 502, 0, (0, 0), false, ""),
        (Script::Silence, 504, 0, (0, 0), false, ""),
        (
            Script::Stream([STOP, DONE].concat().into(), 4096),
            502,
            0,
            (0, 0),
            false,
            "",
        ),
    ] {
        let world = World::start(script.clone()).await;
        let response = world.app.post("/ai/chat", &hello()).send().await.unwrap();
        response.text().await.unwrap();
        let (report, estimated) = world.report().await;
        let info = &report.data_info;
        assert_eq!(
            (
                info.response_code,
                info.amount_for_settlement,
                (info.token_in, info.token_out),
                estimated
            ),
            (code, amount, tokens, is_estimated),
            "{script:?}"
        );
        let parameters = &report.parameter_info;
        assert_eq!(
            (
                parameters.input_content.as_str(),
                parameters.output_content.as_str()
            ),
            ("hi", content)
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_client_that_goes_away_pays_for_what_it_was_sent_and_nothing_for_nothing() {
    for (script, amount, token_out) in [
        (Script::Hang([DELTA, DELTA].concat().into()), 301, 3),
        (Script::Hang(Vec::new()), 0, 0),
    ] {
        let world = World::start(script.clone()).await;
        let mut response = world.app.post("/ai/chat", &hello()).send().await.unwrap();
        let deltas = if token_out > 0 { 2 } else { 0 };
        let mut text = String::new();
        while text.matches("output_text.delta").count() < deltas || text.is_empty() {
            let chunk = response.chunk().await.unwrap().unwrap();
            text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
        drop(response);
        let (report, estimated) = world.report().await;
        let info = report.data_info;
        assert_eq!(
            (
                info.response_code,
                info.amount_for_settlement,
                info.token_in,
                info.token_out,
                estimated
            ),
            (499, amount, 1, token_out, true),
            "{script:?}"
        );
    }
}

#[tokio::test]
async fn a_client_that_leaves_at_any_moment_leaves_no_row_open() {
    const CLIENTS: usize = 200;
    let recorder = FakeRecorder::start().await;
    let app = TestApp::configured(&[], |settings| report_to(&recorder, settings)).await;
    let body = r#"{"message":"hi","model":"echo"}"#;
    let request = format!(
        "POST /ai/chat HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    for number in 0..CLIENTS {
        let mut stream = TcpStream::connect(app.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        // From before the request is read to after the row is there.
        for _ in 0..number {
            tokio::task::yield_now().await;
        }
        drop(stream);
    }
    app.chat(&json!({ "message": "hi", "model": "echo" })).await;
    let database = app.data.path().join("aicon.db");
    let pool = SqlitePool::connect(database.to_str().unwrap())
        .await
        .unwrap();
    let count = "SELECT COUNT(*), SUM(status = 'open') FROM uses";
    until(|| async {
        let (all, open): (i64, i64) = sqlx::query_as(count).fetch_one(&pool).await.unwrap();
        (all > 1 && open == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_prompt_is_counted_with_all_the_turns_before_it() {
    let world = World::start(Script::Stream(
        [DELTA, STOP, USAGE, DONE].concat().into(),
        4096,
    ))
    .await;
    let events = world.app.chat(&hello()).await;
    let body = json!({
        "message": "one two three",
        "model": "echo",
        "previous_response_id": events[0]["response"]["id"],
    });
    world.app.chat(&body).await;
    until(|| async { (world.recorder.count() == 2).then_some(()) }).await;
    // The provider's own count is taken where there is one.
    assert!(world.recorder.seen()[1].data_info.token_in > 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn content_is_sent_as_far_as_the_client_s_setting_lets_it() {
    for (content, input, output) in [
        ("off", "", ""),
        ("3", "안녕하", "안녕하"),
        ("whole", "안녕하세요", "안녕하세요"),
    ] {
        let recorder = FakeRecorder::start().await;
        let app = TestApp::configured(&[], |settings| {
            report_to(&recorder, settings);
            settings.aicon.clients[0].content = content.parse().unwrap();
        })
        .await;
        app.chat(&json!({ "message": "안녕하세요", "model": "echo" }))
            .await;
        until(|| async { (recorder.count() == 1).then_some(()) }).await;
        let sent = recorder.seen().remove(0).parameter_info;
        assert_eq!(
            (sent.input_content.as_str(), sent.output_content.as_str()),
            (input, output),
            "{content}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn without_a_client_uses_are_stored_and_nobody_is_told() {
    let recorder = FakeRecorder::start().await;
    let app = TestApp::configured(&[], |settings| {
        report_to(&recorder, settings);
        settings.aicon.clients = Vec::new();
    })
    .await;
    let events = app.chat(&json!({ "message": "hi", "model": "echo" })).await;
    assert_eq!(events.last().unwrap()["type"], "response.completed");
    let list = tool(app.data.path(), &["usage", "list", "--json"], "").success();
    assert_eq!((list.as_str(), recorder.count()), ("", 0));
}
