//! Type 2's multi-input over HTTP, with the definitions that are shipped.

use std::path::PathBuf;

use aicon_backend::config::Settings;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::app::{TestApp, json_of};
use crate::form_body::FormBody;

/// The shipped definitions on the demo model.
pub(crate) fn shipped(settings: &mut Settings) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    settings.definitions = Some(root.join("../examples/models"));
    settings.pdf_reader = Some(env!("CARGO_BIN_EXE_aicon-backend").into());
}

/// A server with one definition.
pub(crate) async fn defined(toml: &str) -> (TestApp, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("model.toml"), toml).unwrap();
    let path = folder.path().to_owned();
    let app = TestApp::configured(&[], |settings| {
        shipped(settings);
        settings.definitions = Some(path);
    })
    .await;
    (app, folder)
}

pub(crate) async fn post(app: &TestApp, path: &str, form: FormBody) -> Response {
    let request = app.client.post(app.url(path));
    let request = request.header("content-type", FormBody::content_type());
    request.body(form.finish()).send().await.unwrap()
}

pub(crate) async fn detail(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body = json_of(response).await;
    let object = body.as_object().unwrap();
    assert_eq!(object.keys().collect::<Vec<_>>(), ["detail"]);
    (status, body["detail"].as_str().unwrap().to_owned())
}

/// The value of an output.
pub(crate) fn value<'a>(outputs: &'a Value, name: &str) -> &'a str {
    let mut rows = outputs.as_array().unwrap().iter();
    let row = rows.find(|row| row["ParamName"] == name).unwrap();
    row["Value"].as_str().unwrap()
}

fn translation() -> FormBody {
    FormBody::new()
        .text("InputText", "안녕하세요.\r\n반갑습니다.")
        .text("SourceLanguage", "Korean")
        .text("TargetLanguage", "English")
}

#[tokio::test]
async fn the_translator_of_the_official_sample_answers_each_output_on_both_paths() {
    let app = TestApp::configured(&[], shipped).await;
    for path in [
        "/api/Provider/chat-multi-input?model=translator",
        "/chat-type-2?model=translator",
    ] {
        let response = post(&app, path, translation()).await;
        assert_eq!(response.status(), StatusCode::OK);
        let outputs = json_of(response).await;
        let rows: Vec<_> = outputs.as_array().unwrap().iter().collect();
        let heads: Vec<_> = rows
            .iter()
            .map(|row| {
                (
                    row["Type"].as_str().unwrap(),
                    row["ParamName"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            heads,
            [
                ("Text", "TranslateResult"),
                ("Text", "Notes"),
                ("File", "TranslateFile")
            ]
        );
        let text = value(&outputs, "TranslateResult");
        assert!(text.contains("> 안녕하세요.\n> 반갑습니다."), "{text}");
        assert!(text.contains("from Korean into English"), "{text}");
        let url = value(&outputs, "TranslateFile");
        let base = app.url("/api/Provider/files/");
        assert!(url.starts_with(&base), "{url}");
        let file = app.client.get(url).send().await.unwrap();
        assert_eq!(file.status(), StatusCode::OK);
        let headers = file.headers().clone();
        assert_eq!(headers["content-type"], "text/plain; charset=utf-8");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["cache-control"], "no-store");
        let disposition = headers["content-disposition"].to_str().unwrap();
        assert!(disposition.starts_with("attachment;"), "{disposition}");
        assert!(
            disposition.ends_with("filename*=UTF-8''%EB%B2%88%EC%97%AD-English.txt"),
            "{disposition}"
        );
        assert_eq!(file.text().await.unwrap(), text);
    }
}

#[tokio::test]
async fn a_field_that_is_not_as_its_row_says_is_told_by_its_name() {
    let app = TestApp::configured(&[], shipped).await;
    let path = "/api/Provider/chat-multi-input?model=translator";
    let long = "가".repeat(5001);
    for (form, status, text) in [
        (
            FormBody::new().text("TargetLanguage", "English"),
            400,
            "원문 (InputText): 필수 항목입니다",
        ),
        (
            translation().text("Extra", "x"),
            400,
            "Extra: 이 모델에 없는 항목입니다",
        ),
        (
            translation().text("InputText", "x"),
            400,
            "원문 (InputText): 같은 항목이 두 번 이상 있습니다",
        ),
        (
            FormBody::new()
                .text("InputText", &long)
                .text("TargetLanguage", "English"),
            400,
            "원문 (InputText): 최대 5000자까지 쓸 수 있습니다",
        ),
        (
            FormBody::new()
                .text("InputText", "x")
                .text("TargetLanguage", "Klingon"),
            400,
            "번역할 언어 (TargetLanguage): 다음 중 하나여야 합니다: English, Korean, Japanese, Chinese",
        ),
        (
            FormBody::new()
                .file("InputText", "a.txt", b"x")
                .text("TargetLanguage", "English"),
            413,
            "InputText: 파일을 보낼 수 없습니다",
        ),
    ] {
        let found = detail(post(&app, path, form).await).await;
        // Another definition of the same server takes files: what is no text is told by its row.
        if status == 413 {
            assert_eq!(
                found,
                (
                    400,
                    "원문 (InputText): 파일이 아니라 글을 보내야 합니다".to_owned()
                )
            );
        } else {
            assert_eq!(found, (status, text.to_owned()));
        }
    }
}

#[tokio::test]
async fn the_summarizer_reads_korean_documents_in_any_encoding() {
    let app = TestApp::configured(&[], shipped).await;
    // "이름,값\n김,1\n" in CP949.
    let cp949: &[u8] = b"\xc0\xcc\xb8\xa7,\xb0\xaa\n\xb1\xe8,1\n";
    let form = FormBody::new()
        .file("Documents", "매출 현황.csv", cp949)
        .file("Documents", "메모.txt", "회의는 금요일".as_bytes())
        .text("Length", "세 문장");
    let response = post(&app, "/chat-type-2?model=summarizer", form).await;
    assert_eq!(response.status(), StatusCode::OK);
    let outputs = json_of(response).await;
    let text = value(&outputs, "Summary");
    for part in ["매출 현황.csv", "> 이름,값", "회의는 금요일"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let url = value(&outputs, "SummaryFile");
    let name: String =
        url::form_urlencoded::byte_serialize("매출 현황 요약.md".as_bytes()).collect();
    assert!(url.ends_with(&name.replace('+', "%20")), "{url}");
    assert_eq!(app.download(url).await, text.as_bytes());
}

#[tokio::test]
async fn a_server_without_forms_says_so() {
    let app = TestApp::start().await;
    let (status, text) = detail(post(&app, "/chat-type-2", translation()).await).await;
    assert_eq!(
        (status, text.as_str()),
        (
            404,
            "이 서버에는 입력 양식(multi-input) 모델이 정의되어 있지 않습니다"
        )
    );
    let ui = app.get("/ui").await;
    assert_eq!(ui.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_form_s_page_is_told_to_anybody_and_holds_no_prompt() {
    let app = TestApp::configured(&[], shipped).await;
    let response = app.get("/ui?model=translator").await;
    assert_eq!(response.status(), StatusCode::OK);
    let tag = response.headers()["etag"].clone();
    assert_eq!(response.headers()["cache-control"], "no-cache");
    let ui = json_of(response).await;
    assert_eq!(ui["uiType"], "multiInput");
    assert_eq!(ui["inputs"][0]["paramName"], "InputText");
    assert_eq!(ui["outputs"][2]["type"], json!("File"));
    let text = ui.to_string();
    assert!(!text.contains("translator. You keep") && !text.contains("Translate from"));
    let again = app.client.get(app.url("/api/Provider/ui?model=translator"));
    let again = again.header("if-none-match", tag).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    let first = json_of(app.get("/ui").await).await;
    assert_eq!(
        (&first["uiType"], &first["model"]),
        (&json!("chat"), &json!("assistant"))
    );
    assert_eq!(
        app.get("/ui?model=nobody").await.status(),
        StatusCode::NOT_FOUND
    );
}

const EACH: &str = r#"
name = "each"
kind = "multi-input"
llm = "echo"

[[inputs]]
type = "file"
param_name = "Files"
max_files = 3

[[outputs]]
type = "file"
param_name = "Zip"
each = "Files"
prompt = "{{ file.name }}: {{ file }}"
file_name = "결과.zip"
entry_name = "{{ file.stem }}.txt"
"#;

#[tokio::test]
async fn an_output_for_each_file_is_a_zip_of_as_many_answers() {
    let (app, _folder) = defined(EACH).await;
    let form = FormBody::new()
        .file("Files", "하나.txt", b"one")
        .file("Files", "둘.txt", b"two")
        .file("Files", "둘.txt", b"three");
    let outputs = json_of(post(&app, "/chat-type-2", form).await).await;
    let url = value(&outputs, "Zip");
    let bytes = app.download(url).await;
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut found = Vec::new();
    for place in 0..zip.len() {
        let file = zip.by_index(place).unwrap();
        let name = file.name().unwrap().into_owned();
        found.push((name, std::io::read_to_string(file).unwrap()));
    }
    let expected = [
        ("하나.txt", "하나.txt: one"),
        ("둘.txt", "둘.txt: two"),
        ("둘 (2).txt", "둘.txt: three"),
    ];
    assert_eq!(
        found,
        expected.map(|(name, text)| (name.to_owned(), text.to_owned()))
    );
}
