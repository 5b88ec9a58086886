//! One answer, one upstream call and one row for all tries of one message (R14).

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::app::{TestApp, deltas, events, id_of, refusal, until};
use crate::fake_upstream::{FakeUpstream, Script};

/// A whole answer in Chat Completions, and its beginning.
const WHOLE: &str = concat!(
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"안녕\"}}]}\n\n",
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"하세요\"}}]}\n\n",
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],",
    "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5,\"total_tokens\":8}}\n\n",
    "data: [DONE]\n\n",
);
const BEGINNING: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"안녕\"}}]}\n\n";

async fn start(script: Script) -> (TestApp, FakeUpstream) {
    let upstream = FakeUpstream::start(script).await;
    let variables = [
        ("OPENAI_BASE_URL", upstream.url.as_str()),
        ("AICON_CLIENT_ID", "client"),
        ("AICON_SETTLEMENT_ACCESS", "open"),
    ];
    (TestApp::with(&variables).await, upstream)
}

fn whole() -> Script {
    Script::Stream(WHOLE.as_bytes().to_vec(), 64)
}

impl TestApp {
    fn try_once(&self, message: &str, key: &str) -> RequestBuilder {
        let body = json!({ "message": message, "model": "gpt-5" });
        self.post("/ai/chat", &body).header("idempotency-key", key)
    }

    async fn rows(&self) -> u64 {
        let query =
            "pageSize=1&pageNumber=1&settlementStartDate=2024/11/16&settlementEndDate=2024/11/16";
        let page = self
            .get(&format!("/get-usage-for-settlement?{query}"))
            .await;
        page.json::<Value>().await.unwrap()["totalCount"]
            .as_u64()
            .unwrap()
    }
}

async fn whole_answer(response: Response) -> Vec<Value> {
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let events = events(&response.text().await.unwrap());
    assert_eq!(events.last().unwrap()["type"], "response.completed");
    events
}

#[tokio::test]
async fn a_retry_after_a_lost_answer_gets_that_answer() {
    let (app, upstream) = start(whole()).await;
    let first = whole_answer(app.try_once("hi", "k1").send().await.unwrap()).await;
    app.clock.advance(60_000);
    let again = whole_answer(app.try_once("hi", "k1").send().await.unwrap()).await;
    assert_eq!(id_of(&again), id_of(&first));
    assert_eq!(deltas(&again), "안녕하세요");
    let kinds: Vec<_> = again.iter().map(|event| event["type"].clone()).collect();
    assert_eq!(
        kinds,
        [
            "response.created",
            "response.output_text.delta",
            "response.completed"
        ]
    );
    assert_eq!(again[2]["sequence_number"], 2);
    assert_eq!(again[2]["response"], first.last().unwrap()["response"]);
    assert_eq!((upstream.seen().len(), app.rows().await), (1, 1));
}

#[tokio::test]
async fn a_double_click_is_one_answer() {
    let (app, upstream) = start(Script::Hang(BEGINNING.as_bytes().to_vec())).await;
    let clicks = (0..4).map(|_| app.try_once("hi", "k1").send());
    let answers = futures_util::future::join_all(clicks).await;
    let (begun, refused): (Vec<_>, Vec<_>) = answers
        .into_iter()
        .map(Result::unwrap)
        .partition(|response| response.status() == 200);
    assert_eq!((begun.len(), refused.len()), (1, 3));
    for response in refused {
        let wait = response.headers()["retry-after"].to_str().unwrap();
        assert!(wait.parse::<u64>().unwrap() > 0, "{wait}");
        let (status, code, _) = refusal(response).await;
        assert_eq!((status, code.as_str()), (409, "IN_PROGRESS"));
    }
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test]
async fn two_at_once_on_a_quick_model_are_one_answer_too() {
    let (app, upstream) = start(whole()).await;
    for round in 0..20 {
        let key = format!("k{round}");
        let (left, right) = tokio::join!(
            app.try_once("hi", &key).send(),
            app.try_once("hi", &key).send()
        );
        let (mut ids, mut refused) = (Vec::new(), 0);
        for response in [left.unwrap(), right.unwrap()] {
            match response.status().as_u16() {
                200 => ids.push(id_of(&whole_answer(response).await)),
                409 => refused += 1,
                other => panic!("status {other}"),
            }
        }
        ids.dedup();
        assert!(ids.len() == 1 && refused <= 1, "{ids:?}");
    }
    assert_eq!((upstream.seen().len(), app.rows().await), (20, 20));
}

#[tokio::test]
async fn another_message_with_the_same_key_is_refused() {
    let (app, upstream) = start(whole()).await;
    whole_answer(app.try_once("hi", "k1").send().await.unwrap()).await;
    let (status, code, _) = refusal(app.try_once("other", "k1").send().await.unwrap()).await;
    assert_eq!((status, code.as_str()), (409, "IDEMPOTENCY_MISMATCH"));
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test]
async fn header_and_body_are_the_same_key() {
    let (app, upstream) = start(whole()).await;
    let first = whole_answer(app.try_once("hi", "k1").send().await.unwrap()).await;
    let body = json!({ "message": "hi", "model": "gpt-5", "idempotency_key": "k1" });
    let again = whole_answer(app.post("/ai/chat", &body).send().await.unwrap()).await;
    assert_eq!(id_of(&first), id_of(&again));
    let two = app.post("/ai/chat", &body).header("idempotency-key", "k2");
    let (status, code, _) = refusal(two.send().await.unwrap()).await;
    assert_eq!((status, code.as_str()), (400, "INVALID_PARAM"));
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test]
async fn a_key_that_cannot_be_one_is_refused_before_the_model_is_called() {
    let (app, upstream) = start(whole()).await;
    for key in ["", "a b", "키", &"k".repeat(256)] {
        let body = json!({ "message": "hi", "model": "gpt-5", "idempotency_key": key });
        let (status, code, message) =
            refusal(app.post("/ai/chat", &body).send().await.unwrap()).await;
        assert_eq!((status, code.as_str()), (400, "INVALID_PARAM"), "{key}");
        assert!(message.contains("255"), "{message}");
    }
    assert!(upstream.seen().is_empty());
}

#[tokio::test]
async fn a_failed_try_gives_its_key_up() {
    let (app, upstream) = start(Script::Refuse(503, None)).await;
    let response = app.try_once("hi", "k1").send().await.unwrap();
    assert_eq!(response.status(), 502);
    upstream.play(whole());
    let answer = whole_answer(app.try_once("hi", "k1").send().await.unwrap()).await;
    assert_eq!(deltas(&answer), "안녕하세요");
    assert_eq!((upstream.seen().len(), app.rows().await), (2, 2));
}

#[tokio::test]
async fn a_stopped_try_gives_its_key_up() {
    let (app, upstream) = start(Script::Hang(BEGINNING.as_bytes().to_vec())).await;
    let response = app.try_once("hi", "k1").send().await.unwrap();
    assert_eq!(response.status(), 200);
    drop(response);
    upstream.play(whole());
    let answer = until(|| async {
        let response = app.try_once("hi", "k1").send().await.unwrap();
        (response.status() == 200).then_some(response)
    })
    .await;
    whole_answer(answer).await;
    assert_eq!((upstream.seen().len(), app.rows().await), (2, 2));
}

#[tokio::test]
async fn keys_belong_to_their_user() {
    use crate::fake_aicon::{FakeAicon, token_of};
    let aicon = FakeAicon::start().await;
    let upstream = FakeUpstream::start(whole()).await;
    let app = TestApp::with(&[
        ("OPENAI_BASE_URL", upstream.url.as_str()),
        ("AICON_AUTH", "aicon"),
        ("AICON_API_ENDPOINT", &aicon.endpoint),
        ("AICON_CLIENT_ID", "client"),
    ])
    .await;
    let mut ids = Vec::new();
    for user in ["a", "b"] {
        let request = app.try_once("hi", "k1");
        let token = token_of(user, "client", 1_800_000_000);
        let answer = request.bearer_auth(token).send().await.unwrap();
        ids.push(id_of(&whole_answer(answer).await));
    }
    assert_ne!(ids[0], ids[1]);
    assert_eq!(upstream.seen().len(), 2);
}

#[tokio::test]
async fn a_page_of_the_front_end_may_send_the_header() {
    let app = TestApp::with(&[("AICON_CORS_ORIGINS", "https://app.example")]).await;
    let preflight = app
        .client
        .request(reqwest::Method::OPTIONS, app.url("/ai/chat"))
        .header("origin", "https://app.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "idempotency-key");
    let response = preflight.send().await.unwrap();
    let allowed = response.headers()["access-control-allow-headers"]
        .to_str()
        .unwrap();
    assert!(allowed.contains("idempotency-key"), "{allowed}");
}
