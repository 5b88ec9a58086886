//! Gemini: `POST {base}/models/{model}:streamGenerateContent?alt=sse`.

use std::collections::VecDeque;

use reqwest::{Client, RequestBuilder};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::upstream::endpoint;
use super::{ModelRequest, ProviderError, ProviderEvent, Role, Turn};
use crate::config::Upstream;

pub(super) fn request(
    client: &Client,
    upstream: &Upstream,
    request: &ModelRequest,
) -> RequestBuilder {
    let contents: Vec<Value> = request.turns.iter().map(content).collect();
    let action = format!("{}:streamGenerateContent", request.model);
    let mut url = endpoint(&upstream.base_url, &["models", &action]);
    url.query_pairs_mut().append_pair("alt", "sse");
    let mut builder = client.post(url);
    if let Some(key) = &upstream.api_key {
        builder = builder.header("x-goog-api-key", key.expose_secret());
    }
    let mut body = json!({ "contents": contents });
    if let Some(text) = request.instructions() {
        body["systemInstruction"] = json!({ "parts": [{ "text": text }] });
    }
    builder.json(&body)
}

pub(super) fn events(value: &Value, out: &mut VecDeque<ProviderEvent>) {
    if !value["error"].is_null() {
        let error = ProviderError::from_object(&value["error"]);
        out.push_back(ProviderEvent::Failed(error));
        return;
    }
    let candidate = &value["candidates"][0];
    for part in candidate["content"]["parts"]
        .as_array()
        .into_iter()
        .flatten()
    {
        // Thoughts are parts too, marked so; they are not the answer.
        if let (Some(text), false) = (
            part["text"].as_str(),
            part["thought"].as_bool().unwrap_or(false),
        ) {
            out.push_back(ProviderEvent::Delta(text.to_owned()));
        }
    }
    let usage = &value["usageMetadata"];
    if usage.is_object() {
        // Either is absent where it is 0; thoughts are paid for as output.
        let counts = ["candidatesTokenCount", "thoughtsTokenCount"];
        let output = counts.iter().filter_map(|key| usage[key].as_u64());
        out.push_back(ProviderEvent::Usage {
            input: usage["promptTokenCount"].as_u64(),
            output: output.reduce(|sum, count| sum + count),
        });
    }
    if value["promptFeedback"]["blockReason"].is_string() {
        out.push_back(ProviderEvent::Failed(ProviderError::Filtered));
    } else if let Some(reason) = candidate["finishReason"].as_str() {
        out.push_back(ProviderEvent::Finished(cut(reason)));
    }
}

fn cut(finish_reason: &str) -> Option<ProviderError> {
    match finish_reason {
        "STOP" | "FINISH_REASON_UNSPECIFIED" => None,
        "MAX_TOKENS" => Some(ProviderError::CutShort),
        "SAFETY" | "RECITATION" | "LANGUAGE" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII"
        | "IMAGE_SAFETY" => Some(ProviderError::Filtered),
        // `OTHER`, `MALFORMED_FUNCTION_CALL` and what comes yet: the text is not what was asked for.
        _ => Some(ProviderError::Failed { status: 200 }),
    }
}

fn content(turn: &Turn) -> Value {
    let images = turn.images.iter().map(
        |image| json!({ "inlineData": { "mimeType": image.media_type, "data": image.base64() } }),
    );
    let parts: Vec<Value> = images
        .chain(std::iter::once(json!({ "text": turn.text })))
        .collect();
    let role = match turn.role {
        Role::User => "user",
        Role::Assistant => "model",
    };
    json!({ "role": role, "parts": parts })
}
