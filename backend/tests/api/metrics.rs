//! The figures, on their own listener.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use reqwest::StatusCode;
use serde_json::json;

use crate::app::TestApp;

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
