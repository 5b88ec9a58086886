//! Type 2's chatting over HTTP.

use std::io::Read as _;

use reqwest::StatusCode;
use serde_json::json;

use crate::app::{PNG, TestApp, json_of};
use crate::form_body::FormBody;
use crate::forms::{detail, post, shipped};

#[tokio::test]
async fn a_message_is_answered_whole_on_both_paths() {
    let app = TestApp::start().await;
    for path in ["/api/Provider/chatting-type?model=echo", "/chat?model=echo"] {
        let form = FormBody::new().text("prompt", "# 안녕\n**하세요**");
        let response = post(&app, path, form).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(
            json_of(response).await,
            json!({ "message": "# 안녕\n**하세요**" })
        );
    }
}

#[tokio::test]
async fn files_are_read_and_the_answer_is_a_zip() {
    let app = TestApp::configured(&[], shipped).await;
    for (format, entry) in [
        (None, "계약서.md"),
        (Some("csv"), "계약서.csv"),
        (Some(".TXT"), "계약서.txt"),
    ] {
        let mut form = FormBody::new().text("prompt", "요약해 줘").file(
            "files",
            "계약서.txt",
            "갑과 을은".as_bytes(),
        );
        if let Some(format) = format {
            form = form.text("output_format", format);
        }
        let response = post(&app, "/chat?model=echo", form).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "application/zip");
        let disposition = response.headers()["content-disposition"].to_str().unwrap();
        assert!(disposition.contains("processed_files.zip"), "{disposition}");
        let bytes = response.bytes().await.unwrap();
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        assert_eq!(zip.len(), 1);
        let mut file = zip.by_index(0).unwrap();
        assert_eq!(file.name().unwrap(), entry);
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert!(
            text.contains("요약해 줘") && text.contains("갑과 을은"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_by_its_name() {
    let app = TestApp::configured(&[], shipped).await;
    let with = |name: &str, bytes: &[u8]| {
        FormBody::new()
            .text("prompt", "hi")
            .file("files", name, bytes)
    };
    for (form, status, text) in [
        (
            FormBody::new().text("prompt", " "),
            400,
            "prompt: 필수 항목입니다",
        ),
        (
            FormBody::new().text("prompt", &"a".repeat(4001)),
            400,
            "prompt: 최대 4000자까지 쓸 수 있습니다",
        ),
        (
            with("빈 파일.txt", b""),
            400,
            "files: 빈 파일.txt: 빈 파일입니다",
        ),
        (
            with("a.exe", b"MZ"),
            400,
            "files: 받을 수 없는 형식의 파일입니다: a.exe. 받을 수 있는 형식: txt, md, csv, json, pdf, png, jpg, jpeg, webp",
        ),
        (
            with("a.pdf", PNG),
            400,
            "files: a.pdf: 확장자는 pdf이지만 내용은 다릅니다 (png)",
        ),
        (
            with("a.txt", b"\x80\xff\x80 a \xff\xff"),
            400,
            "files: a.txt: ",
        ),
        (
            with("a.txt", b"x").text("output_format", "exe"),
            400,
            "output_format: 지원하지 않는 결과 형식입니다. 지원되는 형식: txt, md, csv, json",
        ),
        (
            FormBody::new()
                .text("prompt", "hi")
                .file("other", "a.txt", b"x"),
            400,
            "other: 이 모델에 없는 항목입니다",
        ),
        (
            (0..5).fold(FormBody::new().text("prompt", "hi"), |form, _| {
                form.file("files", "a.txt", b"x")
            }),
            413,
            "files: 파일은 4개까지 보낼 수 있습니다",
        ),
    ] {
        let (found, message) = detail(post(&app, "/chat?model=assistant", form).await).await;
        assert_eq!(found, status, "{message}");
        assert!(message.starts_with(text), "{message}");
    }
    let json = app
        .client
        .post(app.url("/chat"))
        .json(&json!({ "prompt": "hi" }));
    let (status, text) = detail(json.send().await.unwrap()).await;
    assert_eq!(
        (status, text.as_str()),
        (415, "Content-Type은 multipart/form-data이어야 합니다")
    );
    let get = app.get("/chat").await;
    assert_eq!(get.status(), StatusCode::METHOD_NOT_ALLOWED);
}
