//! Cross-origin rules.

use reqwest::{Method, Response, StatusCode};
use serde_json::json;

use crate::app::{TestApp, refusal};

const ALLOWED: &str = "https://model-1.aicon.example";

async fn start() -> TestApp {
    TestApp::with(&[(
        "AICON_CORS_ORIGINS",
        "https://model-1.aicon.example, http://127.0.0.1:8080",
    )])
    .await
}

async fn ask(app: &TestApp, origin: &str) -> Response {
    app.post("/ai/chat", &json!({ "message": "hi", "model": "echo" }))
        .header("origin", origin)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn an_allowed_origin_is_answered_with_its_own_name_and_the_exposed_headers() {
    let app = start().await;
    let response = ask(&app, ALLOWED).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["access-control-allow-origin"], ALLOWED);
    assert_eq!(
        response.headers()["access-control-expose-headers"],
        "x-request-id, retry-after, content-disposition"
    );
    assert_eq!(response.headers()["vary"], "origin");
    assert!(
        !response
            .headers()
            .contains_key("access-control-allow-credentials")
    );
    let refused = app
        .post("/ai/chat", &json!({}))
        .header("origin", ALLOWED)
        .send()
        .await
        .unwrap();
    assert_eq!(
        refused.headers()["access-control-allow-origin"],
        ALLOWED,
        "errors must be readable too"
    );
}

#[tokio::test]
async fn a_preflight_is_answered_for_allowed_origins_only_and_cached() {
    let app = start().await;
    let preflight = |origin| {
        let request = app
            .client
            .request(Method::OPTIONS, app.url("/ai/chat"))
            .header("origin", origin);
        let request = request.header("access-control-request-method", "POST");
        async move {
            request
                .header(
                    "access-control-request-headers",
                    "authorization,content-type",
                )
                .send()
                .await
                .unwrap()
        }
    };
    let response = preflight(ALLOWED).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(response.headers()["access-control-max-age"], "3600");
    assert!(
        response.headers()["access-control-allow-headers"]
            .to_str()
            .unwrap()
            .contains("authorization")
    );
    let response = preflight("https://evil.example").await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert!(
        !response
            .headers()
            .contains_key("access-control-allow-origin")
    );
}

#[tokio::test]
async fn tricks_with_the_origin_are_refused() {
    let app = start().await;
    for origin in [
        "null",
        "*",
        "",
        "https://model-1.aicon.example.evil.test",
        "https://evil-model-1.aicon.example",
        "https://model-1.aicon.example:8443",
        "http://model-1.aicon.example",
        "https://MODEL-1.aicon.example",
        "https://model-1.aicon.example/",
        "https://model-1.aicon.example ,https://evil.test",
        "http://127.0.0.1",
        "http://localhost:8080",
    ] {
        let response = ask(&app, origin).await;
        assert!(
            !response
                .headers()
                .contains_key("access-control-allow-origin"),
            "{origin}"
        );
        assert_eq!(refusal(response).await.1, "FORBIDDEN", "{origin}");
    }
}

#[tokio::test]
async fn the_server_s_own_origin_may_post_and_reads_need_no_origin() {
    let app = start().await;
    assert_eq!(ask(&app, &app.url("")).await.status(), StatusCode::OK);
    let read = app
        .client
        .get(app.url("/ai/response?id=x"))
        .header("origin", "https://evil.test")
        .send()
        .await
        .unwrap();
    assert!(!read.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn a_simple_post_without_the_json_type_is_refused() {
    let app = start().await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
    ] {
        let request = app
            .client
            .post(app.url("/ai/chat"))
            .header("content-type", kind)
            .body(r#"{"message":"hi"}"#);
        assert_eq!(refusal(request.send().await.unwrap()).await.0, 415);
    }
}
