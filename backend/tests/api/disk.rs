//! Disks that are full or cannot be written to.

use std::process::Command;

use serde_json::json;

use crate::app::{DEADLINE, PNG, id_of, json_of, multipart, refusal, until};
use crate::binary::Binary;
use crate::fake_upstream::{FakeUpstream, Script};

/// No file of the process may grow beyond 400 kB (in blocks of 512 bytes), as on a full disk a write fails half way.
const FULL: &str = "trap '' XFSZ; ulimit -f 800;";

#[tokio::test]
async fn on_a_full_disk_nothing_is_asked_of_a_model_and_nothing_is_lost() {
    let upstream = FakeUpstream::start(Script::Silence).await;
    let data = tempfile::tempdir().unwrap();
    let variables = [("OPENAI_BASE_URL", upstream.url.as_str())];
    let server = Binary::start(data.path(), FULL, &variables).await;
    let long = json!({ "message": "길다 ".repeat(5_000), "model": "echo" });
    let mut kept = Vec::new();
    let refused = loop {
        let response = server.post(&long).await;
        if !response.status().is_success() {
            break refusal(response).await;
        }
        let events = crate::app::events(&response.text().await.unwrap());
        let last = events.last().unwrap();
        if last["type"] == "response.completed" {
            kept.push(id_of(&events));
        } else {
            assert_eq!(last["error"]["code"], "STORAGE_UNAVAILABLE");
        }
        assert!(kept.len() < 100, "the disk never got full");
    };
    assert_eq!(
        (refused.0, refused.1.as_str()),
        (503, "STORAGE_UNAVAILABLE")
    );
    assert!(!kept.is_empty());
    let ask = json!({ "message": "길다 ".repeat(5_000), "model": "gpt-5" });
    assert_eq!(refusal(server.post(&ask).await).await.0, 503);
    assert!(upstream.seen().is_empty());

    let (kind, body) = multipart("file", "a.png", &[PNG, &[0; 600_000]].concat());
    let upload = server
        .client
        .post(server.url("/ai/upload"))
        .header("content-type", kind);
    let (status, code, _) = refusal(upload.body(body).send().await.unwrap()).await;
    assert_eq!((status, code.as_str()), (503, "STORAGE_UNAVAILABLE"));
    assert_eq!(
        std::fs::read_dir(data.path().join("files"))
            .unwrap()
            .count(),
        0
    );
    drop(server);

    let server = Binary::start(data.path(), "", &variables).await;
    for id in kept {
        let response = server
            .client
            .get(server.url(&format!("/ai/response?id={id}")));
        let body = json_of(response.send().await.unwrap()).await;
        assert_eq!(body["data"]["content"], long["message"]);
    }
    let events = server.chat(&long).await;
    assert_eq!(events.last().unwrap()["type"], "response.completed");
}

#[tokio::test]
async fn an_answer_that_ends_on_a_full_disk_is_stored_when_there_is_room_again() {
    let held = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"TEXT\"}}]}\n\n";
    let held = held.replace("TEXT", &"반쪽 ".repeat(20_000));
    let upstream = FakeUpstream::start(Script::Hang(held.into_bytes())).await;
    let data = tempfile::tempdir().unwrap();
    let log = data.path().join("log");
    // Only the soft limit, which can be lifted.
    let full = format!(
        "exec >{} 2>&1; trap '' XFSZ; ulimit -S -f 800;",
        log.display()
    );
    let variables = [("OPENAI_BASE_URL", upstream.url.as_str())];
    let server = Binary::start(data.path(), &full, &variables).await;
    let mut stream = server
        .post(&json!({ "message": "hi", "model": "gpt-5" }))
        .await;
    let mut bytes = Vec::new();
    while !String::from_utf8_lossy(&bytes).contains("반쪽") {
        bytes.extend(stream.chunk().await.unwrap().unwrap());
    }
    let id = id_of(&crate::app::events(&String::from_utf8_lossy(&bytes)));
    let long = json!({ "message": "길다 ".repeat(5_000), "model": "echo" });
    while server.post(&long).await.status().is_success() {}
    drop(stream);
    upstream.caller_is_gone(DEADLINE).await;
    until(|| async {
        let log = std::fs::read_to_string(&log).unwrap();
        log.contains("will try again").then_some(())
    })
    .await;
    let look = server.url(&format!("/ai/response?id={id}"));
    let now = server.client.get(&look).send().await.unwrap();
    assert_eq!(now.status(), 404, "stored on a full disk");
    server.unlimit_files();
    let stored = until(|| async {
        let response = server.client.get(&look).send().await.unwrap();
        (response.status() == 200).then_some(response)
    });
    let body = json_of(stored.await).await;
    assert!(
        body["data"]["content"]
            .as_str()
            .unwrap()
            .starts_with("반쪽 반쪽")
    );
}

#[test]
fn a_data_directory_that_cannot_be_written_to_is_named_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    // Nobody, whatever their rights, can make a directory in `/proc`.
    for data in [file.to_str().unwrap(), "/proc/aicon-data"] {
        let output = Command::new(env!("CARGO_BIN_EXE_aicon-backend"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data", data])
            .output()
            .unwrap();
        assert!(!output.status.success());
        let text = String::from_utf8(output.stderr).unwrap();
        for part in [
            "failed to write to data directory",
            data,
            "--data",
            "AICON_DATA",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}
