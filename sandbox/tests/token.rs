//! The token endpoint, refresh and user info.
#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test fails as the test does"
)]

mod common;

use aicon_protocol::aicon::USER_DATA_CLAIM;
use common::{
    CHALLENGE, CLIENT_ID, TestSandbox, VERIFIER, location, payload, query_value, refusal,
};
use serde_json::json;

fn text(value: &serde_json::Value) -> &str {
    value.as_str().unwrap()
}

#[tokio::test]
async fn a_code_is_redeemed_for_two_tokens_with_the_claims_of_the_contract() {
    let sandbox = TestSandbox::start(&["--access-ttl", "5m"]).await;
    let url = location(&sandbox.choose(&[("user", "한글-사용자")]).await);
    let response = sandbox
        .redeem(&query_value(&url, "code").unwrap(), &[])
        .await;
    assert_eq!(response.headers()["cache-control"], "no-store");
    let tokens: serde_json::Value = response.json().await.unwrap();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 300);
    for token in ["access_token", "refresh_token"] {
        let claims = payload(text(&tokens[token]));
        assert_eq!(claims[USER_DATA_CLAIM], "한글-사용자");
        assert!(claims["exp"].is_u64());
    }
    let claims = payload(text(&tokens["access_token"]));
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        300
    );
}

#[tokio::test]
async fn a_code_is_good_once() {
    let sandbox = TestSandbox::start(&[]).await;
    let code = sandbox.code(&[]).await;
    assert_eq!(sandbox.redeem(&code, &[]).await.status(), 200);
    assert_eq!(
        refusal(sandbox.redeem(&code, &[]).await).await,
        (400, "invalid_grant".to_owned())
    );
    assert_eq!(sandbox.json("/sandbox/counters").await["token_requests"], 2);
}

#[tokio::test]
async fn an_expired_code_is_refused() {
    let sandbox = TestSandbox::start(&["--code-ttl", "0s"]).await;
    let code = sandbox.code(&[]).await;
    assert_eq!(
        refusal(sandbox.redeem(&code, &[]).await).await,
        (400, "invalid_grant".to_owned())
    );
}

#[tokio::test]
async fn a_code_of_a_login_with_a_challenge_needs_its_verifier() {
    let sandbox = TestSandbox::start(&[]).await;
    let pkce = [
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let code = sandbox.code(&pkce).await;
    assert_eq!(
        sandbox
            .redeem(&code, &[("code_verifier", VERIFIER)])
            .await
            .status(),
        200
    );
    for wrong in [
        &[][..],
        &[(
            "code_verifier",
            "another-verifier-of-the-right-length-aaaaaaaaaaa",
        )],
    ] {
        let code = sandbox.code(&pkce).await;
        assert_eq!(
            refusal(sandbox.redeem(&code, wrong).await).await,
            (400, "invalid_grant".to_owned())
        );
    }
}

#[tokio::test]
async fn a_wrong_secret_or_client_is_unauthorised_and_leaves_the_code_alone() {
    let sandbox = TestSandbox::start(&[]).await;
    let code = sandbox.code(&[]).await;
    for wrong in [("client_secret", "wrong"), ("client_id", "wrong")] {
        assert_eq!(
            refusal(sandbox.redeem(&code, &[wrong]).await).await,
            (401, "invalid_client".to_owned())
        );
    }
    assert_eq!(sandbox.redeem(&code, &[]).await.status(), 200);
}

#[tokio::test]
async fn missing_fields_and_unknown_grant_types_are_named() {
    let sandbox = TestSandbox::start(&[]).await;
    let response = sandbox.token(&[("grant_type", "authorization_code")]).await;
    assert_eq!(refusal(response).await, (400, "invalid_request".to_owned()));
    let response = sandbox.token(&[("grant_type", "password")]).await;
    assert_eq!(
        refusal(response).await,
        (400, "unsupported_grant_type".to_owned())
    );
    let json = sandbox
        .client
        .post(sandbox.aicon("/api/auth/sso/token"))
        .json(&json!({}))
        .send()
        .await
        .unwrap();
    assert_eq!(refusal(json).await, (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn a_refresh_token_rotates_and_its_reuse_is_refused() {
    let sandbox = TestSandbox::start(&[]).await;
    let first = sandbox.log_in().await;
    let second = sandbox.refresh(text(&first["refresh_token"])).await;
    assert_eq!(second.status(), 200);
    let second: serde_json::Value = second.json().await.unwrap();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(
        payload(text(&second["access_token"]))[USER_DATA_CLAIM],
        "demo"
    );
    let reuse = sandbox.refresh(text(&first["refresh_token"])).await;
    assert_eq!(refusal(reuse).await, (400, "invalid_grant".to_owned()));
    assert_eq!(
        sandbox
            .refresh(text(&second["refresh_token"]))
            .await
            .status(),
        200
    );
}

#[tokio::test]
async fn an_access_token_does_not_refresh_and_a_refresh_token_gives_no_access() {
    let sandbox = TestSandbox::start(&[]).await;
    let tokens = sandbox.log_in().await;
    assert_eq!(
        sandbox
            .refresh(text(&tokens["access_token"]))
            .await
            .status(),
        400
    );
    assert_eq!(
        sandbox
            .userinfo(text(&tokens["refresh_token"]))
            .await
            .status(),
        401
    );
}

#[tokio::test]
async fn an_expired_refresh_token_is_refused() {
    let sandbox = TestSandbox::start(&["--refresh-ttl", "0s"]).await;
    let tokens = sandbox.log_in().await;
    let response = sandbox.refresh(text(&tokens["refresh_token"])).await;
    assert_eq!(refusal(response).await, (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn userinfo_says_user_and_client() {
    let sandbox = TestSandbox::start(&[]).await;
    let tokens = sandbox.log_in().await;
    let response = sandbox.userinfo(text(&tokens["access_token"])).await;
    assert_eq!(response.status(), 200);
    let body: serde_json::Value = response.json().await.unwrap();
    assert_eq!(body, json!({ "user_id": "demo", "client_id": CLIENT_ID }));
}

#[tokio::test]
async fn userinfo_refuses_bad_and_expired_tokens() {
    let sandbox = TestSandbox::start(&["--expired-tokens"]).await;
    let expired = sandbox.log_in().await;
    let none = sandbox.get(&sandbox.aicon("/api/auth/sso/userinfo")).await;
    assert_eq!(none.status(), 401);
    assert_eq!(sandbox.userinfo("garbage").await.status(), 401);
    assert_eq!(
        sandbox
            .userinfo(text(&expired["access_token"]))
            .await
            .status(),
        401
    );
    sandbox.set_faults(json!({ "expired_tokens": false })).await;
    let fresh: serde_json::Value = sandbox
        .refresh(text(&expired["refresh_token"]))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(
        sandbox
            .userinfo(text(&fresh["access_token"]))
            .await
            .status(),
        200
    );
}

#[tokio::test]
async fn the_lifetime_can_be_named_in_all_three_ways() {
    let sandbox = TestSandbox::start(&["--lifetime-style", "expired-in"]).await;
    let tokens = sandbox.log_in().await;
    assert_eq!(
        (&tokens["expired_in"], &tokens["expires_in"]),
        (&json!(3600), &json!(null))
    );
    let sandbox = TestSandbox::start(&["--lifetime-style", "date-time"]).await;
    let tokens = sandbox.log_in().await;
    assert!(text(&tokens["expires_in"]).ends_with('Z'), "{tokens}");
}

#[tokio::test]
async fn endpoints_go_down_and_up_again() {
    let sandbox = TestSandbox::start(&[]).await;
    let tokens = sandbox.log_in().await;
    sandbox
        .set_faults(json!({ "token_endpoint_down": true, "userinfo_down": true }))
        .await;
    assert_eq!(
        sandbox
            .refresh(text(&tokens["refresh_token"]))
            .await
            .status(),
        503
    );
    assert_eq!(
        sandbox
            .userinfo(text(&tokens["access_token"]))
            .await
            .status(),
        503
    );
    sandbox
        .set_faults(json!({ "token_endpoint_down": false, "userinfo_down": false }))
        .await;
    assert_eq!(
        sandbox
            .userinfo(text(&tokens["access_token"]))
            .await
            .status(),
        200
    );
    assert_eq!(
        sandbox
            .refresh(text(&tokens["refresh_token"]))
            .await
            .status(),
        200
    );
}

#[tokio::test]
async fn pages_of_registered_origins_may_read_the_answers_and_others_may_not() {
    let sandbox = TestSandbox::start(&[]).await;
    let site = sandbox.running.site_origin.clone();
    for (origin, is_allowed) in [
        (site.as_str(), true),
        ("https://evil.example", false),
        ("null", false),
    ] {
        let url = sandbox.aicon("/api/auth/sso/userinfo");
        let response = sandbox
            .client
            .get(url)
            .header("origin", origin)
            .send()
            .await
            .unwrap();
        assert_eq!(
            response
                .headers()
                .contains_key("access-control-allow-origin"),
            is_allowed,
            "{origin}"
        );
    }
}
