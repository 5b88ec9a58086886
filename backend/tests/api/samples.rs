//! What front ends after AICON's official samples send, byte for byte, and what they get.

use serde_json::{Value, json};

use crate::app::{TestApp, json_of};
use crate::forms::{defined, detail};

const CHAT: &str = include_str!("../../../tests/wire/chat.request.txt");
const FORM: &str = include_str!("../../../tests/wire/chat-type-2.request.txt");

const SUMMARY: &str = r#"
name = "summary"
kind = "multi-input"
llm = "echo"
prompt = "{{ InputText }}: {% for file in Documents %}{{ file.name }}={{ file.text | trim }};{% endfor %}"

[[inputs]]
type = "text"
param_name = "InputText"

[[inputs]]
type = "file"
param_name = "Documents"
max_files = 2

[[outputs]]
type = "text"
param_name = "Summary"
"#;

/// Sends a golden request as it stands, to another path if need be.
async fn send(app: &TestApp, golden: &str, path: &str) -> reqwest::Response {
    let (head, body) = golden.split_once("\n\n").unwrap();
    let mut request = app.client.post(app.url(path));
    for line in head.lines().skip(1) {
        let (name, value) = line.split_once(": ").unwrap();
        // The golden's token is left out.
        request = request.header(name, value.replace('…', "token"));
    }
    request.body(wire(body)).send().await.unwrap()
}

/// The body with the line ends of the wire.
fn wire(body: &str) -> String {
    body.replace("\r\n", "\n").replace('\n', "\r\n")
}

#[tokio::test]
async fn the_chat_page_s_request_is_answered_with_a_zip_on_both_paths() {
    let app = TestApp::start().await;
    for path in ["/chat?model=echo", "/api/Provider/chatting-type?model=echo"] {
        let response = send(&app, CHAT, path).await;
        assert_eq!(response.status(), 200);
        let disposition = response.headers()["content-disposition"].to_str().unwrap();
        assert!(
            disposition.contains("filename=\"processed_files.zip\""),
            "{disposition}"
        );
        let bytes = response.bytes().await.unwrap();
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let file = zip.by_index(0).unwrap();
        assert_eq!(file.name().unwrap(), "report.md");
        let text = std::io::read_to_string(file).unwrap();
        assert!(
            text.starts_with("정리해 줘\n\n## report.csv\n\n이름,값"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn the_form_page_s_request_is_answered_with_an_array_on_both_paths() {
    let (app, _folder) = defined(SUMMARY).await;
    for path in ["/chat-type-2", "/api/Provider/chat-multi-input"] {
        let answer: Value = json_of(send(&app, FORM, path).await).await;
        let text = "정리해 줘: 판매 보고서 (3월).csv=월,원\r\n3,100;메모.txt=안녕;";
        assert_eq!(
            answer,
            json!([{ "Type": "Text", "ParamName": "Summary", "Value": text }])
        );
    }
}

#[tokio::test]
async fn a_refusal_is_what_the_samples_read() {
    let app = TestApp::with(&[("AICON_AUTH", "api-key"), ("AICON_API_KEY", "another")]).await;
    for (golden, path) in [(CHAT, "/chat"), (FORM, "/chat-type-2")] {
        assert_eq!(
            detail(send(&app, golden, path).await).await,
            (401, "로그인이 필요합니다".to_owned())
        );
    }
}
