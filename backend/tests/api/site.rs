//! The app hosted by the server itself.

use std::fs;
use std::path::Path;

use reqwest::{Method, Response, StatusCode};
use serde_json::json;
use tempfile::TempDir;

use crate::app::{TestApp, refusal};
use crate::fake_aicon::FakeAicon;

const POLICY: &str = "default-src 'none'; script-src 'self' 'sha256-a='";
const PAGE: &str = "<!doctype html><meta content=\"default-src 'none'; script-src 'self' 'sha256-a='\" \
                    http-equiv=Content-Security-Policy><link href=/app-871b8935073034f0.css rel=stylesheet>";
const CSS: &str = "/app-871b8935073034f0.css";
const WASM: &str = "/a-5b8a88ccd1cadcbc_bg.wasm";
const HTML: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

/// A small app as a build leaves it.
fn built() -> TempDir {
    let site = tempfile::tempdir().unwrap();
    let files: [(&str, &[u8]); 8] = [
        ("index.html", PAGE.as_bytes()),
        ("app-871b8935073034f0.css", b"plain"),
        ("app-871b8935073034f0.css.br", b"brotli"),
        ("app-871b8935073034f0.css.gz", b"gzip"),
        ("a-5b8a88ccd1cadcbc_bg.wasm", b"\0asm"),
        ("configs/configs.json", b"{}"),
        ("web.config", b"<configuration/>"),
        (".env", b"canary"),
    ];
    fs::create_dir(site.path().join("configs")).unwrap();
    for (name, content) in files {
        fs::write(site.path().join(name), content).unwrap();
    }
    site
}

async fn serve(site: &Path) -> TestApp {
    TestApp::with(&[
        ("AICON_SITE", site.to_str().unwrap()),
        ("AICON_SITE_FRAME_ORIGINS", "https://portal.example"),
    ])
    .await
}

async fn ask(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = app.client.get(app.url(path));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn the_page_comes_with_its_policy_as_a_header_and_is_asked_for_each_time() {
    let site = built();
    let app = serve(site.path()).await;
    let response = ask(&app, "/", &[]).await;
    assert_eq!(response.status(), StatusCode::OK);
    let expected = format!(
        "{POLICY}; frame-ancestors 'self' https://aicon.or.kr https://*.aicon.or.kr https://portal.example"
    );
    for (name, value) in [
        ("content-security-policy", expected.as_str()),
        ("content-type", "text/html"),
        ("cache-control", "no-cache"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(header(&response, name), value, "{name}");
    }
    assert_eq!(response.text().await.unwrap(), PAGE);
}

#[tokio::test]
async fn addresses_of_the_app_get_the_page_and_nothing_else_does() {
    let site = built();
    let app = serve(site.path()).await;
    for path in [
        "/login",
        "/chat",
        "/no/such/page",
        "/configs",
        "/chat?userid=demo",
    ] {
        let response = ask(&app, path, &[("accept", HTML)]).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(header(&response, "cache-control"), "no-cache", "{path}");
        assert_eq!(response.text().await.unwrap(), PAGE, "{path}");
        let by_script = ask(&app, path, &[("accept", "*/*")]).await;
        assert!(by_script.status().is_client_error(), "{path}");
    }
    for path in [
        "/no-such.css",
        "/chat/no-such.js",
        "/ai/no-such",
        "/api",
        "/api/Provider/no-such",
        "/auth/no-such",
        "//api/no-such",
    ] {
        let response = ask(&app, path, &[("accept", HTML)]).await;
        assert_eq!(header(&response, "cache-control"), "no-store", "{path}");
        assert_eq!(refusal(response).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn the_api_is_where_it_was_and_answers_its_own_origin() {
    let site = built();
    let app = serve(site.path()).await;
    let body = json!({ "message": "hi", "model": "echo" });
    let chat = app.post("/ai/chat", &body).header("origin", app.url(""));
    assert_eq!(chat.send().await.unwrap().status(), StatusCode::OK);
    let alive = ask(&app, "/api/Provider/is-alive", &[("accept", HTML)]).await;
    assert_eq!(header(&alive, "content-type"), "application/json");
    let wrong = ask(&app, "/ai/chat", &[("accept", HTML)]).await;
    assert_eq!(refusal(wrong).await.0, 405);
    let posted = app.post("/no-such", &body).header("accept", HTML);
    assert_eq!(refusal(posted.send().await.unwrap()).await.0, 404);
}

#[tokio::test]
async fn files_with_a_hash_in_their_name_are_kept_for_ever_and_others_are_not() {
    let site = built();
    let app = serve(site.path()).await;
    for path in [CSS, WASM] {
        let response = ask(&app, path, &[]).await;
        assert_eq!(
            header(&response, "cache-control"),
            "public, max-age=31536000, immutable"
        );
    }
    let config = ask(&app, "/configs/configs.json", &[]).await;
    assert_eq!(header(&config, "cache-control"), "no-cache");
    assert_eq!(header(&config, "content-type"), "application/json");
    let module = ask(&app, WASM, &[]).await;
    assert_eq!(header(&module, "content-type"), "application/wasm");
}

#[tokio::test]
async fn packed_files_go_to_those_who_take_them_and_only_in_place_of_the_plain_ones() {
    let site = built();
    let app = serve(site.path()).await;
    for (accepted, encoding, content) in [
        ("gzip, deflate, br, zstd", "br", "brotli"),
        ("gzip, br;q=0", "gzip", "gzip"),
        ("identity", "", "plain"),
    ] {
        let response = ask(&app, CSS, &[("accept-encoding", accepted)]).await;
        assert_eq!(header(&response, "content-encoding"), encoding);
        assert_eq!(header(&response, "content-type"), "text/css");
        let mut vary = response.headers().get_all("vary").iter();
        assert!(vary.any(|value| value == "accept-encoding"));
        assert_eq!(response.text().await.unwrap(), content);
    }
    let itself = ask(&app, &format!("{CSS}.br"), &[]).await;
    assert_eq!(itself.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_a_browser_has_is_not_sent_again_until_it_changes() {
    let site = built();
    let app = serve(site.path()).await;
    for path in ["/", "/configs/configs.json"] {
        let first = ask(&app, path, &[]).await;
        let etag = header(&first, "etag").to_owned();
        assert!(!etag.is_empty(), "{path}");
        let again = ask(&app, path, &[("if-none-match", &etag)]).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
        assert_eq!(header(&again, "cache-control"), "no-cache", "{path}");
    }
    let config = site.path().join("configs/configs.json");
    let etag = header(&ask(&app, "/configs/configs.json", &[]).await, "etag").to_owned();
    fs::write(config, r#"{"title":"edited"}"#).unwrap();
    let edited = ask(&app, "/configs/configs.json", &[("if-none-match", &etag)]).await;
    assert_eq!(edited.text().await.unwrap(), r#"{"title":"edited"}"#);
}

#[tokio::test]
async fn nothing_outside_the_folder_and_nothing_hidden_is_served() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.txt"), "canary").unwrap();
    let site = built();
    std::os::unix::fs::symlink(outside.path(), site.path().join("linked")).unwrap();
    let app = serve(site.path()).await;
    let name = outside.path().file_name().unwrap().to_str().unwrap();
    for path in [
        format!("/..%2f{name}%2fsecret.txt"),
        format!("/%2e%2e/{name}/secret.txt"),
        format!("/..%5c{name}%5csecret.txt"),
        "/linked/secret.txt".to_owned(),
        "/.env".to_owned(),
        "/%2eenv".to_owned(),
        "/configs/..%2f.env".to_owned(),
        "/web.config".to_owned(),
        "/WEB.config".to_owned(),
        "/index.html%00.css".to_owned(),
    ] {
        let response = ask(&app, &path, &[("accept", HTML)]).await;
        let status = response.status();
        assert!(status.is_client_error(), "{path}: {status}");
        assert!(!response.text().await.unwrap().contains("canary"), "{path}");
    }
}

#[tokio::test]
async fn a_configuration_of_its_own_takes_the_place_of_the_folder_s() {
    let site = built();
    let other = site.path().join("other.json");
    fs::write(&other, r#"{"title":"other"}"#).unwrap();
    fs::write(site.path().join("configs/configs.json.br"), "packed").unwrap();
    let app = TestApp::with(&[
        ("AICON_SITE", site.path().to_str().unwrap()),
        ("AICON_SITE_CONFIG", other.to_str().unwrap()),
    ])
    .await;
    let config = ask(&app, "/configs/configs.json", &[("accept-encoding", "br")]).await;
    assert_eq!(config.text().await.unwrap(), r#"{"title":"other"}"#);
}

#[tokio::test]
async fn a_head_says_what_a_get_would() {
    let site = built();
    let app = serve(site.path()).await;
    let head = app.client.request(Method::HEAD, app.url(CSS));
    let head = head.send().await.unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    assert_eq!(header(&head, "content-length"), "5");
    assert_eq!(head.text().await.unwrap(), "");
}

#[tokio::test]
async fn without_a_site_there_is_none() {
    let app = TestApp::start().await;
    for path in ["/", "/chat/x", "/index.html"] {
        let response = ask(&app, path, &[("accept", HTML)]).await;
        assert_eq!(refusal(response).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn a_folder_that_is_no_whole_app_stops_the_start_with_its_reason() {
    let spoilt: [(Spoil, &str); 5] = [
        (|site| fs::remove_dir_all(site).unwrap(), "AICON_SITE"),
        (
            |site| fs::remove_file(site.join("index.html")).unwrap(),
            "`index.html` is missing",
        ),
        (
            |site| fs::remove_file(site.join("configs/configs.json")).unwrap(),
            "`configs/configs.json` is missing",
        ),
        (
            |site| fs::remove_file(site.join(&CSS[1..])).unwrap(),
            "`app-871b8935073034f0.css` is missing",
        ),
        (
            |site| fs::write(site.join("index.html"), "__CSP_SCRIPT_HASHES__").unwrap(),
            "is not built",
        ),
    ];
    for (spoil, reason) in spoilt {
        let site = built();
        let folder = site.path().join("dist");
        fs::create_dir(&folder).unwrap();
        for entry in ["index.html", &CSS[1..], "configs"] {
            fs::rename(site.path().join(entry), folder.join(entry)).unwrap();
        }
        spoil(&folder);
        let error = start_error(&folder).await;
        assert!(error.contains(reason), "{error}");
        assert!(error.contains("dist"), "{error}");
    }
}

/// Takes something from a whole app.
type Spoil = fn(&Path);

/// What `serve` says when it cannot.
async fn start_error(site: &Path) -> String {
    let data = tempfile::tempdir().unwrap();
    let mut serve = tokio::process::Command::new(env!("CARGO_BIN_EXE_aicon-backend"));
    serve
        .args(["serve", "--listen", "127.0.0.1:0", "--site"])
        .arg(site)
        .arg("--data")
        .arg(data.path())
        .kill_on_drop(true);
    let ended = tokio::time::timeout(crate::app::DEADLINE, serve.output()).await;
    let ended = ended.expect("it started").unwrap();
    assert!(!ended.status.success());
    String::from_utf8(ended.stderr).unwrap()
}

#[tokio::test]
async fn the_login_of_a_hosted_page_comes_back_to_it_and_to_no_other_unnamed_origin() {
    let aicon = FakeAicon::start().await;
    let site = built();
    let mut variables = vec![
        ("AICON_AUTH", "aicon"),
        ("AICON_API_ENDPOINT", aicon.endpoint.as_str()),
        ("AICON_CLIENT_ID", "client-1="),
        ("AICON_CLIENT_SECRET", "secret"),
    ];
    let alone = TestApp::with(&variables).await;
    variables.push(("AICON_SITE", site.path().to_str().unwrap()));
    let hosting = TestApp::with(&variables).await;
    for (app, origin, status) in [
        (&hosting, hosting.url(""), 200),
        (&hosting, "https://elsewhere.example".to_owned(), 403),
        (&alone, alone.url(""), 403),
    ] {
        let body = json!({
            "grant_type": "authorization_code", "client_id": "client-1=", "code": "good-code", "redirect_uri": origin,
        });
        let exchange = app.post("/auth/token", &body).header("origin", app.url(""));
        assert_eq!(exchange.send().await.unwrap().status(), status, "{origin}");
    }
}
