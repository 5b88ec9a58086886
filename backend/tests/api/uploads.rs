//! Uploads, honest and hostile.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use reqwest::{Body, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::app::{PNG, TestApp, json_of, multipart, refusal, until};

#[tokio::test]
async fn a_picture_is_stored_once_under_a_generated_name() {
    let app = TestApp::start().await;
    let response = app.upload("../../etc/사진\u{202e}.PNG", PNG).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let body = json_of(response).await;
    let id = body["data"]["file_id"].as_str().unwrap();
    let expected = json!({
        "success": true,
        "data": { "file_id": id },
        "metadata": { "provider": "demo", "timestamp": "2024-11-16T12:34:56.789Z" },
    });
    assert_eq!(body, expected);
    let files = app.files();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].file_name().unwrap().to_str().unwrap(), id);
    assert_eq!(std::fs::read(&files[0]).unwrap(), PNG);
}

#[tokio::test]
async fn a_picture_of_megabytes_is_taken() {
    let app = TestApp::start().await;
    let large = [PNG, &vec![0; 5 * 1024 * 1024]].concat();
    assert_eq!(
        app.upload("a.png", &large).await.status(),
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn hostile_files_are_refused_and_leave_nothing() {
    let app = TestApp::start().await;
    let huge_png = {
        let mut bytes = PNG.to_vec();
        bytes[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
        bytes
    };
    for (name, bytes, status, code) in [
        (
            "a.pdf",
            b"%PDF-1.7 and so on".to_vec(),
            400,
            "UNSUPPORTED_FORMAT",
        ),
        (
            "evil.png",
            b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff".to_vec(),
            400,
            "UNSUPPORTED_FORMAT",
        ),
        ("evil.exe", PNG.to_vec(), 400, "UNSUPPORTED_FORMAT"),
        (
            "a.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
            400,
            "UNSUPPORTED_FORMAT",
        ),
        (
            "a.png",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
            400,
            "UNSUPPORTED_FORMAT",
        ),
        ("noextension", PNG.to_vec(), 400, "UNSUPPORTED_FORMAT"),
        ("empty.png", Vec::new(), 400, "MISSING_FILE"),
        ("cut.png", PNG[..20].to_vec(), 400, "UNSUPPORTED_FORMAT"),
        (
            "cut.jpg",
            b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01".to_vec(),
            400,
            "UNSUPPORTED_FORMAT",
        ),
        ("short.webp", b"RIFF".to_vec(), 400, "UNSUPPORTED_FORMAT"),
        ("pixels.png", huge_png, 413, "PAYLOAD_TOO_LARGE"),
        (
            "large.png",
            [PNG, &vec![0; 11 * 1024 * 1024]].concat(),
            413,
            "PAYLOAD_TOO_LARGE",
        ),
    ] {
        let (found, found_code, message) = refusal(app.upload(name, &bytes).await).await;
        assert_eq!(
            (found, found_code.as_str()),
            (status, code),
            "{name}: {message}"
        );
    }
    let (_, _, message) = refusal(app.upload("report.pdf", b"%PDF-").await).await;
    assert_eq!(
        message,
        "지원하지 않는 형식: pdf. 지원되는 형식: jpg, jpeg, png, webp"
    );
    until(|| async { app.files().is_empty().then_some(()) }).await;
}

#[tokio::test]
async fn a_form_without_the_file_field_is_told_so() {
    let app = TestApp::start().await;
    let (kind, body) = multipart("other", "a.png", PNG);
    let send = |kind: String, body: Vec<u8>| {
        let request = app
            .client
            .post(app.url("/ai/upload"))
            .header("content-type", kind)
            .body(body);
        async move { refusal(request.send().await.unwrap()).await }
    };
    let missing = (
        400,
        "MISSING_FILE".to_owned(),
        "파일이 제공되지 않았습니다".to_owned(),
    );
    assert_eq!(send(kind, body).await, missing);
    assert_eq!(
        send("application/json".to_owned(), b"{}".to_vec()).await,
        missing
    );
    assert_eq!(
        send("multipart/form-data".to_owned(), b"x".to_vec()).await,
        missing
    );
}

#[tokio::test]
async fn an_upload_over_the_limit_without_a_length_is_cut_at_the_limit() {
    let app = TestApp::with(&[("AICON_LIMIT_UPLOAD_BYTES", "100000")]).await;
    let (kind, body) = multipart("file", "a.png", &[PNG, &[0; 200_000]].concat());
    let chunks = body
        .chunks(1000)
        .map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec()))
        .collect::<Vec<_>>();
    let request = app
        .client
        .post(app.url("/ai/upload"))
        .header("content-type", kind);
    let response = request
        .body(Body::wrap_stream(futures_util::stream::iter(chunks)))
        .send()
        .await;
    // The server may answer and close while the client still writes: then the client sees a broken pipe.
    if let Ok(response) = response {
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
    until(|| async { app.files().is_empty().then_some(()) }).await;
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let app = TestApp::start().await;
    let (kind, body) = multipart("file", "a.png", &[PNG, &[0; 500_000]].concat());
    let head = format!(
        "POST /ai/upload HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body[..400_000]).await.unwrap();
    until(|| async { (!app.files().is_empty()).then_some(()) }).await;
    drop(stream);
    until(|| async { app.files().is_empty().then_some(()) }).await;
}

#[tokio::test]
async fn a_refused_client_that_is_still_writing_gets_its_answer() {
    let app = TestApp::start().await;
    let (kind, body) = multipart("file", "a.pdf", &vec![b'x'; 4_000_000]);
    let head = format!(
        "POST /ai/upload HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    for part in body.chunks(100_000) {
        stream.write_all(part).await.unwrap();
        tokio::task::yield_now().await;
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 400") && answer.contains("UNSUPPORTED_FORMAT"),
        "{answer}"
    );
}

#[tokio::test]
async fn an_upload_for_a_model_that_only_the_chat_must_know_is_taken() {
    let app = TestApp::start().await;
    let (kind, body) = multipart("file", "a.png", PNG);
    let request = app
        .client
        .post(app.url("/ai/upload?model=gpt-4o"))
        .header("content-type", kind);
    let response = request.body(body).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(json_of(response).await["metadata"]["provider"], "demo");
}

#[tokio::test]
async fn a_body_that_stays_out_is_given_up() {
    let app = TestApp::configured(&[], |settings| {
        settings.timeouts.body_idle = Duration::from_millis(100)
    })
    .await;
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    let head = "POST /ai/chat HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(crate::app::DEADLINE, stream.read_to_string(&mut answer))
        .await
        .unwrap()
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test]
async fn a_file_lives_seven_days() {
    let app = TestApp::start().await;
    let file = app.upload_png().await;
    let ask = json!({ "message": "hi", "model": "echo", "file_id": file });
    app.clock.advance(7 * 24 * 60 * 60 * 1000 - 1);
    app.chat(&ask).await;
    app.clock.advance(1);
    assert_eq!(
        refusal(app.post("/ai/chat", &ask).send().await.unwrap())
            .await
            .1,
        "FILE_NOT_FOUND"
    );
}

#[tokio::test]
async fn more_pictures_than_allowed_are_refused() {
    let app = TestApp::start().await;
    let file = app.upload_png().await;
    let ask = json!({ "message": "hi", "file_ids": vec![file; 11] });
    assert_eq!(
        refusal(app.post("/ai/chat", &ask).send().await.unwrap())
            .await
            .0,
        413
    );
}

#[test]
fn any_name_and_any_bytes_are_answered_and_the_server_lives() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let unlimited = [
        ("AICON_LIMIT_REQUESTS_PER_MINUTE_USER", "0"),
        ("AICON_LIMIT_REQUESTS_PER_MINUTE_ADDRESS", "0"),
    ];
    let app = runtime.block_on(TestApp::with(&unlimited));
    let mut runner = TestRunner::new(ProptestConfig::with_cases(200));
    let magic = proptest::sample::select(vec![
        &b""[..],
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"RIFF\0\0\0\0WEBP",
    ]);
    let bytes = proptest::collection::vec(any::<u8>(), 0..200);
    let cases = ("[^\"\r\n]{0,40}", proptest::bool::ANY, magic, bytes);
    let run = runner.run(&cases, |(stem, extension, magic, bytes)| {
        let name = if extension {
            format!("{stem}.png")
        } else {
            stem
        };
        runtime.block_on(async {
            let status = app.upload(&name, &[magic, &bytes].concat()).await.status();
            prop_assert!(
                status.is_client_error() || status == StatusCode::CREATED,
                "{}",
                status
            );
            prop_assert_eq!(app.get("/healthz").await.status(), StatusCode::OK);
            Ok(())
        })
    });
    run.unwrap();
}
