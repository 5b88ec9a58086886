//! The figures, on their own listener.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use reqwest::StatusCode;
use serde_json::json;

use crate::app::{TestApp, until};
use crate::fake_recorder::{Act, FakeRecorder, OK};
use crate::fake_upstream::{FakeUpstream, Script};
use crate::outbox::report_to;

/// An address that was free a moment ago.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

async fn figures(app: &TestApp, address: SocketAddr) -> String {
    let response = app.client.get(format!("http://{address}/metrics")).send();
    let response = response.await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let kind = response.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    response.text().await.unwrap()
}

/// The figure of a series, by its name and labels.
fn figure(text: &str, series: &str) -> Option<f64> {
    let line = text.lines().find(|line| {
        line.strip_prefix(series)
            .is_some_and(|rest| rest.starts_with(' '))
    })?;
    line.rsplit(' ').next()?.parse().ok()
}

#[tokio::test]
async fn there_is_none_unless_it_is_asked_for() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/metrics").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn requests_are_counted_by_route_and_not_by_path() {
    let address = free_address();
    let app = TestApp::configured(&[], |settings| settings.metrics.listen = Some(address)).await;
    app.chat(&json!({ "message": "hi", "model": "echo" })).await;
    app.get("/ai/response?id=canary-id").await;
    app.get("/canary-path").await;
    let text = figures(&app, address).await;
    for series in [
        r#"aicon_http_requests_total{method="POST",route="/ai/chat",status="200"}"#,
        r#"aicon_http_requests_total{method="GET",route="/ai/response",status="404"}"#,
        r#"aicon_http_requests_total{method="GET",route="(none)",status="404"}"#,
    ] {
        assert_eq!(figure(&text, series), Some(1.0), "{series}\n{text}");
    }
    assert_eq!(figure(&text, "aicon_streams_open"), Some(0.0));
    assert_eq!(figure(&text, "aicon_outbox_pending"), Some(0.0));
    assert!(!text.contains("canary"), "{text}");
    let other = app.client.get(format!("http://{address}/ai/chat")).send();
    assert_eq!(other.await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn uses_tokens_upstreams_refusals_and_the_outbox_are_counted() {
    let address = free_address();
    let upstream = FakeUpstream::start(Script::Refuse(503, None)).await;
    let variables = [
        ("OPENAI_BASE_URL", upstream.url.as_str()),
        ("AICON_CLIENT_ID", "client"),
        ("AICON_LIMIT_REQUESTS_PER_MINUTE_USER", "3"),
    ];
    let app = TestApp::configured(&variables, |settings| {
        settings.metrics.listen = Some(address);
    })
    .await;
    app.chat(&json!({ "message": "안녕하세요!", "model": "echo" }))
        .await;
    for model in ["gpt-5", "canary-model", "echo"] {
        let body = json!({ "message": "hi", "model": model });
        app.post("/ai/chat", &body).send().await.unwrap();
    }
    app.clock.advance(5_000);
    let text = figures(&app, address).await;
    for (series, expected) in [
        (r#"aicon_uses_total{status="completed"}"#, 1.0),
        (r#"aicon_uses_total{status="failed"}"#, 2.0),
        (r#"aicon_tokens_total{model="echo",direction="input"}"#, 4.0),
        (
            r#"aicon_tokens_total{model="echo",direction="output"}"#,
            4.0,
        ),
        (
            r#"aicon_upstream_errors_total{provider="openai",kind="overloaded"}"#,
            2.0,
        ),
        (
            r#"aicon_upstream_first_byte_seconds_count{provider="demo"}"#,
            1.0,
        ),
        (
            r#"aicon_rate_limit_refusals_total{limit="requests_per_minute_user"}"#,
            1.0,
        ),
        ("aicon_outbox_pending", 3.0),
        ("aicon_outbox_parked", 0.0),
        ("aicon_store_up", 1.0),
        ("aicon_outbox_oldest_pending_age_seconds", 5.0),
    ] {
        assert_eq!(figure(&text, series), Some(expected), "{series}\n{text}");
    }
    assert!(!text.contains("canary"), "{text}");
}

#[tokio::test]
async fn deliveries_are_counted_by_what_came_of_them() {
    let address = free_address();
    let recorder = FakeRecorder::start().await;
    recorder.script([Act::Answer(500, "", ""), OK]);
    let app = TestApp::configured(&[], |settings| {
        report_to(&recorder, settings);
        settings.metrics.listen = Some(address);
        settings.aicon.usage.first_backoff = std::time::Duration::from_millis(1);
    })
    .await;
    app.chat(&json!({ "message": "hi", "model": "echo" })).await;
    let text = until(|| async {
        // The clock stands still unless it is moved, and with it the next try.
        app.clock.advance(1000);
        let text = figures(&app, address).await;
        figure(&text, r#"aicon_deliveries_total{result="delivered"}"#).map(|_| text)
    })
    .await;
    let failed = figure(&text, r#"aicon_deliveries_total{result="failed"}"#);
    assert_eq!(failed, Some(1.0), "{text}");
    until(|| async {
        let text = figures(&app, address).await;
        (figure(&text, "aicon_outbox_pending") == Some(0.0)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn open_streams_are_those_under_way() {
    let address = free_address();
    let upstream = FakeUpstream::start(Script::Hang(Vec::new())).await;
    let variables = [("OPENAI_BASE_URL", upstream.url.as_str())];
    let app = TestApp::configured(&variables, |settings| {
        settings.metrics.listen = Some(address);
    })
    .await;
    let body = json!({ "message": "hi", "model": "gpt-5" });
    let response = app.post("/ai/chat", &body).send().await.unwrap();
    assert_eq!(
        figure(&figures(&app, address).await, "aicon_streams_open"),
        Some(1.0)
    );
    drop(response);
    until(|| async {
        let open = figure(&figures(&app, address).await, "aicon_streams_open");
        (open == Some(0.0)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_taken_address_stops_the_start_and_names_the_key() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let data = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_aicon-backend"))
        .env_clear()
        .env(
            "AICON_METRICS_LISTEN",
            taken.local_addr().unwrap().to_string(),
        )
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("metrics.listen"), "{told}");
}
