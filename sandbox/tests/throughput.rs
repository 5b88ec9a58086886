//! Record usage at speed: what the crash test and the benches lean on.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a helper of a test fails as the test does"
)]

mod common;

use std::time::{Duration, Instant};

use common::{TestSandbox, new_usage};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CONNECTIONS: usize = 16;

/// Calls over kept-alive connections with as little of a client as HTTP allows; the time they took.
async fn load(sandbox: &TestSandbox, calls: usize) -> Duration {
    let address = sandbox.aicon("").replace("http://", "");
    let mut batches: Vec<Vec<Vec<u8>>> = vec![Vec::new(); CONNECTIONS];
    for n in 0..calls {
        batches[n % CONNECTIONS].push(request(&address));
    }
    let started = Instant::now();
    let tasks: Vec<_> = batches
        .into_iter()
        .map(|batch| tokio::spawn(call_all(address.clone(), batch)))
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    started.elapsed()
}

fn request(address: &str) -> Vec<u8> {
    let body = new_usage().to_string();
    format!(
        "POST /api/Provider/record-usage HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

async fn call_all(address: String, requests: Vec<Vec<u8>>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut answer = vec![0; 4096];
    for request in requests {
        stream.write_all(&request).await.unwrap();
        let mut len = 0;
        while !answer[..len].ends_with(b"{\"success\":true}") {
            let more = stream.read(&mut answer[len..]).await.unwrap();
            assert_ne!(more, 0, "{}", String::from_utf8_lossy(&answer[..len]));
            len += more;
        }
    }
}

/// The bound is on growth, not on speed, which the machine decides: a scan of what is there would make the last calls
/// many times as slow as the first.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_costs_no_more_when_many_uses_are_recorded() {
    const CALLS: usize = 1500;
    let sandbox = TestSandbox::start(&[]).await;
    load(&sandbox, CALLS).await;
    let early = load(&sandbox, CALLS).await;
    load(&sandbox, 6 * CALLS).await;
    // The better of two: another program on the machine is no growth.
    let late = load(&sandbox, CALLS).await.min(load(&sandbox, CALLS).await);
    println!(
        "record usage: {:.0} calls/s early, {:.0} calls/s after {}",
        rate(CALLS, early),
        rate(CALLS, late),
        8 * CALLS
    );
    assert!(late < early * 3, "{early:?} early, {late:?} late");
    let page = sandbox.get(&sandbox.aicon("/")).await.text().await.unwrap();
    assert!(page.len() < 64 << 10, "{} bytes", page.len());
    let summary = sandbox.json("/sandbox/summary").await;
    assert_eq!(summary["count"], json!(10 * CALLS));
    assert_eq!(summary["sum_won"], json!(10 * CALLS * 150));
}

fn rate(calls: usize, time: Duration) -> f64 {
    f64::from(u32::try_from(calls).unwrap()) / time.as_secs_f64()
}
