//! The way of a delta from the upstream's socket to the client's: at once, several together, and no faster than it is read.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aicon_backend::config::Dialect;
use aicon_protocol::sse::Decoder;
use axum::body::Bytes;
use reqwest::Response;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::sync::mpsc;

use crate::app::{DEADLINE, TestApp};
use crate::fake_upstream::{FakeUpstream, Script};
use crate::slow_readers::ask_and_leave_it;

/// Longer than a receiver delays its acknowledgement, for which small segments would wait without `TCP_NODELAY`.
const ACKNOWLEDGED: Duration = Duration::from_millis(40);

async fn app_behind(upstream: &FakeUpstream) -> TestApp {
    TestApp::configured(&[], |settings| {
        upstream.stand_behind(settings, Dialect::ChatCompletions, DEADLINE);
    })
    .await
}

fn chunk(text: &str) -> Bytes {
    let event = json!({ "choices": [{ "index": 0, "delta": { "content": text } }] });
    format!("data: {event}\n\n").into()
}

fn end() -> Bytes {
    let last = json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] });
    format!("data: {last}\n\ndata: [DONE]\n\n").into()
}

/// A client that reads event by event.
struct Client {
    response: Response,
    decoder: Decoder,
}

impl Client {
    async fn ask(app: &TestApp) -> Self {
        let ask = json!({ "message": "hi", "model": "model-1" });
        let response = app.post("/ai/chat", &ask).send().await.unwrap();
        Self {
            response,
            decoder: Decoder::new(),
        }
    }

    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(event) = self.decoder.next_event() {
                return Some(serde_json::from_str(&event.data).unwrap());
            }
            let chunk = tokio::time::timeout(DEADLINE, self.response.chunk()).await;
            let chunk = chunk.expect("something was held back").unwrap()?;
            self.decoder.push(&chunk);
        }
    }
}

#[tokio::test]
async fn each_delta_is_here_before_the_upstream_has_sent_the_next_one() {
    const DELTAS: u32 = 200;
    let (feed, fed) = mpsc::unbounded_channel();
    let upstream = FakeUpstream::start(Script::Fed(Arc::new(Mutex::new(Some(fed))))).await;
    let app = app_behind(&upstream).await;
    let mut client = Client::ask(&app).await;
    assert_eq!(client.next().await.unwrap()["type"], "response.created");
    let begun = Instant::now();
    for number in 0..DELTAS {
        let text = format!("{number} ");
        feed.send(chunk(&text)).unwrap();
        assert_eq!(client.next().await.unwrap()["delta"], text.as_str());
    }
    assert!(
        begun.elapsed() < ACKNOWLEDGED * DELTAS / 2,
        "small segments wait: {:?}",
        begun.elapsed()
    );
    feed.send(end()).unwrap();
    drop(feed);
    assert_eq!(client.next().await.unwrap()["type"], "response.completed");
    assert!(client.next().await.is_none());
}

#[tokio::test]
async fn deltas_that_come_together_leave_together() {
    const DELTAS: usize = 30;
    let all = DELTAS * chunk("가").len() + end().len();
    let writes = writes_of(DELTAS, all).await;
    assert!(writes < DELTAS / 4, "{writes} writes");
}

#[tokio::test]
async fn deltas_that_come_at_once_in_chunks_of_their_own_leave_together() {
    const DELTAS: usize = 3000;
    let writes = writes_of(DELTAS, chunk("가").len()).await;
    assert!(writes < DELTAS / 2, "{writes} writes");
}

/// Writes with deltas in them, of so many deltas that come as fast as they are taken, `size` bytes in a chunk.
async fn writes_of(deltas: usize, size: usize) -> usize {
    let mut bytes: Vec<u8> = (0..deltas).flat_map(|_| chunk("가")).collect();
    bytes.extend(end());
    let upstream = FakeUpstream::start(Script::Stream(bytes, size)).await;
    let app = app_behind(&upstream).await;
    let ask = json!({ "message": "hi", "model": "model-1" });
    let mut response = app.post("/ai/chat", &ask).send().await.unwrap();
    // Each is a chunk of the body as the server wrote it.
    let mut with_deltas = 0;
    let mut all = Vec::new();
    while let Some(chunk) = response.chunk().await.unwrap() {
        with_deltas += usize::from(String::from_utf8_lossy(&chunk).contains("output_text.delta"));
        all.extend_from_slice(&chunk);
    }
    let all = String::from_utf8(all).unwrap();
    assert_eq!(all.matches("output_text.delta").count(), deltas);
    with_deltas
}

#[tokio::test]
async fn a_reader_that_pauses_pauses_the_upstream() {
    /// What sockets on both sides hold for themselves, at most.
    const HELD: usize = 32 * 1024 * 1024;
    let more = chunk(&"가".repeat(1000)).into();
    let upstream = FakeUpstream::start(Script::Endless(Vec::new(), more)).await;
    let app = app_behind(&upstream).await;
    let ask = json!({ "message": "hi", "model": "model-1" });
    let mut client = ask_and_leave_it(app.address, &ask, 64 * 1024).await;
    let held = at_rest(&upstream).await;
    assert!((1..HELD).contains(&held), "{held} bytes were taken");

    let mut part = vec![0; 64 * 1024];
    let goes_on = async {
        while upstream.taken() == held {
            client.read_exact(&mut part).await.unwrap();
        }
    };
    let goes_on = tokio::time::timeout(DEADLINE, goes_on).await;
    goes_on.expect("the upstream does not go on");
    let (before, after) = (upstream.taken(), at_rest(&upstream).await);
    assert!(after - before < HELD, "{} bytes more", after - before);
}

/// Waits until nothing more is taken.
async fn at_rest(upstream: &FakeUpstream) -> usize {
    let rest = async {
        let mut last = 0;
        loop {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let before = std::mem::replace(&mut last, upstream.taken());
            if before > 0 && before == last {
                return last;
            }
        }
    };
    let rest = tokio::time::timeout(DEADLINE, rest).await;
    rest.expect("the upstream is never at rest")
}
