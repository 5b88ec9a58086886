//! Clients that ask and then do not read.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::app::{DEADLINE, TestApp, deltas, until};
use crate::binary::Binary;
use crate::fake_upstream::{FakeUpstream, Script};

const CLIENTS: usize = 100;

/// Clients that leave before memory is looked at: by then everything that is made once has been made.
const EARLY: usize = 8;

/// Memory that one of them may cost (promise R10): the text so far and the buffers of both connections.
const BYTES_EACH: u64 = 256 * 1024;

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
    let echo = json!({ "message": "quick", "model": "echo" });
    // Database connections, their caches and the tokenizer, by which a cut answer is counted, are nobody's in particular.
    futures_util::future::join_all((0..CLIENTS).map(|_| server.chat(&echo))).await;
    let ask = json!({ "message": "hi", "model": "gpt-5" });
    let mut early = Vec::new();
    for _ in 0..EARLY {
        early.push(ask_and_leave_it(server.address, &ask, 4096).await);
    }
    until(|| async { (upstream.seen().len() == EARLY).then_some(()) }).await;
    drop(early);
    let pool = sqlx::SqlitePool::connect(data.path().join("aicon.db").to_str().unwrap())
        .await
        .unwrap();
    let count = "SELECT COUNT(*) FROM uses WHERE status = 'stopped'";
    let stopped = || async { sqlx::query_scalar::<_, i64>(count).fetch_one(&pool).await };
    until(|| async { (stopped().await.unwrap() == EARLY as i64).then_some(()) }).await;
    let before = server.resident();
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(ask_and_leave_it(server.address, &ask, 4096).await);
    }
    until(|| async { (upstream.seen().len() == EARLY + CLIENTS).then_some(()) }).await;

    // The quickest of three: the tests beside this one make the machine slow as well, but not all the time.
    let mut quickest = Duration::MAX;
    for _ in 0..3 {
        let asked = Instant::now();
        let answer = server.chat(&echo).await;
        assert_eq!(deltas(&answer), "quick");
        quickest = quickest.min(asked.elapsed());
    }
    assert!(quickest < Duration::from_secs(1), "{quickest:?}");

    let mut most = 0;
    let cut = async {
        loop {
            most = server.resident().max(most);
            if stopped().await.unwrap() == (EARLY + CLIENTS) as i64 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(40), cut)
        .await
        .expect("the clients were not cut off");
    let each = most.saturating_sub(before) / CLIENTS as u64;
    assert!(each < BYTES_EACH, "{each} bytes each");
    upstream.caller_is_gone(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_client_that_reads_slowly_but_reads_gets_the_whole_answer() {
    let limit = Duration::from_secs(2);
    let app = TestApp::configured(&[], |settings| settings.timeouts.write = limit).await;
    let ask = json!({ "message": "천천히 ".repeat(700_000), "model": "echo" });
    let mut stream = ask_and_leave_it(app.address, &ask, 128 * 1024).await;
    let begun = Instant::now();
    let (mut text, mut part) = (Vec::new(), vec![0; 16 * 1024]);
    while !text.ends_with(b"0\r\n\r\n") {
        let read = tokio::time::timeout(DEADLINE, stream.read(&mut part)).await;
        let read = read.unwrap().unwrap();
        assert!(read > 0, "cut off after {} bytes", text.len());
        text.extend_from_slice(&part[..read]);
        // Longer than the limit in all, much shorter between two reads.
        if begun.elapsed() < limit * 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    assert!(String::from_utf8_lossy(&text).contains("response.completed"));
}

pub(crate) async fn ask_and_leave_it(address: SocketAddr, ask: &Value, window: u32) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(window).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    let body = ask.to_string();
    let head = format!(
        "POST /ai/chat HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    stream
}
