//! Clients that ask and then do not read.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};

use crate::app::{deltas, events, until};
use crate::binary::Binary;
use crate::fake_upstream::{FakeUpstream, Script};

const CLIENTS: usize = 100;

/// Memory that one of them may cost: a quarter is the text so far, the rest buffers of both connections.
const BYTES_EACH: u64 = 512 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_clients_that_do_not_read_are_cheap_slow_nobody_and_are_cut_off() {
    let delta = format!(
        "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n",
        "가".repeat(300)
    );
    let upstream = FakeUpstream::start(Script::Endless(Vec::new(), delta.into())).await;
    let data = tempfile::tempdir().unwrap();
    let variables = [
        ("OPENAI_BASE_URL", upstream.url.as_str()),
        ("AICON_LIMIT_STREAMS_PER_USER", "0"),
        ("AICON_LIMIT_REQUESTS_PER_MINUTE_USER", "0"),
        ("AICON_LIMIT_REQUESTS_PER_MINUTE_ADDRESS", "0"),
        ("AICON_TIMEOUT_WRITE", "4s"),
    ];
    let server = Binary::start(data.path(), "", &variables).await;
    let before = server.resident();
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(ask_and_leave_it(&server).await);
    }
    until(|| async { (upstream.seen().len() == CLIENTS).then_some(()) }).await;

    let asked = Instant::now();
    let answer = server
        .chat(&json!({ "message": "quick", "model": "echo" }))
        .await;
    assert_eq!(deltas(&answer), "quick");
    assert!(
        asked.elapsed() < Duration::from_secs(1),
        "{:?}",
        asked.elapsed()
    );

    let pool = sqlx::SqlitePool::connect(data.path().join("aicon.db").to_str().unwrap())
        .await
        .unwrap();
    let mut most = 0;
    let cut = async {
        loop {
            most = server.resident().max(most);
            let count = "SELECT COUNT(*) FROM responses WHERE status = 'stopped' AND content <> ''";
            let stopped: i64 = sqlx::query_scalar(count).fetch_one(&pool).await.unwrap();
            if stopped == CLIENTS as i64 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(40), cut)
        .await
        .expect("the clients were not cut off");
    let each = most.saturating_sub(before) / CLIENTS as u64;
    println!("{each} bytes each");
    assert!(each < BYTES_EACH, "{each} bytes each");
    upstream.caller_is_gone(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_client_that_reads_slowly_but_reads_gets_the_whole_answer() {
    let app = crate::app::TestApp::configured(&[], |settings| {
        settings.timeouts.write = Duration::from_millis(1500);
    })
    .await;
    let message = "천천히 ".repeat(200_000);
    let mut body = app
        .post("/ai/chat", &json!({ "message": message, "model": "echo" }))
        .send()
        .await
        .unwrap();
    let mut text = Vec::new();
    let begun = Instant::now();
    while let Some(chunk) = body.chunk().await.unwrap() {
        text.extend_from_slice(&chunk);
        // Longer than the limit in all, much shorter between two reads.
        if begun.elapsed() < Duration::from_secs(3) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let events = events(std::str::from_utf8(&text).unwrap());
    assert!(deltas(&events) == message);
}

async fn ask_and_leave_it(server: &Binary) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(server.address).await.unwrap();
    let body = json!({ "message": "hi", "model": "gpt-5" }).to_string();
    let head = format!(
        "POST /ai/chat HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    stream
}
