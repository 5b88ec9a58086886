//! Files in forms, honest and hostile, and what of them stays.

use std::path::PathBuf;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::app::{PNG, TestApp, until};
use crate::form_body::FormBody;
use crate::forms::{defined, detail, post, shipped};

const READER: &str = r#"
name = "reader"
kind = "multi-input"
llm = "echo"
prompt = "{{ Doc }}"

[[inputs]]
type = "file"
param_name = "Doc"
max_bytes = 200000
max_files = 2

[[outputs]]
type = "text"
param_name = "Text"
"#;

/// A PDF of one page with a text, as a writer of few lines makes it.
fn pdf(text: &str) -> Vec<u8> {
    let content = format!("BT /F 12 Tf 72 720 Td ({text}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Count 1 /Kids [3 0 R] >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R \
         /Resources << /Font << /F 4 0 R >> >> >>"
            .to_owned(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
        format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ),
    ];
    let mut pdf = "%PDF-1.7\n".to_owned();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(pdf.len());
        pdf.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
    }
    let table = pdf.len();
    pdf.push_str("xref\n0 6\n0000000000 65535 f \n");
    for place in places {
        pdf.push_str(&format!("{place:010} 00000 n \n"));
    }
    pdf.push_str(&format!(
        "trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"
    ));
    pdf.into_bytes()
}

#[tokio::test]
async fn hostile_files_are_refused_by_name_and_leave_nothing() {
    let (app, _folder) = defined(READER).await;
    let whole = pdf("Hello from a page");
    let mut broken = whole.clone();
    broken.truncate(whole.len() / 2);
    let bomb = {
        let mut archive = aicon_documents::Archive::new(Vec::new());
        let name = aicon_documents::SafeName::new("zeros.txt");
        archive
            .add(&name, &mut [0_u8; 5_000_000].as_slice())
            .unwrap();
        archive.finish().unwrap()
    };
    for (name, bytes, status, text) in [
        ("빈.csv", Vec::new(), 400, "Doc: 빈.csv: 빈 파일입니다"),
        (
            "폭탄.zip",
            bomb.clone(),
            400,
            "Doc: 받을 수 없는 형식의 파일입니다: 폭탄.zip.",
        ),
        ("폭탄.csv", bomb.clone(), 400, "Doc: 폭탄.csv: "),
        (
            "둘.pdf",
            [whole.clone(), bomb].concat(),
            400,
            "Doc: 둘.pdf: ",
        ),
        (
            "깨진.pdf",
            broken,
            400,
            "Doc: 깨진.pdf: 손상되었거나 잘린 파일입니다",
        ),
        (
            "그림.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
            400,
            "Doc: 받을 수 없는 형식의",
        ),
        (
            "사진.jpg",
            PNG.to_vec(),
            400,
            "Doc: 사진.jpg: 확장자는 jpg이지만 내용은 다릅니다 (png)",
        ),
        (
            "잘린.png",
            PNG[..40].to_vec(),
            400,
            "Doc: 잘린.png: 손상되었거나 잘린 파일입니다",
        ),
        (
            "큰.txt",
            vec![b'a'; 200_001],
            413,
            "Doc: 파일이 너무 큽니다",
        ),
        (
            "../../etc/passwd\u{202e}.exe",
            b"MZ".to_vec(),
            400,
            "Doc: 받을 수 없는 형식의 파일입니다: passwd.exe",
        ),
    ] {
        let form = FormBody::new().file("Doc", name, &bytes);
        let (found, message) = detail(post(&app, "/chat-type-2", form).await).await;
        assert_eq!(found, status, "{message}");
        assert!(message.starts_with(text), "{message}");
    }
    assert_eq!(app.files(), Vec::<PathBuf>::new());
    let spool = app.data.path().join("spool");
    assert_eq!(std::fs::read_dir(spool).unwrap().count(), 0);
}

#[tokio::test]
async fn a_pdf_s_text_reaches_the_model() {
    let (app, _folder) = defined(READER).await;
    let form = FormBody::new().file("Doc", "계약서.pdf", &pdf("Hello from a page"));
    let response = post(&app, "/chat-type-2", form).await;
    let text = response.text().await.unwrap();
    assert!(text.contains("Hello from a page"), "{text}");
}

#[tokio::test]
async fn too_many_files_are_refused_before_they_have_all_come() {
    let (app, _folder) = defined(READER).await;
    let form = (0..3).fold(FormBody::new(), |form, _| form.file("Doc", "a.txt", b"x"));
    let found = detail(post(&app, "/chat-type-2", form).await).await;
    assert_eq!(
        found,
        (413, "Doc: 파일은 2개까지 보낼 수 있습니다".to_owned())
    );
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing_and_frees_its_place() {
    let app = TestApp::configured(&[], |settings| {
        shipped(settings);
        settings.limits.streams_per_user = 1;
    })
    .await;
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    let form = FormBody::new()
        .file("Documents", "a.txt", &[b'a'; 100_000])
        .finish();
    let head = format!(
        "POST /chat-type-2?model=summarizer HTTP/1.1\r\nhost: a\r\ncontent-type: {}\r\ncontent-length: {}\r\n\r\n",
        FormBody::content_type(),
        form.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&form[..50_000]).await.unwrap();
    let send = async || {
        let form = FormBody::new()
            .file("Documents", "a.txt", b"x")
            .text("Length", "한 쪽");
        post(&app, "/chat-type-2?model=summarizer", form)
            .await
            .status()
    };
    // Its place is taken once the server has read the head.
    until(async || (send().await == 429).then_some(())).await;
    drop(stream);
    until(async || (send().await == 200).then_some(())).await;
    let spool = app.data.path().join("spool");
    assert_eq!(std::fs::read_dir(spool).unwrap().count(), 0);
}

#[tokio::test]
async fn a_body_that_is_no_form_is_told_as_such() {
    let app = TestApp::start().await;
    for (kind, body, status) in [
        ("multipart/form-data", "x", 400),
        ("multipart/form-data; boundary=b", "--b\r\nnonsense", 400),
        ("text/plain", "x", 415),
    ] {
        let request = app
            .client
            .post(app.url("/chat"))
            .header("content-type", kind)
            .body(body);
        let (found, _) = detail(request.send().await.unwrap()).await;
        assert_eq!(found, status, "{kind}");
    }
    // Nobody reads an answer that comes while a refused form is still being sent, unless it is read to its end.
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    stream.write_all(b"POST /chat HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("{\"detail\":"), "{answer}");
}
