//! Answers that do not end well: every one ends with an event or a status that says why.

use aicon_backend::config::Dialect;
use serde_json::json;

use crate::app::{deltas, id_of, refusal};
use crate::fake_upstream::{FakeUpstream, Script};
use crate::upstreams::{hello, start};

/// Dialect, stream, text before the end, code and part of the message of the last event.
type Case = (
    Dialect,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const CUT_SHORT: &str = "최대 길이";
const FILTERED: &str = "안전 정책";

const CASES: &[Case] = &[
    (
        Dialect::Responses,
        "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":4,\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,\"delta\":\"half\",\"logprobs\":[]}\n\n\
         event: response.incomplete\ndata: {\"type\":\"response.incomplete\",\"sequence_number\":5,\"response\":{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"},\"usage\":{\"input_tokens\":37,\"output_tokens\":11,\"total_tokens\":48}}}\n\n",
        "half",
        "CHAT_ERROR",
        CUT_SHORT,
    ),
    (
        Dialect::Responses,
        "data: {\"type\":\"response.incomplete\",\"sequence_number\":5,\"response\":{\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"content_filter\"},\"usage\":null}}\n\n",
        "",
        "CHAT_ERROR",
        FILTERED,
    ),
    (
        Dialect::Responses,
        "event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":1,\"response\":{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"canary\"},\"usage\":null}}\n\n",
        "",
        "CHAT_ERROR",
        "오류가 발생했습니다",
    ),
    (
        Dialect::Responses,
        "event: error\ndata: {\"type\":\"error\",\"code\":\"rate_limit_exceeded\",\"message\":\"canary\",\"param\":null,\"sequence_number\":1}\n\n",
        "",
        "RATE_LIMITED",
        "요청 한도",
    ),
    (
        Dialect::ChatCompletions,
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"half\"},\"finish_reason\":null}]}\n\n\
         data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}],\"usage\":null}\n\n\
         data: {\"choices\":[],\"usage\":{\"prompt_tokens\":37,\"completion_tokens\":11,\"total_tokens\":48}}\n\ndata: [DONE]\n\n",
        "half",
        "CHAT_ERROR",
        CUT_SHORT,
    ),
    (
        Dialect::ChatCompletions,
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n\ndata: [DONE]\n\n",
        "",
        "CHAT_ERROR",
        FILTERED,
    ),
    (
        Dialect::ChatCompletions,
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
        "",
        "CHAT_ERROR",
        "빈 답변",
    ),
    (
        Dialect::Messages,
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"half\"}}\n\n\
         event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\",\"stop_sequence\":null},\"usage\":{\"input_tokens\":37,\"output_tokens\":11}}\n\n\
         event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
        "half",
        "CHAT_ERROR",
        CUT_SHORT,
    ),
    (
        Dialect::Messages,
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"refusal\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":1}}\n\n\
         event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
        "",
        "CHAT_ERROR",
        FILTERED,
    ),
    (
        Dialect::Messages,
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"half\"}}\n\n\
         event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded canary\"}}\n\n",
        "half",
        "CHAT_ERROR",
        "혼잡합니다",
    ),
    (
        Dialect::Gemini,
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"half\"}],\"role\":\"model\"},\"finishReason\":\"MAX_TOKENS\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":37,\"candidatesTokenCount\":11,\"totalTokenCount\":48}}\r\n\r\n",
        "half",
        "CHAT_ERROR",
        CUT_SHORT,
    ),
    (
        Dialect::Gemini,
        "data: {\"candidates\":[{\"finishReason\":\"SAFETY\",\"index\":0,\"safetyRatings\":[{\"category\":\"HARM_CATEGORY_HARASSMENT\",\"probability\":\"HIGH\",\"blocked\":true}]}],\"usageMetadata\":{\"promptTokenCount\":37,\"totalTokenCount\":37}}\r\n\r\n",
        "",
        "CHAT_ERROR",
        FILTERED,
    ),
    (
        Dialect::Gemini,
        "data: {\"promptFeedback\":{\"blockReason\":\"PROHIBITED_CONTENT\"},\"usageMetadata\":{\"promptTokenCount\":37,\"totalTokenCount\":37},\"modelVersion\":\"gemini-2.5-flash\"}\r\n\r\n",
        "",
        "CHAT_ERROR",
        FILTERED,
    ),
    (
        Dialect::Gemini,
        "data: {\"candidates\":[{\"content\":{\"role\":\"model\"},\"finishReason\":\"MALFORMED_FUNCTION_CALL\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":37}}\r\n\r\n",
        "",
        "CHAT_ERROR",
        "오류가 발생했습니다",
    ),
    (
        Dialect::Gemini,
        "data: {\"error\":{\"code\":503,\"message\":\"canary\",\"status\":\"UNAVAILABLE\"}}\r\n\r\n",
        "",
        "CHAT_ERROR",
        "혼잡합니다",
    ),
];

#[tokio::test]
async fn incomplete_refused_and_empty_answers_end_with_an_event_that_says_so() {
    for &(dialect, stream, text, code, message) in CASES {
        let upstream = FakeUpstream::start(Script::Stream(stream.into(), 40)).await;
        let app = start(&upstream, dialect).await;
        let events = app.chat(&hello()).await;
        assert_eq!(deltas(&events), text, "{stream}");
        let last = events.last().unwrap();
        assert_eq!(
            (&last["type"], &last["error"]["code"]),
            (&json!("error"), &json!(code)),
            "{stream}"
        );
        let said = last["error"]["message"].as_str().unwrap();
        assert!(
            said.contains(message) && !said.contains("canary"),
            "{stream}: {said}"
        );
    }
}

#[tokio::test]
async fn the_error_event_is_to_the_byte_as_documented() {
    let upstream = FakeUpstream::start(Script::Stream(b"data: oops\n\n".to_vec(), 40)).await;
    let app = start(&upstream, Dialect::Responses).await;
    let response = app.post("/ai/chat", &hello()).send().await.unwrap();
    let text = response.text().await.unwrap();
    let error = "data: {\"type\":\"error\",\"error\":{\"code\":\"CHAT_ERROR\",\"message\":\"AI 제공자의 응답을 해석할 수 없습니다\"}}\n\n";
    let (created, rest) = text.split_once("\n\n").unwrap();
    assert!(created.starts_with("data: {\"type\":\"response.created\""));
    assert_eq!(rest, error);
}

#[tokio::test]
async fn an_answer_cut_at_the_model_s_limit_is_stored_with_the_provider_s_counts() {
    for &(dialect, stream, text, _, message) in CASES.iter().filter(|case| case.4 == CUT_SHORT) {
        let upstream = FakeUpstream::start(Script::Stream(stream.into(), 4096)).await;
        let app = start(&upstream, dialect).await;
        let id = id_of(&app.chat(&hello()).await);
        let stored = app.stored(&id).await;
        let usage = json!({ "input_tokens": 37, "output_tokens": 11, "total_tokens": 48 });
        assert_eq!(
            (&stored["data"]["content"], &stored["data"]["usage"]),
            (&json!(text), &usage),
            "{dialect:?} {message}"
        );
    }
}

#[tokio::test]
async fn a_refusal_in_chat_completions_is_text() {
    let stream = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":null,\"refusal\":\"\"},\"finish_reason\":null}]}\n\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{\"refusal\":\"I cannot help\"},\"finish_reason\":null}]}\n\n\
        data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    let upstream = FakeUpstream::start(Script::Stream(stream.into(), 40)).await;
    let app = start(&upstream, Dialect::ChatCompletions).await;
    let events = app.chat(&hello()).await;
    assert_eq!(deltas(&events), "I cannot help");
    assert_eq!(events.last().unwrap()["type"], "response.completed");
}

/// A status of 400 has many reasons; the error object's words tell those that the user or the operator can act on.
#[tokio::test]
async fn the_words_of_a_refusal_tell_what_to_do_and_its_text_stays_here() {
    for (dialect, status, body, expected, part) in [
        (
            Dialect::Gemini,
            400,
            r#"{"error":{"code":400,"message":"API key not valid. canary","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}"#,
            500,
            "API 키",
        ),
        (
            Dialect::Gemini,
            400,
            r#"[{"error":{"code":400,"message":"canary","status":"INVALID_ARGUMENT"}}]"#,
            502,
            "거부했습니다",
        ),
        (
            Dialect::Responses,
            400,
            r#"{"error":{"message":"Your input exceeds canary","type":"invalid_request_error","param":"input","code":"context_length_exceeded"}}"#,
            502,
            "새 대화",
        ),
        (
            Dialect::Responses,
            400,
            r#"{"error":{"message":"canary","type":"invalid_request_error","param":null,"code":"invalid_prompt"}}"#,
            502,
            "안전 정책",
        ),
        (
            Dialect::Messages,
            529,
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded canary"},"request_id":"req_1"}"#,
            502,
            "혼잡합니다",
        ),
        (
            Dialect::Messages,
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"canary"},"request_id":"req_1"}"#,
            502,
            "거부했습니다",
        ),
        (
            Dialect::ChatCompletions,
            422,
            "not json, canary",
            502,
            "거부했습니다",
        ),
    ] {
        let upstream = FakeUpstream::start(Script::Explain(status, body)).await;
        let app = start(&upstream, dialect).await;
        let (found, _, message) =
            refusal(app.post("/ai/chat", &hello()).send().await.unwrap()).await;
        assert_eq!(found, expected, "{body}");
        assert!(
            message.contains(part) && !message.contains("canary"),
            "{body}: {message}"
        );
    }
}
