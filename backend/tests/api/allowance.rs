//! Tokens of a user a day (S24).

use serde_json::json;

use crate::app::{TestApp, id_of, refusal};
use crate::fake_aicon::{FakeAicon, token_of};
use crate::fake_upstream::{FakeUpstream, Script};

const ANSWER: &str = concat!(
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\n",
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],",
    "\"usage\":{\"prompt_tokens\":30,\"completion_tokens\":20,\"total_tokens\":50}}\n\n",
    "data: [DONE]\n\n",
);

#[tokio::test]
async fn the_day_s_tokens_are_refused_beyond_the_limit_until_midnight_in_the_configured_zone() {
    let upstream = FakeUpstream::start(Script::Stream(ANSWER.as_bytes().to_vec(), 64)).await;
    let app = TestApp::with(&[
        ("OPENAI_BASE_URL", upstream.url.as_str()),
        ("AICON_LIMIT_TOKENS_PER_DAY_USER", "100"),
        ("AICON_SETTLEMENT_TIME_ZONE", "Asia/Seoul"),
    ])
    .await;
    let ask = async || {
        let body = json!({ "message": "hi", "model": "gpt-5" });
        app.post("/ai/chat", &body).send().await.unwrap()
    };
    for _ in 0..2 {
        assert_eq!(
            ask()
                .await
                .text()
                .await
                .unwrap()
                .matches("completed")
                .count(),
            1
        );
    }
    let response = ask().await;
    // It is 12:34:56.789 in UTC, 21:34 in Seoul.
    let left = 2 * 3600 + 25 * 60 + 4;
    assert_eq!(response.headers()["retry-after"], left.to_string());
    let (status, code, message) = refusal(response).await;
    assert_eq!((status, code.as_str()), (429, "RATE_LIMITED"));
    assert!(
        message.contains("100") && message.contains("3시간"),
        "{message}"
    );
    assert_eq!(upstream.seen().len(), 2);
    app.clock.advance((left - 1) * 1000);
    assert_eq!(ask().await.status(), 429);
    app.clock.advance(1000);
    assert_eq!(ask().await.status(), 200);
}

#[tokio::test]
async fn each_user_has_a_limit_of_their_own_and_zero_is_none() {
    let aicon = FakeAicon::start().await;
    for (limit, expected) in [("1", 429), ("0", 200)] {
        let app = TestApp::with(&[
            ("AICON_AUTH", "aicon"),
            ("AICON_API_ENDPOINT", &aicon.endpoint),
            ("AICON_CLIENT_ID", "client"),
            ("AICON_LIMIT_TOKENS_PER_DAY_USER", limit),
        ])
        .await;
        let ask = async |user: &str| {
            let request = app.post("/ai/chat", &json!({ "message": "hi", "model": "echo" }));
            let token = token_of(user, "client", 1_800_000_000);
            let response = request.bearer_auth(token).send().await.unwrap();
            let status = response.status().as_u16();
            response.text().await.unwrap();
            status
        };
        assert_eq!(ask("a").await, 200);
        assert_eq!(ask("a").await, expected);
        assert_eq!(ask("b").await, 200);
    }
}

#[tokio::test]
async fn an_answer_that_reached_the_limit_and_was_lost_is_given_again() {
    let app = TestApp::with(&[("AICON_LIMIT_TOKENS_PER_DAY_USER", "1")]).await;
    let ask = |key: &str| {
        let body = json!({ "message": "hi", "model": "echo", "idempotency_key": key });
        app.post("/ai/chat", &body).send()
    };
    let first = ask("k1").await.unwrap().text().await.unwrap();
    let again = ask("k1").await.unwrap();
    assert_eq!(again.status(), 200);
    let again = crate::app::events(&again.text().await.unwrap());
    assert_eq!(id_of(&again), id_of(&crate::app::events(&first)));
    assert_eq!(ask("k2").await.unwrap().status(), 429);
}
