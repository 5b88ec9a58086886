//! One chat as a client lives through it.

use std::time::{Duration, Instant};

use aicon_protocol::sse::Decoder;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

/// Longest time between two bits of an answer.
const IDLE: Duration = Duration::from_secs(40);

/// What to ask, and how.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The message, unlike all others of a run.
    pub message: String,
    /// The model.
    pub model: &'static str,
    /// The key that makes a repeat the same chat.
    pub key: Option<String>,
    /// Go away after so many deltas.
    pub stop_after: Option<usize>,
}

/// How a chat went.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The response's ID, from its first event.
    pub id: Option<String>,
    /// The text of all deltas.
    pub text: String,
    /// The whole answer, from its last event.
    pub completed: Option<String>,
    /// The text of an error event, or the status of a refusal.
    pub error: Option<String>,
    /// From the request to the first delta.
    pub first_delta: Option<Duration>,
    /// From the request to the end.
    pub whole: Duration,
}

/// Asks the back end at `origin` and reads until the end, the break, or the wish to stop. Breaks are no errors: what was
/// seen until then is the answer.
pub async fn ask(client: &reqwest::Client, origin: &str, token: &str, ask: &Ask) -> Seen {
    let started = Instant::now();
    let mut seen = Seen::default();
    if let Err(error) = follow(client, origin, token, ask, started, &mut seen).await {
        seen.error.get_or_insert(error.to_string());
    }
    seen.whole = started.elapsed();
    seen
}

async fn follow(
    client: &reqwest::Client,
    origin: &str,
    token: &str,
    ask: &Ask,
    started: Instant,
    seen: &mut Seen,
) -> reqwest::Result<()> {
    let mut body = json!({ "message": ask.message, "model": ask.model });
    if let Some(key) = &ask.key {
        body["idempotency_key"] = json!(key);
    }
    let request = client.post(format!("{origin}/ai/chat")).json(&body);
    let answer = request.bearer_auth(token).timeout(IDLE * 3).send().await?;
    if !answer.status().is_success() {
        seen.error = Some(answer.status().to_string());
        return Ok(());
    }
    let mut bytes = answer.bytes_stream();
    let mut decoder = Decoder::new();
    let mut deltas = 0;
    while let Ok(Some(chunk)) = tokio::time::timeout(IDLE, bytes.next()).await {
        decoder.push(&chunk?);
        while let Some(event) = decoder.next_event() {
            let event: Value = serde_json::from_str(&event.data).unwrap_or_default();
            deltas += take(&event, started, seen);
            if ask.stop_after.is_some_and(|limit| deltas >= limit) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Answers how many deltas the event is.
fn take(event: &Value, started: Instant, seen: &mut Seen) -> usize {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match event["type"].as_str() {
        Some("response.created") => seen.id = text(&event["response"]["id"]),
        Some("response.output_text.delta") => {
            seen.first_delta.get_or_insert(started.elapsed());
            seen.text.push_str(event["delta"].as_str().unwrap_or(""));
            return 1;
        }
        Some("response.completed") => seen.completed = text(&event["response"]["content"]),
        Some("error") => seen.error = text(&event["error"]["message"]),
        _ => {}
    }
    0
}
