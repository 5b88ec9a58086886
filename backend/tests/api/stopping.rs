//! What happens to running streams when the server stops.

use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::json;

use crate::app::{TestApp, deltas, events, id_of, until};
use crate::fake_upstream::{FakeUpstream, Script};
use crate::slow_readers::ask_and_leave_it;

#[tokio::test]
async fn a_running_stream_ends_before_the_server_does() {
    let mut app = TestApp::configured(&[], |settings| settings.demo.echo_delay_ms = 10).await;
    let message = "천천히 하나씩 돌려주세요 ".repeat(5);
    let response = app
        .post("/ai/chat", &json!({ "message": message, "model": "echo" }))
        .send()
        .await
        .unwrap();
    app.stop();
    until(|| async {
        tokio::net::TcpStream::connect(app.address)
            .await
            .is_err()
            .then_some(())
    })
    .await;
    let events = events(&response.text().await.unwrap());
    assert_eq!(deltas(&events), message);
    assert_eq!(events.last().unwrap()["type"], "response.completed");
    app.stopped().await;
}

#[tokio::test]
async fn a_stream_over_the_time_limit_is_cut_with_an_error_event_and_stored() {
    let mut app = TestApp::configured(&[], |settings| {
        settings.demo.echo_delay_ms = 30;
        settings.timeouts.shutdown = Duration::from_millis(200);
    })
    .await;
    let message = "길다 ".repeat(5000);
    let response = app
        .post("/ai/chat", &json!({ "message": message, "model": "echo" }))
        .send()
        .await
        .unwrap();
    let mut body = response.bytes_stream();
    let mut text = String::from_utf8(body.next().await.unwrap().unwrap().to_vec()).unwrap();
    app.stop();
    while let Some(chunk) = body.next().await {
        text.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
    }
    let events = events(&text);
    let last = events.last().unwrap();
    assert_eq!(
        (&last["type"], &last["error"]["code"]),
        (&json!("error"), &json!("CHAT_ERROR"))
    );
    app.stopped().await;
    let pool = sqlx::SqlitePool::connect(app.data.path().join("aicon.db").to_str().unwrap())
        .await
        .unwrap();
    let query =
        sqlx::query_as::<_, (String, String)>("SELECT status, content FROM uses WHERE id = $1");
    let (status, content) = query.bind(id_of(&events)).fetch_one(&pool).await.unwrap();
    assert_eq!((status.as_str(), content), ("failed", deltas(&events)));
}

#[tokio::test]
async fn a_client_that_does_not_read_holds_up_no_stop_and_its_answer_is_stored() {
    let delta =
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"more and more \"}}]}\n\n";
    let upstream = FakeUpstream::start(Script::Endless(Vec::new(), delta.repeat(20).into())).await;
    let variables = [("OPENAI_BASE_URL", upstream.url.as_str())];
    let mut app = TestApp::configured(&variables, |settings| {
        settings.timeouts.shutdown = Duration::from_millis(100);
    })
    .await;
    let ask = json!({ "message": "hi", "model": "gpt-5" });
    let stream = ask_and_leave_it(app.address, &ask, 4096).await;
    until(|| async { (!upstream.seen().is_empty()).then_some(()) }).await;
    app.stop();
    app.stopped().await;
    upstream.caller_is_gone(Duration::from_secs(1)).await;
    drop(stream);
    let pool = sqlx::SqlitePool::connect(app.data.path().join("aicon.db").to_str().unwrap())
        .await
        .unwrap();
    let query = "SELECT status, usage_estimated FROM uses";
    let (status, estimated): (String, bool) = sqlx::query_as(query).fetch_one(&pool).await.unwrap();
    assert_ne!(status, "open");
    assert!(estimated);
}
