//! What happens to running streams when the server stops.

use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::json;

use crate::app::{TestApp, deltas, events, id_of, until};

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
    let query = sqlx::query_as::<_, (String, String)>(
        "SELECT status, content FROM responses WHERE id = $1",
    );
    let (status, content) = query.bind(id_of(&events)).fetch_one(&pool).await.unwrap();
    assert_eq!((status.as_str(), content), ("failed", deltas(&events)));
}
