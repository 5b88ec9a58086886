//! Upstreams that refuse, break off, fall silent or talk nonsense, and clients that go away meanwhile.

use std::time::{Duration, Instant};

use aicon_backend::config::{Dialect, ProviderSettings};
use futures_util::StreamExt as _;
use serde_json::json;

use crate::app::{TestApp, deltas, id_of, refusal};
use crate::fake_upstream::{FakeUpstream, Script};
use crate::upstreams::{DIALECTS, MESSAGES, RESPONSES, TEXT, hello, start};

#[tokio::test]
async fn refusals_before_the_stream_are_answers_with_their_status() {
    let upstream = FakeUpstream::start(Script::Silence).await;
    let app = start(&upstream, Dialect::Responses).await;
    for (script, status, code) in [
        (Script::Refuse(401, None), 500, "CHAT_ERROR"),
        (Script::Refuse(403, None), 500, "CHAT_ERROR"),
        (Script::Refuse(404, None), 400, "INVALID_MODEL"),
        (Script::Refuse(400, None), 502, "CHAT_ERROR"),
        (Script::Refuse(429, Some("7")), 429, "RATE_LIMITED"),
        (Script::Refuse(500, None), 502, "CHAT_ERROR"),
        (Script::Refuse(529, None), 502, "CHAT_ERROR"),
        (Script::Refuse(413, None), 502, "CHAT_ERROR"),
        (Script::Refuse(302, None), 502, "CHAT_ERROR"),
        (Script::Silence, 504, "CHAT_ERROR"),
    ] {
        upstream.play(script.clone());
        let response = app.post("/ai/chat", &hello()).send().await.unwrap();
        let retry_after = response
            .headers()
            .get("retry-after")
            .map(|value| value.to_str().unwrap().to_owned());
        let (found, found_code, message) = refusal(response).await;
        assert_eq!((found, found_code.as_str()), (status, code), "{script:?}");
        assert!(!message.contains("canary"), "{message}");
        if status == 500 {
            assert!(message.contains("API 키"));
        }
        if status == 429 {
            assert_eq!(retry_after.as_deref(), Some("7"));
        }
    }
}

#[tokio::test]
async fn an_upstream_that_is_not_there_is_a_bad_gateway() {
    let app = TestApp::configured(&[], |settings| {
        let provider = ProviderSettings {
            dialect: Some(Dialect::Responses),
            // The discard port: nothing listens there.
            base_url: Some("http://127.0.0.1:9".parse().unwrap()),
            models: vec!["model-1".to_owned()],
            ..ProviderSettings::default()
        };
        settings.providers.insert("fake".to_owned(), provider);
    })
    .await;
    let (status, code, _) = refusal(app.post("/ai/chat", &hello()).send().await.unwrap()).await;
    assert_eq!((status, code.as_str()), (502, "CHAT_ERROR"));
}

#[tokio::test]
async fn faults_in_the_stream_end_it_with_an_error_event_after_the_text_so_far() {
    for (dialect, golden) in DIALECTS {
        // In the middle of the event after the first delta.
        let cut = find(golden, ", \"".as_bytes()).unwrap_or(golden.len() / 2);
        let head = golden[..cut].to_vec();
        let garbage = [&head[..last_event_end(&head)], b"data: {\"type\": oops\n\n"].concat();
        for script in [
            Script::Cut(head.clone()),
            Script::Hang(head.clone()),
            Script::Stream(garbage, 50),
        ] {
            let upstream = FakeUpstream::start(script.clone()).await;
            let app = start(&upstream, dialect).await;
            let events = app.chat(&hello()).await;
            assert!(TEXT.starts_with(&deltas(&events)));
            assert!(!deltas(&events).is_empty(), "{dialect:?} {script:?}");
            let last = events.last().unwrap();
            assert_eq!(
                (&last["type"], &last["error"]["code"]),
                (&json!("error"), &json!("CHAT_ERROR"))
            );
        }
    }
}

#[tokio::test]
async fn a_stream_that_ends_early_without_an_error_is_broken_all_the_same() {
    for (dialect, golden) in DIALECTS {
        let cut = last_event_end(&golden[..golden.len() / 2 + golden.len() / 8]);
        let upstream = FakeUpstream::start(Script::Stream(golden[..cut].to_vec(), 100)).await;
        let app = start(&upstream, dialect).await;
        let events = app.chat(&hello()).await;
        assert_eq!(events.last().unwrap()["type"], "error", "{dialect:?}");
    }
}

#[tokio::test]
async fn silence_is_filled_with_keep_alive_comments() {
    let upstream = FakeUpstream::start(Script::Hang(
        RESPONSES[..last_event_end(&RESPONSES[..2400])].to_vec(),
    ))
    .await;
    let app = start(&upstream, Dialect::Responses).await;
    let text = app
        .post("/ai/chat", &hello())
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(text.contains(": keep-alive\n\n"), "{text}");
}

#[tokio::test]
async fn a_client_that_goes_away_cancels_the_upstream_and_the_partial_answer_is_stored() {
    let head = MESSAGES[..last_event_end(&MESSAGES[..MESSAGES.len() * 3 / 4])].to_vec();
    let upstream = FakeUpstream::start(Script::Hang(head)).await;
    let app = TestApp::configured(&[("ANTHROPIC_BASE_URL", upstream.url.as_str())], |_| {}).await;
    let response = app
        .post(
            "/ai/chat",
            &json!({ "message": "hi", "model": "claude-3-5-sonnet" }),
        )
        .send()
        .await
        .unwrap();
    let mut body = response.bytes_stream();
    let mut text = String::new();
    while !text.contains("안녕하세요") {
        text.push_str(&String::from_utf8_lossy(
            &body.next().await.unwrap().unwrap(),
        ));
    }
    drop(body);
    let left = Instant::now();
    upstream.caller_is_gone(Duration::from_secs(1)).await;
    assert!(left.elapsed() < Duration::from_secs(1));
    let id = id_of(&crate::app::events(&text));
    let stored = app.stored(&id).await;
    assert!(
        stored["data"]["content"]
            .as_str()
            .unwrap()
            .starts_with("안녕하세요")
    );
    assert_eq!(stored["data"]["usage"]["input_tokens"], 37);
    assert!(stored["data"]["usage"]["output_tokens"].as_u64().unwrap() > 1);
}

#[tokio::test]
async fn a_client_that_goes_away_before_the_first_byte_cancels_the_upstream_too() {
    let upstream = FakeUpstream::start(Script::Silence).await;
    let app = TestApp::configured(&[("OPENAI_BASE_URL", upstream.url.as_str())], |_| {}).await;
    let request = app
        .post("/ai/chat", &json!({ "message": "hi", "model": "gpt-5" }))
        .send();
    let task = tokio::spawn(request);
    crate::app::until(|| async { (!upstream.seen().is_empty()).then_some(()) }).await;
    task.abort();
    upstream.caller_is_gone(Duration::from_secs(1)).await;
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

/// Where the last whole event of a head ends.
fn last_event_end(head: &[u8]) -> usize {
    let lf = head
        .windows(2)
        .rposition(|window| window == b"\n\n")
        .map(|at| at + 2);
    let crlf = head
        .windows(4)
        .rposition(|window| window == b"\r\n\r\n")
        .map(|at| at + 4);
    lf.max(crlf).unwrap()
}
