//! Limits, headers, storage faults, and what the log holds.

use std::process::{Command, Stdio};
use std::time::Duration;

use aicon_processes::free_port;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::app::{DEADLINE, TestApp, deltas, refusal, until};
use crate::fake_upstream::{FakeUpstream, Script};

#[tokio::test]
async fn every_answer_carries_a_request_id_and_is_not_cached() {
    let app = TestApp::start().await;
    let response = app
        .client
        .get(app.url("/nope"))
        .header("x-request-id", "abc-1")
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["x-request-id"], "abc-1");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    let response = app
        .client
        .get(app.url("/nope"))
        .header("x-request-id", "a b;c")
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["x-request-id"].len(), 32);
}

#[tokio::test]
async fn bodies_over_the_limit_and_broken_ones_are_refused() {
    let app = TestApp::with(&[("AICON_LIMIT_BODY_BYTES", "1000")]).await;
    let (status, code, _) = refusal(
        app.post("/ai/chat", &json!({ "message": "x".repeat(1000) }))
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!((status, code.as_str()), (413, "PAYLOAD_TOO_LARGE"));
    for body in [
        "",
        "{",
        "[]",
        "\"text\"",
        "{\"message\":\"\\ud800\"}",
        "\u{feff}{}",
    ] {
        let request = app
            .client
            .post(app.url("/ai/chat"))
            .header("content-type", "application/json; charset=utf-8");
        assert_eq!(
            refusal(request.body(body).send().await.unwrap()).await.1,
            "INVALID_JSON",
            "{body}"
        );
    }
}

#[tokio::test]
async fn deeply_nested_json_is_refused_and_the_server_lives() {
    let app = TestApp::start().await;
    let body = format!("{{\"message\":{}", "[".repeat(500_000));
    let request = app
        .client
        .post(app.url("/ai/chat"))
        .header("content-type", "application/json")
        .body(body);
    assert_eq!(refusal(request.send().await.unwrap()).await.0, 400);
    assert!(app.get("/healthz").await.status().is_success());
}

#[tokio::test]
async fn requests_over_the_rate_are_told_when_to_come_back() {
    let app = TestApp::with(&[("AICON_LIMIT_REQUESTS_PER_MINUTE_USER", "2")]).await;
    for _ in 0..2 {
        app.get("/ai/response?id=x").await;
    }
    let response = app.get("/ai/response?id=x").await;
    assert!(
        response.headers()["retry-after"]
            .to_str()
            .unwrap()
            .parse::<u64>()
            .unwrap()
            <= 31
    );
    assert_eq!(refusal(response).await.1, "RATE_LIMITED");
}

#[tokio::test]
async fn addresses_behind_a_trusted_proxy_are_counted_one_by_one() {
    let limit = ("AICON_LIMIT_REQUESTS_PER_MINUTE_ADDRESS", "1");
    let trusting = TestApp::with(&[limit, ("AICON_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let wary = TestApp::with(&[limit]).await;
    let ask = async |app: &TestApp, address: &str| {
        let request = app.client.get(app.url("/ai/response?id=x"));
        let response = request.header("x-forwarded-for", address).send().await;
        response.unwrap().status().as_u16()
    };
    assert_eq!(ask(&trusting, "203.0.113.1").await, 404);
    assert_eq!(ask(&trusting, "203.0.113.2").await, 404);
    assert_eq!(ask(&trusting, "198.51.100.9, 203.0.113.2").await, 429);
    assert_eq!(ask(&wary, "203.0.113.1").await, 404);
    assert_eq!(ask(&wary, "203.0.113.2").await, 429);
}

#[tokio::test]
async fn streams_at_the_same_time_are_limited_and_free_again_when_they_end() {
    let upstream = FakeUpstream::start(Script::Hang(b": wait\n\n".to_vec())).await;
    let app = TestApp::with(&[
        ("OPENAI_BASE_URL", &upstream.url),
        ("AICON_LIMIT_STREAMS_PER_USER", "1"),
    ])
    .await;
    let open = app
        .post("/ai/chat", &json!({ "message": "hi", "model": "gpt-5" }))
        .send()
        .await
        .unwrap();
    let echo = json!({ "message": "hi", "model": "echo" });
    let refused = app.post("/ai/chat", &echo).send().await.unwrap();
    assert_eq!(refusal(refused).await.1, "RATE_LIMITED");
    drop(open);
    until(|| async {
        let response = app.post("/ai/chat", &echo).send().await.unwrap();
        response.status().is_success().then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_database_that_takes_no_row_refuses_before_the_model_is_called() {
    let upstream = FakeUpstream::start(Script::Silence).await;
    let app = TestApp::with(&[("OPENAI_BASE_URL", &upstream.url)]).await;
    app.get("/readyz").await;
    let url = app.data.path().join("aicon.db");
    let lock = sqlx::sqlite::SqlitePool::connect(url.to_str().unwrap())
        .await
        .unwrap();
    let mut transaction = lock.acquire().await.unwrap();
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut *transaction)
        .await
        .unwrap();
    let response = app
        .post("/ai/chat", &json!({ "message": "hi", "model": "gpt-5" }))
        .send()
        .await
        .unwrap();
    let (status, code, message) = refusal(response).await;
    assert_eq!((status, code.as_str()), (503, "STORAGE_UNAVAILABLE"));
    assert!(!message.to_lowercase().contains("sql") && !message.contains("lock"));
    assert!(upstream.seen().is_empty());
    sqlx::query("ROLLBACK")
        .execute(&mut *transaction)
        .await
        .unwrap();
    let events = app.chat(&json!({ "message": "hi", "model": "echo" })).await;
    assert_eq!(deltas(&events), "hi");
}

#[tokio::test]
async fn a_slow_or_oversized_head_is_given_up_and_others_are_served() {
    let app = TestApp::configured(&[], |settings| {
        settings.timeouts.header = Duration::from_millis(200)
    })
    .await;
    let mut slow = Vec::new();
    for _ in 0..50 {
        let mut stream = TcpStream::connect(app.address).await.unwrap();
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nhost:")
            .await
            .unwrap();
        slow.push(stream);
    }
    assert!(app.get("/healthz").await.status().is_success());
    for mut stream in slow {
        let mut rest = Vec::new();
        tokio::time::timeout(DEADLINE, stream.read_to_end(&mut rest))
            .await
            .unwrap()
            .unwrap();
    }
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    let head = format!(
        "GET /healthz HTTP/1.1\r\nhost: x\r\nx-a: {}\r\n\r\n",
        "a".repeat(1_000_000)
    );
    // The server may close while the client still writes.
    let _ = stream.write_all(head.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut answer))
        .await
        .unwrap();
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn smuggled_requests_are_never_answered_as_a_second_one() {
    let app = TestApp::start().await;
    let second = "GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n";
    let head = "POST /ai/chat HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    for probe in [
        format!("{head}content-length: 5\r\ncontent-length: 6\r\n\r\n00000{second}"),
        format!("{head}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n{second}"),
        format!("{head}transfer-encoding : chunked\r\n\r\n0\r\n\r\n{second}"),
        format!("{head}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{second}"),
        format!("{head}content-length: +5\r\n\r\n00000{second}"),
    ] {
        let mut stream = TcpStream::connect(app.address).await.unwrap();
        stream.write_all(probe.as_bytes()).await.unwrap();
        let mut answer = String::new();
        tokio::time::timeout(DEADLINE, stream.read_to_string(&mut answer))
            .await
            .unwrap()
            .unwrap();
        assert!(!answer.contains("200 OK"), "{probe}\n{answer}");
    }
}

/// Runs the real binary; its log must hold none of the planted words.
#[tokio::test]
async fn the_log_holds_no_secret_no_prompt_and_no_answer() {
    let upstream = FakeUpstream::start(Script::Refuse(401, None)).await;
    let data = tempfile::tempdir().unwrap();
    let log = data.path().join("log");
    let address = format!("127.0.0.1:{}", free_port().unwrap());
    let mut server = Command::new(env!("CARGO_BIN_EXE_aicon-backend"))
        .args(["serve", "--listen", &address])
        .arg("--data")
        .arg(data.path())
        .env("AICON_AUTH", "api-key")
        .env("AICON_API_KEY", "canary-api-key")
        .env("OPENAI_API_KEY", "canary-openai-key")
        .env("OPENAI_BASE_URL", &upstream.url)
        .stderr(std::fs::File::create(&log).unwrap())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = |path: &str| format!("http://{address}{path}");
    until(|| async { client.get(url("/healthz")).send().await.ok() }).await;
    for model in ["echo", "gpt-5", "canary-model\r\nforged line"] {
        let body = json!({ "message": "canary-prompt", "model": model });
        let request = client
            .post(url("/ai/chat?token=canary-query"))
            .json(&body)
            .bearer_auth("canary-api-key");
        request.send().await.unwrap().text().await.unwrap();
    }
    client
        .get(url("/canary-path"))
        .bearer_auth("canary-wrong-key")
        .send()
        .await
        .unwrap();
    client
        .get(url("/ai/response?id=canary-id"))
        .bearer_auth("canary-wrong-key")
        .send()
        .await
        .unwrap();
    let _ = Command::new("kill")
        .arg(server.id().to_string())
        .status()
        .unwrap();
    let status = tokio::task::spawn_blocking(move || server.wait().unwrap())
        .await
        .unwrap();
    assert!(status.success());
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(
        text.contains("request answered") && text.contains("stopped"),
        "{text}"
    );
    assert!(
        !text.contains("canary") && !text.contains("\nforged"),
        "{text}"
    );
}
