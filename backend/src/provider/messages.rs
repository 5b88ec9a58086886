//! Anthropic's Messages API: `POST {base}/v1/messages` with `stream: true`.

use std::borrow::Cow;
use std::collections::VecDeque;

use reqwest::{Client, RequestBuilder};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Value, json};

use super::upstream::endpoint;
use super::{ModelRequest, ProviderError, ProviderEvent, Turn};
use crate::config::Upstream;

const VERSION: &str = "2023-06-01";

pub(super) fn request(
    client: &Client,
    upstream: &Upstream,
    request: &ModelRequest,
) -> RequestBuilder {
    let messages: Vec<Value> = request.turns.iter().map(message).collect();
    let mut body = json!({
        "model": request.model,
        "max_tokens": max_tokens(&request.model),
        "messages": messages,
        "stream": true,
    });
    if let Some(text) = request.instructions() {
        body["system"] = json!(text);
    }
    // The documentation gives the base URL without the version, some clients with it.
    let path = if upstream
        .base_url
        .path()
        .trim_end_matches('/')
        .ends_with("/v1")
    {
        &["messages"][..]
    } else {
        &["v1", "messages"]
    };
    let mut builder = client
        .post(endpoint(&upstream.base_url, path))
        .header("anthropic-version", VERSION);
    if let Some(key) = &upstream.api_key {
        builder = builder.header("x-api-key", key.expose_secret());
    }
    builder.json(&body)
}

/// See [`super::reader`].
pub(super) fn plain_delta(data: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Event<'a> {
        r#type: &'a str,
        #[serde(borrow)]
        delta: Delta<'a>,
    }
    #[derive(Deserialize)]
    struct Delta<'a> {
        #[serde(borrow)]
        text: Cow<'a, str>,
    }
    let event: Event<'_> = serde_json::from_str(data).ok()?;
    (event.r#type == "content_block_delta").then(|| event.delta.text.into_owned())
}

pub(super) fn events(value: &Value, out: &mut VecDeque<ProviderEvent>) {
    match value["type"].as_str() {
        Some("message_start") => out.push_back(usage(&value["message"]["usage"])),
        Some("content_block_delta") => {
            if let Some(text) = value["delta"]["text"].as_str() {
                out.push_back(ProviderEvent::Delta(text.to_owned()));
            }
        }
        // Its counts are cumulative: they replace those of the start.
        Some("message_delta") => {
            out.push_back(usage(&value["usage"]));
            if let Some(reason) = value["delta"]["stop_reason"].as_str() {
                out.push_back(ProviderEvent::Finished(match reason {
                    "max_tokens" | "model_context_window_exceeded" => Some(ProviderError::CutShort),
                    "refusal" => Some(ProviderError::Filtered),
                    _ => None,
                }));
            }
        }
        Some("message_stop") => out.push_back(ProviderEvent::End),
        Some("error") => {
            let error = ProviderError::from_object(&value["error"]);
            out.push_back(ProviderEvent::Failed(error));
        }
        _ => {}
    }
}

/// The API demands a limit. Each generation refuses more than its own.
fn max_tokens(model: &str) -> u32 {
    match model {
        model if model.starts_with("claude-3-5") => 8192,
        model if model.starts_with("claude-3-7") => 32_000,
        model if model.starts_with("claude-3-") => 4096,
        _ => 32_000,
    }
}

fn usage(usage: &Value) -> ProviderEvent {
    let cached = ["cache_creation_input_tokens", "cache_read_input_tokens"];
    let cached: u64 = cached.iter().filter_map(|key| usage[key].as_u64()).sum();
    ProviderEvent::Usage {
        input: usage["input_tokens"].as_u64().map(|input| input + cached),
        output: usage["output_tokens"].as_u64(),
    }
}

fn message(turn: &Turn) -> Value {
    let images = turn.images.iter().map(|image| {
        json!({
            "type": "image",
            "source": { "type": "base64", "media_type": image.media_type, "data": image.base64() },
        })
    });
    let content: Vec<Value> = images
        .chain(std::iter::once(
            json!({ "type": "text", "text": turn.text }),
        ))
        .collect();
    json!({ "role": turn.role.name(), "content": content })
}
