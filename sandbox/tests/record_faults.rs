//! Faults of record usage: what the wire shows, and what was recorded behind it.
#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test fails as the test does"
)]

mod common;

use std::time::{Duration, Instant};

use common::{TestSandbox, new_usage};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PATH: &str = "/api/Provider/record-usage";

/// For what has to come, on however busy a machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// For an answer that never comes.
const SHORT: Duration = Duration::from_millis(400);

async fn send(sandbox: &TestSandbox, usage: &Value) -> reqwest::Result<Response> {
    send_within(PATIENCE, sandbox, usage).await
}

async fn send_within(
    patience: Duration,
    sandbox: &TestSandbox,
    usage: &Value,
) -> reqwest::Result<Response> {
    let request = sandbox.client.post(sandbox.aicon(PATH)).json(usage);
    request.timeout(patience).send().await
}

async fn set(sandbox: &TestSandbox, change: Value) {
    let response = sandbox.set_faults(json!({ "record_usage": change })).await;
    assert_eq!(response.status(), 200);
}

fn guid(usage: &Value) -> &str {
    usage["dataInfo"]["usageGUID"].as_str().unwrap()
}

async fn known(sandbox: &TestSandbox, usage: &Value) -> Value {
    sandbox
        .json(&format!("/sandbox/usages/{}", guid(usage)))
        .await
}

async fn struck(sandbox: &TestSandbox, fault: &str) -> u64 {
    let counters = sandbox.json("/sandbox/counters").await;
    counters["record_usage_faults"][fault].as_u64().unwrap()
}

/// What a client without a library sees: the bytes until the end, and how the connection ended.
async fn raw(sandbox: &TestSandbox, usage: &Value) -> (Vec<u8>, std::io::Result<usize>) {
    let address = sandbox.aicon("").replace("http://", "");
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let body = usage.to_string();
    let request = format!(
        "POST {PATH} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let end = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    (bytes, end.expect("the connection ends"))
}

/// Under a fault that is always on, then without it: the use arrives once, and both tries are counted.
async fn heals(fault: &str, is_recorded: bool, check: impl AsyncFn(&TestSandbox, &Value)) {
    let sandbox = TestSandbox::start(&["--fault", &format!("{fault}=100")]).await;
    let usage = new_usage();
    check(&sandbox, &usage).await;
    let until = Instant::now() + PATIENCE;
    while struck(&sandbox, fault).await == 0 {
        assert!(Instant::now() < until, "{fault} does not strike");
    }
    let first = known(&sandbox, &usage).await;
    assert_eq!(
        (&first["recorded"], &first["tries"]),
        (&json!(is_recorded), &json!(1)),
        "{fault}"
    );
    assert_eq!(struck(&sandbox, fault).await, 1, "{fault}");

    set(&sandbox, json!({ "percent": { fault: 0 } })).await;
    assert_eq!(send(&sandbox, &usage).await.unwrap().status(), 200);
    let then = known(&sandbox, &usage).await;
    assert_eq!(
        (&then["recorded"], &then["tries"], &then["repeats"]),
        (&json!(true), &json!(2), &json!(u64::from(is_recorded))),
        "{fault}"
    );
    let summary = sandbox.json("/sandbox/summary").await;
    assert_eq!(
        (&summary["count"], &summary["sum_won"]),
        (&json!(1), &json!(150))
    );
    assert_eq!(
        (&summary["tries"], &summary["conflicts"]),
        (&json!(2), &json!(0))
    );
}

#[tokio::test]
async fn an_error_is_a_500_and_records_nothing() {
    heals("error", false, async |sandbox, usage| {
        assert_eq!(send(sandbox, usage).await.unwrap().status(), 500);
    })
    .await;
}

#[tokio::test]
async fn too_many_requests_names_the_seconds_to_wait() {
    heals("too_many_requests", false, async |sandbox, usage| {
        set(sandbox, json!({ "retry_after_s": 7 })).await;
        let response = send(sandbox, usage).await.unwrap();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "7");
    })
    .await;
}

#[tokio::test]
async fn a_timeout_never_answers_and_records_nothing() {
    heals("timeout", false, async |sandbox, usage| {
        let error = send_within(SHORT, sandbox, usage).await.unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn a_timeout_after_the_commit_never_answers_and_has_recorded() {
    heals("commit_timeout", true, async |sandbox, usage| {
        let error = send_within(SHORT, sandbox, usage).await.unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_closes_the_connection_without_a_byte_and_has_recorded() {
    heals("lost_answer", true, async |sandbox, usage| {
        let (bytes, end) = raw(sandbox, usage).await;
        assert_eq!((bytes, end.unwrap()), (Vec::<u8>::new(), 0));
    })
    .await;
}

#[tokio::test]
async fn a_reset_resets_the_connection_and_records_nothing() {
    heals("reset", false, async |sandbox, usage| {
        let (bytes, end) = raw(sandbox, usage).await;
        assert_eq!(bytes, Vec::<u8>::new());
        assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    })
    .await;
}

#[tokio::test]
async fn garbage_is_a_200_without_json_and_has_recorded() {
    heals("garbage", true, async |sandbox, usage| {
        let response = send(sandbox, usage).await.unwrap();
        assert_eq!(response.status(), 200);
        let bytes = response.bytes().await.unwrap();
        assert!(serde_json::from_slice::<Value>(&bytes).is_err());
    })
    .await;
}

#[tokio::test]
async fn a_proxys_page_is_a_200_and_records_nothing() {
    heals("garbage_uncommitted", false, async |sandbox, usage| {
        let response = send(sandbox, usage).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(
            response.headers()["content-type"],
            "text/html; charset=utf-8"
        );
    })
    .await;
}

#[tokio::test]
async fn a_user_can_be_refused_for_good_while_others_pass() {
    let flags = [
        "--fault",
        "refuse_user=demo",
        "--fault",
        "refuse_status=403",
    ];
    let sandbox = TestSandbox::start(&flags).await;
    let mut other = new_usage();
    other["userId"] = json!("other");
    assert_eq!(
        send(&sandbox, &new_usage()).await.unwrap().status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(send(&sandbox, &other).await.unwrap().status(), 200);
    assert_eq!(struck(&sandbox, "refused").await, 1);
    assert_eq!(sandbox.json("/sandbox/summary").await["unrecorded"], 1);
}

#[tokio::test]
async fn an_outage_resets_all_calls_until_it_ends() {
    let sandbox = TestSandbox::start(&[]).await;
    set(&sandbox, json!({ "outage_s": 600 })).await;
    assert!(send(&sandbox, &new_usage()).await.is_err());
    let faults = sandbox.json("/sandbox/faults").await;
    let left = faults["record_usage"]["outage_s"].as_f64().unwrap();
    assert!((590.0..=600.0).contains(&left));
    set(&sandbox, json!({ "outage_s": 0.2 })).await;
    let usage = new_usage();
    let until = Instant::now() + Duration::from_secs(10);
    while send(&sandbox, &usage).await.is_err() {
        assert!(Instant::now() < until, "the outage does not end");
    }
    assert!(struck(&sandbox, "outage").await >= 1);
}

#[tokio::test]
async fn a_delay_comes_on_top_of_any_outcome() {
    let sandbox = TestSandbox::start(&["--fault", "delay_ms=150,error=100"]).await;
    let started = Instant::now();
    assert_eq!(send(&sandbox, &new_usage()).await.unwrap().status(), 500);
    assert!(started.elapsed() >= Duration::from_millis(150));
    assert_eq!(struck(&sandbox, "delay").await, 1);
}

#[tokio::test]
async fn a_seed_repeats_the_run_of_many_faults_at_once() {
    let flags = [
        "--fault",
        "seed=42,error=25,too_many_requests=20,lost_answer=15,reset=10",
    ];
    let mut runs = Vec::new();
    for _ in 0..2 {
        let sandbox = TestSandbox::start(&flags).await;
        let mut run = Vec::new();
        for _ in 0..60 {
            let status = send(&sandbox, &new_usage()).await.map(|r| r.status());
            run.push(status.ok());
        }
        runs.push((run, sandbox.json("/sandbox/counters").await));
    }
    assert_eq!(runs[0], runs[1]);
    for fault in ["error", "too_many_requests", "lost_answer", "reset"] {
        assert!(
            runs[0].1["record_usage_faults"][fault].as_u64() > Some(0),
            "{fault}"
        );
    }
    assert!(runs[0].0.contains(&Some(StatusCode::OK)));
}

#[tokio::test]
async fn a_resend_with_another_body_is_a_conflict_even_if_the_first_one_failed() {
    let sandbox = TestSandbox::start(&["--fault", "error=100"]).await;
    let usage = new_usage();
    send(&sandbox, &usage).await.unwrap();
    set(&sandbox, json!({ "clear": true })).await;
    let mut other = usage.clone();
    other["parameterInfo"]["outputContent"] = json!("something else");
    send(&sandbox, &other).await.unwrap();
    assert_eq!(sandbox.json("/sandbox/summary").await["conflicts"], 1);
    let conflicts = sandbox.json("/sandbox/conflicts").await;
    assert_eq!(
        conflicts[0]["first"]["parameterInfo"],
        usage["parameterInfo"]
    );
    assert_eq!(
        conflicts[0]["then"]["parameterInfo"],
        other["parameterInfo"]
    );
    assert!(!conflicts.to_string().contains(common::CLIENT_SECRET));
}

#[tokio::test]
async fn the_sandbox_stops_while_calls_wait_for_ever() {
    let sandbox = TestSandbox::start(&["--fault", "timeout=100"]).await;
    let call = tokio::spawn(
        sandbox
            .client
            .post(sandbox.aicon(PATH))
            .json(&new_usage())
            .send(),
    );
    let until = Instant::now() + Duration::from_secs(10);
    while struck(&sandbox, "timeout").await == 0 {
        assert!(Instant::now() < until, "the call does not arrive");
    }
    let TestSandbox { running, client } = sandbox;
    drop(client);
    let stopped = tokio::time::timeout(Duration::from_secs(10), running.stop()).await;
    stopped.expect("it stops").unwrap();
    assert!(call.await.unwrap().is_err());
}

#[tokio::test]
async fn a_further_model_records_under_its_own_id() {
    let sandbox = TestSandbox::start(&["--more-client", "second=:its-secret"]).await;
    let mut usage = new_usage();
    usage["clientId"] = json!("second=");
    assert_eq!(send(&sandbox, &usage).await.unwrap().status(), 401);
    usage["clientSecret"] = json!("its-secret");
    assert_eq!(send(&sandbox, &usage).await.unwrap().status(), 200);
    send(&sandbox, &new_usage()).await.unwrap();
    let summary = sandbox.json("/sandbox/summary").await;
    assert_eq!(summary["clients"]["second="]["sum_won"], 150);
    assert_eq!(summary["clients"][common::CLIENT_ID]["count"], 1);
}

#[tokio::test]
async fn nonsense_is_refused_whole() {
    let sandbox = TestSandbox::start(&[]).await;
    let before = sandbox.json("/sandbox/faults").await;
    for wrong in [
        json!({ "percent": { "error": 101 } }),
        json!({ "percent": { "error": 60, "reset": 60 } }),
        json!({ "percent": { "no_such_fault": 1 } }),
        json!({ "seed": 5, "refuse_status": 200 }),
        json!({ "outage_s": -1 }),
        json!({ "no_such_field": 1 }),
    ] {
        let change = json!({ "latency_ms": 5, "record_usage": wrong });
        assert_eq!(sandbox.set_faults(change.clone()).await.status(), 400);
        assert_eq!(sandbox.json("/sandbox/faults").await, before, "{change}");
    }
}
