//! The four upstream dialects, to the byte.

use std::time::Duration;

use aicon_backend::config::Dialect;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::app::{PNG, TestApp, deltas, id_of, json_of};
use crate::fake_upstream::{FakeUpstream, Script, Seen};

pub(crate) const RESPONSES: &[u8] = include_bytes!("../../../tests/wire/upstream/responses.txt");
const CHAT_COMPLETIONS: &[u8] = include_bytes!("../../../tests/wire/upstream/chat-completions.txt");
const COMPATIBLE: &[u8] =
    include_bytes!("../../../tests/wire/upstream/chat-completions-compatible.txt");
pub(crate) const MESSAGES: &[u8] = include_bytes!("../../../tests/wire/upstream/messages.txt");
const GEMINI: &[u8] = include_bytes!("../../../tests/wire/upstream/gemini.txt");

pub(crate) const DIALECTS: [(Dialect, &[u8]); 4] = [
    (Dialect::Responses, RESPONSES),
    (Dialect::ChatCompletions, CHAT_COMPLETIONS),
    (Dialect::Messages, MESSAGES),
    (Dialect::Gemini, GEMINI),
];

pub(crate) const TEXT: &str = "안녕하세요, **세계**!\n 끝";

pub(crate) async fn start(upstream: &FakeUpstream, dialect: Dialect) -> TestApp {
    TestApp::configured(&[], |settings| {
        upstream.stand_behind(settings, dialect, Duration::from_millis(300));
        let provider = settings.providers.get_mut("fake").unwrap();
        provider.api_key = Some(SecretString::from("sk-canary-ours"));
        settings.timeouts.keep_alive = Duration::from_millis(50);
    })
    .await
}

pub(crate) fn hello() -> Value {
    json!({ "message": "hi", "model": "model-1" })
}

#[tokio::test]
async fn every_dialect_streams_text_and_usage_in_any_chunking() {
    for (dialect, golden) in DIALECTS
        .into_iter()
        .chain([(Dialect::ChatCompletions, COMPATIBLE)])
    {
        for size in [1, 7, 64, usize::MAX] {
            let upstream =
                FakeUpstream::start(Script::Stream(golden.to_vec(), size.min(golden.len()))).await;
            let app = start(&upstream, dialect).await;
            let events = app.chat(&hello()).await;
            assert_eq!(deltas(&events), TEXT, "{dialect:?} in chunks of {size}");
            let completed = &events.last().unwrap()["response"];
            assert_eq!(completed["content"], TEXT);
            let usage = json!({ "input_tokens": 37, "output_tokens": 11, "total_tokens": 48 });
            assert_eq!(completed["usage"], usage, "{dialect:?}");
            let stored = app.stored(&id_of(&events)).await;
            assert_eq!(
                (&stored["data"]["provider"], &stored["data"]["usage"]),
                (&json!("fake"), &usage)
            );
        }
    }
}

#[tokio::test]
async fn images_and_earlier_turns_reach_the_upstream_in_its_format() {
    let image = "iVBORw0KGgo";
    for (dialect, golden) in DIALECTS {
        let upstream = FakeUpstream::start(Script::Stream(golden.to_vec(), 1000)).await;
        let app = start(&upstream, dialect).await;
        let file = app.upload_png().await;
        let first = app
            .chat(&json!({ "message": "look", "model": "model-1", "file_id": file }))
            .await;
        app.chat(&json!({ "message": "more", "model": "model-1", "previous_response_id": id_of(&first) })).await;
        let seen = upstream.seen();
        let request = &seen[1];
        let (path, key, turns, picture) = match dialect {
            Dialect::Responses => (
                "/responses",
                "authorization",
                "input",
                "/input/0/content/1/image_url",
            ),
            Dialect::ChatCompletions => (
                "/chat/completions",
                "authorization",
                "messages",
                "/messages/0/content/1/image_url/url",
            ),
            Dialect::Messages => (
                "/v1/messages",
                "x-api-key",
                "messages",
                "/messages/0/content/0/source/data",
            ),
            Dialect::Gemini => (
                "/models/model-1:streamGenerateContent?alt=sse",
                "x-goog-api-key",
                "contents",
                "/contents/0/parts/0/inlineData/data",
            ),
        };
        assert_eq!(request.path, path);
        assert!(
            request.headers[key]
                .to_str()
                .unwrap()
                .ends_with("sk-canary-ours")
        );
        assert_eq!(
            request.body[turns].as_array().unwrap().len(),
            3,
            "{dialect:?}"
        );
        let picture = request.body.pointer(picture).unwrap().as_str().unwrap();
        assert!(
            picture
                .trim_start_matches("data:image/png;base64,")
                .starts_with(image),
            "{dialect:?}"
        );
        assert!(request.body.to_string().contains("안녕하세요"));
        assert_documented(dialect, request);
    }
}

/// Headers and fields that the services' references call required, or give as the one form.
fn assert_documented(dialect: Dialect, request: &Seen) {
    let body = &request.body;
    let at = |pointer| body.pointer(pointer).unwrap_or(&Value::Null);
    if dialect != Dialect::Gemini {
        assert_eq!(
            (at("/model"), at("/stream")),
            (&json!("model-1"), &json!(true))
        );
    }
    assert_eq!(request.headers["content-type"], "application/json");
    match dialect {
        Dialect::Responses => {
            assert_eq!(at("/store"), &json!(false));
            assert_eq!(
                at("/input/0/content/0"),
                &json!({ "type": "input_text", "text": "look" })
            );
            assert_eq!(at("/input/0/content/1/type"), "input_image");
            assert_eq!(at("/input/0/content/1/detail"), "auto");
            assert_eq!(
                at("/input/1"),
                &json!({ "role": "assistant", "content": TEXT })
            );
        }
        Dialect::ChatCompletions => {
            assert_eq!(at("/stream_options"), &json!({ "include_usage": true }));
            assert_eq!(at("/messages/0/content/1/type"), "image_url");
            assert_eq!(
                at("/messages/1"),
                &json!({ "role": "assistant", "content": TEXT })
            );
        }
        Dialect::Messages => {
            assert_eq!(request.headers["anthropic-version"], "2023-06-01");
            assert!(at("/max_tokens").as_u64().unwrap() > 0);
            assert_eq!(at("/messages/0/content/0/type"), "image");
            assert_eq!(at("/messages/0/content/0/source/type"), "base64");
            assert_eq!(at("/messages/0/content/0/source/media_type"), "image/png");
            assert_eq!(at("/messages/1/role"), "assistant");
        }
        Dialect::Gemini => {
            assert_eq!(at("/contents/0/parts/0/inlineData/mimeType"), "image/png");
            assert_eq!(at("/contents/0/role"), "user");
            assert_eq!(
                at("/contents/1"),
                &json!({ "role": "model", "parts": [{ "text": TEXT }] })
            );
        }
    }
}

#[tokio::test]
async fn a_picture_s_metadata_stays_here() {
    const PLACE: &[u8] = b"\0\0\0\x15tEXtLocation\0canary-place\x1asp\xf2";
    let upstream = FakeUpstream::start(Script::Stream(RESPONSES.to_vec(), 1000)).await;
    let app = start(&upstream, Dialect::Responses).await;
    let (pixels, end) = PNG.split_at(PNG.len() - 12);
    let response = app.upload("a.png", &[pixels, PLACE, end].concat()).await;
    let file = json_of(response).await["data"]["file_id"].clone();
    app.chat(&json!({ "message": "look", "model": "model-1", "file_id": file }))
        .await;
    let url = upstream.seen()[0].body["input"][0]["content"][1]["image_url"].clone();
    let sent = url.as_str().unwrap().split_once(',').unwrap().1.to_owned();
    assert_eq!(STANDARD.decode(sent).unwrap(), PNG);
}
