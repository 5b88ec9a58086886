//! The login page and the redirect back.
#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test fails as the test does"
)]

mod common;

use common::{CHALLENGE, TestSandbox, location, query_value};
use serde_json::json;

#[tokio::test]
async fn the_page_offers_every_user_and_the_refusal_in_both_languages() {
    let sandbox = TestSandbox::start(&[]).await;
    let page = sandbox.login_page(&[]).await;
    assert_eq!(page.status(), 200);
    let text = page.text().await.unwrap();
    for part in [
        "lang=\"ko\"",
        "user-demo",
        "user-second",
        "user-한글-사용자",
        "refuse",
        "AICON 로그인",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let fields = sandbox.login_fields(&[]);
    let request = sandbox
        .client
        .get(sandbox.aicon("/auth/login"))
        .query(&fields)
        .header("accept-language", "en-US");
    assert!(
        request
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
            .contains("Log in to AICON")
    );
}

#[tokio::test]
async fn a_choice_leads_back_with_code_and_state() {
    let sandbox = TestSandbox::start(&[]).await;
    let url = location(
        &sandbox
            .choose(&[("user", "demo"), ("state", "a&b=한")])
            .await,
    );
    assert!(
        url.as_str()
            .starts_with(&format!("{}/?code=", sandbox.running.site_origin))
    );
    assert_eq!(query_value(&url, "state").as_deref(), Some("a&b=한"));
}

#[tokio::test]
async fn without_a_state_none_comes_back() {
    let sandbox = TestSandbox::start(&[]).await;
    assert_eq!(
        query_value(
            &location(&sandbox.choose(&[("user", "demo")]).await),
            "state"
        ),
        None
    );
}

#[tokio::test]
async fn an_aicon_that_knows_no_state_drops_it() {
    let sandbox = TestSandbox::start(&["--echo-state", "false"]).await;
    let url = location(&sandbox.choose(&[("user", "demo"), ("state", "x")]).await);
    assert_eq!(query_value(&url, "state"), None);
    sandbox.set_faults(json!({ "echo_state": true })).await;
    let url = location(&sandbox.choose(&[("user", "demo"), ("state", "x")]).await);
    assert_eq!(query_value(&url, "state").as_deref(), Some("x"));
}

#[tokio::test]
async fn a_refusal_leads_back_with_access_denied() {
    let sandbox = TestSandbox::start(&[]).await;
    let url = location(&sandbox.choose(&[("state", "x")]).await);
    assert_eq!(query_value(&url, "error").as_deref(), Some("access_denied"));
    assert_eq!(query_value(&url, "state").as_deref(), Some("x"));
    assert_eq!(query_value(&url, "code"), None);
}

#[tokio::test]
async fn the_next_login_can_be_made_to_fail_and_only_that_one() {
    let sandbox = TestSandbox::start(&[]).await;
    sandbox
        .set_faults(json!({ "refuse_next_login": true }))
        .await;
    let first = location(&sandbox.choose(&[("user", "demo")]).await);
    assert_eq!(
        query_value(&first, "error").as_deref(),
        Some("access_denied")
    );
    let second = location(&sandbox.choose(&[("user", "demo")]).await);
    assert!(query_value(&second, "code").is_some());
}

#[tokio::test]
async fn an_unknown_client_or_redirect_uri_is_never_redirected_to() {
    let sandbox = TestSandbox::start(&[]).await;
    let with_slash = format!("{}/", sandbox.running.site_origin);
    let as_user = format!("{}@evil.example", sandbox.running.site_origin);
    for wrong in [
        ("client_id", "unknown"),
        ("client_id", ""),
        ("redirect_uri", "https://evil.example"),
        ("redirect_uri", ""),
        ("redirect_uri", "javascript:alert(1)"),
        ("redirect_uri", with_slash.as_str()),
        ("redirect_uri", as_user.as_str()),
    ] {
        for response in [
            sandbox.login_page(&[wrong]).await,
            sandbox.choose(&[wrong, ("user", "demo")]).await,
        ] {
            assert_eq!(response.status(), 400, "{wrong:?}");
            assert!(!response.headers().contains_key("location"));
        }
    }
    assert_eq!(sandbox.json("/sandbox/counters").await["logins"], 0);
}

#[tokio::test]
async fn a_further_redirect_uri_is_accepted_exactly() {
    let sandbox = TestSandbox::start(&["--redirect-uri", "https://model-1.aicon.example"]).await;
    let choice = [
        ("redirect_uri", "https://model-1.aicon.example"),
        ("user", "demo"),
    ];
    assert!(
        location(&sandbox.choose(&choice).await)
            .as_str()
            .starts_with("https://model-1.aicon.example/?code=")
    );
    let other = [
        ("redirect_uri", "https://model-1.aicon.example:444"),
        ("user", "demo"),
    ];
    assert_eq!(sandbox.choose(&other).await.status(), 400);
}

#[tokio::test]
async fn what_is_quoted_on_a_page_is_escaped() {
    let sandbox = TestSandbox::start(&[]).await;
    let page = sandbox
        .login_page(&[("redirect_uri", "\"><script>alert(1)</script>")])
        .await;
    assert!(!page.text().await.unwrap().contains("<script>"));
    let page = sandbox
        .login_page(&[("state", "\"><script>alert(1)</script>")])
        .await;
    assert!(!page.text().await.unwrap().contains("<script>"));
}

#[tokio::test]
async fn an_unknown_user_cannot_be_chosen() {
    let sandbox = TestSandbox::start(&["--users", "one,two"]).await;
    assert_eq!(sandbox.choose(&[("user", "demo")]).await.status(), 400);
    assert_eq!(sandbox.choose(&[("user", "two")]).await.status(), 303);
}

#[tokio::test]
async fn a_challenge_of_another_method_than_s256_is_an_invalid_request() {
    let sandbox = TestSandbox::start(&[]).await;
    for method in [&[("code_challenge_method", "plain")][..], &[]] {
        let mut fields = vec![("code_challenge", CHALLENGE)];
        fields.extend(method);
        let url = location(&sandbox.login_page(&fields).await);
        assert_eq!(
            query_value(&url, "error").as_deref(),
            Some("invalid_request")
        );
    }
}
