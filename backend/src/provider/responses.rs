//! OpenAI's Responses API: `POST {base}/responses` with `stream: true`.

use std::collections::VecDeque;

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::upstream::{bearer, url};
use super::{ModelRequest, ProviderError, ProviderEvent, Role, Turn};
use crate::config::Upstream;

pub(super) fn request(
    client: &Client,
    upstream: &Upstream,
    request: &ModelRequest,
) -> RequestBuilder {
    let input: Vec<Value> = request.turns.iter().map(message).collect();
    // `store: false`: conversations are continued by our store, the upstream need not keep them.
    let body = json!({ "model": request.model, "input": input, "stream": true, "store": false });
    bearer(
        client.post(url(upstream, "responses")),
        upstream.api_key.as_ref(),
    )
    .json(&body)
}

pub(super) fn events(value: &Value, out: &mut VecDeque<ProviderEvent>) {
    match value["type"].as_str() {
        Some("response.output_text.delta" | "response.refusal.delta") => {
            if let Some(delta) = value["delta"].as_str() {
                out.push_back(ProviderEvent::Delta(delta.to_owned()));
            }
        }
        Some("response.completed" | "response.incomplete") => {
            let usage = &value["response"]["usage"];
            out.push_back(ProviderEvent::Usage {
                input: usage["input_tokens"].as_u64(),
                output: usage["output_tokens"].as_u64(),
            });
            out.push_back(ProviderEvent::End);
        }
        Some("response.failed") => {
            out.push_back(failure(value["response"]["error"]["code"].as_str()))
        }
        // An error event names its code at its top; older ones below `error`.
        Some("error") => out.push_back(failure(
            value["code"].as_str().or(value["error"]["code"].as_str()),
        )),
        _ => {}
    }
}

fn failure(code: Option<&str>) -> ProviderEvent {
    ProviderEvent::Failed(match code {
        Some("rate_limit_exceeded") => ProviderError::RateLimited { retry_after: None },
        _ => ProviderError::Failed { status: 200 },
    })
}

fn message(turn: &Turn) -> Value {
    let content = match turn.role {
        Role::Assistant => vec![json!({ "type": "output_text", "text": turn.text })],
        Role::User => std::iter::once(json!({ "type": "input_text", "text": turn.text }))
            .chain(
                turn.images
                    .iter()
                    .map(|image| json!({ "type": "input_image", "image_url": image.data_url() })),
            )
            .collect(),
    };
    let role = match turn.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    json!({ "role": role, "content": content })
}
