//! Check alive, as AICON asks before a user runs the model (`aicon.md` 6).

use serde_json::json;

use crate::app::{TestApp, json_of};

const PATHS: [&str; 4] = [
    "/is-alive",
    "/is-alive/",
    "/api/Provider/is-alive",
    "/api/Provider/is-alive/",
];

#[tokio::test]
async fn it_answers_whoever_asks_and_counts_against_nobody() {
    let variables = [
        ("AICON_AUTH", "api-key"),
        ("AICON_API_KEY", "canary"),
        ("AICON_LIMIT_REQUESTS_PER_MINUTE_ADDRESS", "3"),
    ];
    let app = TestApp::with(&variables).await;
    for path in PATHS.iter().cycle().take(12) {
        let response = app.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(json_of(response).await, json!({ "status": "ok" }));
    }
}

#[tokio::test]
async fn a_default_model_that_nobody_has_is_named() {
    let variables = [
        ("AI_PROVIDER", "openai"),
        ("OPENAI_API_KEY", "canary-key"),
        ("AICON_DEFAULT_MODEL", "nobodys-model"),
    ];
    let app = TestApp::with(&variables).await;
    let response = app.get(PATHS[2]).await;
    assert_eq!(response.status(), 503);
    let body = json_of(response).await;
    assert_eq!(body["status"], "unavailable");
    let reason = body["reason"].as_str().unwrap();
    assert!(
        reason.contains("`nobodys-model`") && reason.contains("`ai.model`"),
        "{reason}"
    );
    assert!(!reason.contains("canary"), "{reason}");
}

#[tokio::test]
async fn many_askers_share_one_question() {
    let app = TestApp::start().await;
    let asks = (0..200).map(|_| app.get(PATHS[0]));
    let answers = futures_util::future::join_all(asks).await;
    assert!(answers.iter().all(|answer| answer.status() == 200));
}
