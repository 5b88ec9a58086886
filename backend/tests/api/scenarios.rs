//! The specification's scenarios against the built-in provider (`ai-api.md`).

use reqwest::StatusCode;
use serde_json::json;

use crate::app::{TestApp, deltas, events, id_of, json_of, refusal};

#[tokio::test]
async fn text_chat_streams_created_deltas_and_completed() {
    let app = TestApp::start().await;
    let response = app
        .post(
            "/ai/chat",
            &json!({ "message": "안녕하세요!", "model": "echo" }),
        )
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let text = response.text().await.unwrap();
    let id = id_of(&events(&text));
    let expected = format!(
        "data: {{\"type\":\"response.created\",\"response\":{{\"id\":\"{id}\"}}}}\n\n\
         data: {{\"type\":\"response.output_text.delta\",\"delta\":\"안녕하세요\",\"sequence_number\":1}}\n\n\
         data: {{\"type\":\"response.output_text.delta\",\"delta\":\"!\",\"sequence_number\":2}}\n\n\
         data: {{\"type\":\"response.completed\",\"sequence_number\":3,\"response\":{{\"id\":\"{id}\",\"model\":\"echo\",\
         \"content\":\"안녕하세요!\",\"usage\":{{\"input_tokens\":4,\"output_tokens\":4,\"total_tokens\":8}}}}}}\n\n"
    );
    assert_eq!(text, expected);
}

#[tokio::test]
async fn an_uploaded_image_reaches_the_model() {
    let app = TestApp::start().await;
    let file = app.upload_png().await;
    let events = app
        .chat(&json!({ "message": "이 이미지는?", "model": "demo", "file_id": file }))
        .await;
    assert!(deltas(&events).contains("`image/png`, 1 × 1 픽셀"));
}

#[tokio::test]
async fn a_follow_up_knows_the_earlier_turns() {
    let app = TestApp::start().await;
    let first = id_of(&app.chat(&json!({ "message": "one" })).await);
    let second = app
        .chat(&json!({ "message": "two", "previous_response_id": first }))
        .await;
    assert!(deltas(&second).contains("I remember 1 earlier question."));
    let third = app
        .chat(&json!({ "message": "three", "previous_response_id": id_of(&second) }))
        .await;
    assert!(deltas(&third).contains("I remember 2 earlier questions."));
}

#[tokio::test]
async fn a_stored_answer_is_found_by_its_id() {
    let app = TestApp::start().await;
    let events = app.chat(&json!({ "message": "hi", "model": "echo" })).await;
    let id = id_of(&events);
    app.clock.advance(1000);
    let body = json_of(app.get(&format!("/ai/response?id={id}&model=echo")).await).await;
    let expected = json!({
        "success": true,
        "data": {
            "id": id, "content": "hi", "model": "echo", "provider": "demo",
            "usage": { "input_tokens": 1, "output_tokens": 1, "total_tokens": 2 },
            "timestamp": "2024-11-16T12:34:56.789Z",
        },
        "metadata": { "provider": "demo", "timestamp": "2024-11-16T12:34:57.789Z" },
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn the_specification_s_refusals_are_literal() {
    let app = TestApp::start().await;
    let chat = async |body| refusal(app.post("/ai/chat", &body).send().await.unwrap()).await;
    let get = async |path| refusal(app.get(path).await).await;
    let is = |status: u16, code: &str, message: &str| (status, code.to_owned(), message.to_owned());
    assert_eq!(
        get("/ai/response").await,
        is(400, "MISSING_PARAM", "응답 ID가 제공되지 않았습니다")
    );
    assert_eq!(get("/ai/response?id=&id=x").await.1, "MISSING_PARAM");
    assert_eq!(
        get("/ai/response?id=resp_invalid").await,
        is(
            404,
            "RESPONSE_NOT_FOUND",
            "응답을 찾을 수 없습니다: resp_invalid"
        )
    );
    assert_eq!(
        chat(json!({ "message": "hi", "model": "invalid-model" })).await,
        is(
            400,
            "INVALID_MODEL",
            "지원하지 않는 모델: invalid-model. 지원 모델: demo, echo"
        )
    );
    for body in [
        json!({}),
        json!({ "message": "" }),
        json!({ "message": " \n\t " }),
    ] {
        assert_eq!(chat(body).await.1, "MISSING_PARAM");
    }
    let (status, code, _) = chat(json!({ "message": "hi", "file_id": "file-none" })).await;
    assert_eq!((status, code.as_str()), (404, "FILE_NOT_FOUND"));
    let (status, code, _) =
        chat(json!({ "message": "hi", "previous_response_id": "resp_none" })).await;
    assert_eq!((status, code.as_str()), (404, "RESPONSE_NOT_FOUND"));
    assert_eq!(chat(json!({ "message": 7 })).await.1, "INVALID_JSON");
    assert_eq!(get("/none").await.1, "NOT_FOUND");
    assert_eq!(get("/ai/chat").await.1, "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn an_echo_of_five_megabytes_in_one_line_comes_back_whole() {
    let app = TestApp::start().await;
    let message = "한글ab ".repeat(5 * 1024 * 1024 / 9);
    let events = app
        .chat(&json!({ "message": message, "model": "echo" }))
        .await;
    assert!(deltas(&events) == message);
    assert!(events.last().unwrap()["response"]["content"] == message);
}

#[tokio::test]
async fn health_and_is_alive_answer_in_every_spelling() {
    let app = TestApp::start().await;
    for path in [
        "/healthz",
        "/readyz",
        "/is-alive",
        "/is-alive/",
        "/api/Provider/is-alive",
        "/api/Provider/is-alive/",
    ] {
        let response = app.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(json_of(response).await, json!({ "status": "ok" }));
    }
}
