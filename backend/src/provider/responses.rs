//! OpenAI's Responses API: `POST {base}/responses` with `stream: true`.

use std::borrow::Cow;
use std::collections::VecDeque;

use reqwest::{Client, RequestBuilder};
use serde::Deserialize;
use serde_json::{Value, json};

use super::upstream::{bearer, endpoint};
use super::{ModelRequest, ProviderError, ProviderEvent, Role, Turn};
use crate::config::Upstream;

pub(super) fn request(
    client: &Client,
    upstream: &Upstream,
    request: &ModelRequest,
) -> RequestBuilder {
    let input: Vec<Value> = request.turns.iter().map(message).collect();
    // `store: false`: conversations are continued by our store, the upstream need not keep them.
    let mut body =
        json!({ "model": request.model, "input": input, "stream": true, "store": false });
    if let Some(text) = request.instructions() {
        body["instructions"] = json!(text);
    }
    bearer(
        client.post(endpoint(&upstream.base_url, &["responses"])),
        upstream.api_key.as_ref(),
    )
    .json(&body)
}

/// See [`super::reader`].
pub(super) fn plain_delta(data: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Event<'a> {
        r#type: &'a str,
        #[serde(borrow)]
        delta: Cow<'a, str>,
    }
    let event: Event<'_> = serde_json::from_str(data).ok()?;
    matches!(
        event.r#type,
        "response.output_text.delta" | "response.refusal.delta"
    )
    .then(|| event.delta.into_owned())
}

pub(super) fn events(value: &Value, out: &mut VecDeque<ProviderEvent>) {
    match value["type"].as_str() {
        Some("response.output_text.delta" | "response.refusal.delta") => {
            if let Some(delta) = value["delta"].as_str() {
                out.push_back(ProviderEvent::Delta(delta.to_owned()));
            }
        }
        Some("response.completed") => end(value, None, out),
        Some("response.incomplete") => {
            let cut = match value["response"]["incomplete_details"]["reason"].as_str() {
                Some("content_filter") => ProviderError::Filtered,
                _ => ProviderError::CutShort,
            };
            end(value, Some(cut), out);
        }
        Some("response.failed") => out.push_back(failure(&value["response"]["error"])),
        // The documentation has the code at the event's top, the service often below `error`.
        Some("error") if value["error"].is_object() => out.push_back(failure(&value["error"])),
        Some("error") => out.push_back(failure(&json!({ "code": value["code"] }))),
        _ => {}
    }
}

fn end(value: &Value, cut: Option<ProviderError>, out: &mut VecDeque<ProviderEvent>) {
    let usage = &value["response"]["usage"];
    out.push_back(ProviderEvent::Usage {
        input: usage["input_tokens"].as_u64(),
        output: usage["output_tokens"].as_u64(),
    });
    out.push_back(ProviderEvent::Finished(cut));
    out.push_back(ProviderEvent::End);
}

fn failure(error: &Value) -> ProviderEvent {
    ProviderEvent::Failed(ProviderError::from_object(error))
}

fn message(turn: &Turn) -> Value {
    if turn.role == Role::Assistant {
        // As a list, it would have to be a whole output item with the upstream's own IDs.
        return json!({ "role": "assistant", "content": turn.text });
    }
    let images = turn.images.iter().map(
        |image| json!({ "type": "input_image", "image_url": image.data_url(), "detail": "auto" }),
    );
    let content: Vec<Value> = std::iter::once(json!({ "type": "input_text", "text": turn.text }))
        .chain(images)
        .collect();
    json!({ "role": "user", "content": content })
}
