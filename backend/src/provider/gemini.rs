//! Gemini: `POST {base}/models/{model}:streamGenerateContent?alt=sse`.

use std::collections::VecDeque;

use reqwest::{Client, RequestBuilder};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

use super::upstream::url;
use super::{ModelRequest, ProviderError, ProviderEvent, Role, Turn};
use crate::config::Upstream;

pub(super) fn request(
    client: &Client,
    upstream: &Upstream,
    request: &ModelRequest,
) -> RequestBuilder {
    let contents: Vec<Value> = request.turns.iter().map(content).collect();
    // The model's name is the client's text: it must not leave its path segment.
    let model: String = byte_serialize(request.model.as_bytes()).collect();
    let mut builder = client.post(url(
        upstream,
        &format!("models/{model}:streamGenerateContent?alt=sse"),
    ));
    if let Some(key) = &upstream.api_key {
        builder = builder.header("x-goog-api-key", key.expose_secret());
    }
    builder.json(&json!({ "contents": contents }))
}

pub(super) fn events(value: &Value, out: &mut VecDeque<ProviderEvent>) {
    if !value["error"].is_null() {
        out.push_back(ProviderEvent::Failed(ProviderError::Failed { status: 200 }));
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
        let thoughts = usage["thoughtsTokenCount"].as_u64().unwrap_or(0);
        out.push_back(ProviderEvent::Usage {
            input: usage["promptTokenCount"].as_u64(),
            output: usage["candidatesTokenCount"]
                .as_u64()
                .map(|output| output + thoughts),
        });
    }
    if value["promptFeedback"]["blockReason"].is_string() {
        out.push_back(ProviderEvent::Failed(ProviderError::Filtered));
    } else if candidate["finishReason"].is_string() {
        out.push_back(ProviderEvent::Finished);
    }
}

fn content(turn: &Turn) -> Value {
    let images = turn.images.iter().map(
        |image| json!({ "inline_data": { "mime_type": image.media_type, "data": image.base64() } }),
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
