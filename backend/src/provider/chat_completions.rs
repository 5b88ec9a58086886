//! OpenAI's Chat Completions API, as Ollama, vLLM, llama.cpp and LiteLLM speak it too: `POST {base}/chat/completions`.

use std::borrow::Cow;
use std::collections::VecDeque;

use reqwest::{Client, RequestBuilder};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::upstream::{bearer, endpoint};
use super::{ModelRequest, ProviderError, ProviderEvent, Turn};
use crate::config::Upstream;

pub(super) fn request(
    client: &Client,
    upstream: &Upstream,
    request: &ModelRequest,
) -> RequestBuilder {
    let system = request.instructions();
    let system = system.map(|text| json!({ "role": "system", "content": text }));
    let turns = request.turns.iter().map(message);
    let messages: Vec<Value> = system.into_iter().chain(turns).collect();
    let body = json!({
        "model": request.model,
        "messages": messages,
        "stream": true,
        "stream_options": { "include_usage": true },
    });
    bearer(
        client.post(endpoint(&upstream.base_url, &["chat", "completions"])),
        upstream.api_key.as_ref(),
    )
    .json(&body)
}

/// See [`super::reader`].
pub(super) fn plain_delta(data: &str) -> Option<String> {
    // What is there and not null has to be looked at.
    #[derive(Deserialize)]
    struct Event<'a> {
        #[serde(borrow)]
        choices: [Choice<'a>; 1],
        usage: Option<IgnoredAny>,
        error: Option<IgnoredAny>,
    }
    #[derive(Deserialize)]
    struct Choice<'a> {
        #[serde(borrow)]
        delta: Delta<'a>,
        finish_reason: Option<IgnoredAny>,
    }
    #[derive(Deserialize)]
    struct Delta<'a> {
        #[serde(borrow)]
        content: Cow<'a, str>,
        refusal: Option<IgnoredAny>,
    }
    let event: Event<'_> = serde_json::from_str(data).ok()?;
    let [
        Choice {
            delta,
            finish_reason,
        },
    ] = event.choices;
    let others = [event.usage, event.error, finish_reason, delta.refusal];
    (others.iter().all(Option::is_none) && !delta.content.is_empty())
        .then(|| delta.content.into_owned())
}

pub(super) fn events(value: &Value, out: &mut VecDeque<ProviderEvent>) {
    if !value["error"].is_null() {
        let error = ProviderError::from_object(&value["error"]);
        out.push_back(ProviderEvent::Failed(error));
        return;
    }
    let choice = &value["choices"][0];
    let delta = &choice["delta"];
    // A refusal is the answer's text in a field of its own.
    for text in [&delta["content"], &delta["refusal"]]
        .into_iter()
        .filter_map(Value::as_str)
        .filter(|text| !text.is_empty())
    {
        out.push_back(ProviderEvent::Delta(text.to_owned()));
    }
    if value["usage"].is_object() {
        out.push_back(ProviderEvent::Usage {
            input: value["usage"]["prompt_tokens"].as_u64(),
            output: value["usage"]["completion_tokens"].as_u64(),
        });
    }
    // The usage comes in a chunk of its own after this one, so that even a cut answer is not over yet.
    if let Some(reason) = choice["finish_reason"].as_str() {
        out.push_back(ProviderEvent::Finished(match reason {
            "length" => Some(ProviderError::CutShort),
            "content_filter" => Some(ProviderError::Filtered),
            _ => None,
        }));
    }
}

fn message(turn: &Turn) -> Value {
    // A plain string where it will do: some compatible servers know no list.
    if turn.images.is_empty() {
        return json!({ "role": turn.role.name(), "content": turn.text });
    }
    let images = turn
        .images
        .iter()
        .map(|image| json!({ "type": "image_url", "image_url": { "url": image.data_url() } }));
    let parts: Vec<Value> = std::iter::once(json!({ "type": "text", "text": turn.text }))
        .chain(images)
        .collect();
    json!({ "role": turn.role.name(), "content": parts })
}
