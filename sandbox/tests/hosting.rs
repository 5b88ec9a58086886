//! Hosting as IIS does it: from a directory and from a ZIP, with and without a `web.config`.
#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test fails as the test does"
)]

mod common;

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use aicon_sandbox::server::Running;
use common::{TestSandbox, options};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const WEB_CONFIG: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<configuration><system.webServer>
  <staticContent><remove fileExtension=".wasm" /><mimeMap fileExtension=".wasm" mimeType="application/wasm" /></staticContent>
  <httpProtocol><customHeaders><remove name="X-Powered-By" /><add name="X-Frame-Options" value="DENY" /></customHeaders></httpProtocol>
  <rewrite><rules><rule name="app" stopProcessing="true"><match url=".*" /><conditions logicalGrouping="MatchAll">
    <add input="{REQUEST_FILENAME}" matchType="IsFile" negate="true" />
    <add input="{REQUEST_FILENAME}" matchType="IsDirectory" negate="true" />
  </conditions><action type="Rewrite" url="/index.html" /></rule></rules></rewrite>
</system.webServer>
<location path="index.html"><system.webServer><staticContent>
  <clientCache cacheControlMode="DisableCache" />
</staticContent></system.webServer></location></configuration>"#;

const FILES: &[(&str, &str)] = &[
    ("index.html", "<p>home</p>"),
    ("app.js", "export {}"),
    ("app_bg.wasm", "wasm"),
    ("configs/configs.json", "{\"from\":\"bundle\"}"),
    ("notes.md", "# notes"),
    ("한글 이름.txt", "text"),
];

struct Bundle {
    folder: TempDir,
}

impl Bundle {
    fn new(web_config: Option<&str>) -> Self {
        let bundle = Self {
            folder: TempDir::new().unwrap(),
        };
        for (name, content) in FILES {
            bundle.write(name, content);
        }
        if let Some(web_config) = web_config {
            bundle.write("web.config", web_config);
        }
        bundle
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    fn write(&self, name: &str, content: &str) {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn zip(&self) -> PathBuf {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let names = FILES.iter().map(|(name, _)| *name).chain(["web.config"]);
        for name in names.filter(|name| self.root().join(name).exists()) {
            writer
                .start_file(name, SimpleFileOptions::default())
                .unwrap();
            writer
                .write_all(&fs::read(self.root().join(name)).unwrap())
                .unwrap();
        }
        let path = self.folder.path().join("site.zip");
        fs::write(&path, writer.finish().unwrap().into_inner()).unwrap();
        path
    }
}

async fn serve(path: &Path) -> TestSandbox {
    TestSandbox::start(&["--site", path.to_str().unwrap()]).await
}

async fn status(sandbox: &TestSandbox, path: &str) -> u16 {
    sandbox.get(&sandbox.site(path)).await.status().as_u16()
}

#[tokio::test]
async fn without_a_web_config_only_files_of_known_types_are_served() {
    let bundle = Bundle::new(None);
    for path in [bundle.root(), bundle.zip()] {
        let sandbox = serve(&path).await;
        let home = sandbox.get(&sandbox.site("/")).await;
        assert_eq!(home.headers()["content-type"], "text/html");
        assert_eq!(home.headers()["x-powered-by"], "ASP.NET");
        assert_eq!(home.text().await.unwrap(), "<p>home</p>");
        assert_eq!(status(&sandbox, "/app.js").await, 200);
        assert_eq!(status(&sandbox, "/chat").await, 404);
        let wasm = sandbox.get(&sandbox.site("/app_bg.wasm")).await;
        assert_eq!(wasm.status(), 404);
        assert!(wasm.text().await.unwrap().contains("404.3"));
        assert_eq!(status(&sandbox, "/notes.md").await, 404);
    }
}

#[tokio::test]
async fn a_web_config_adds_types_rewrites_and_headers() {
    let bundle = Bundle::new(Some(WEB_CONFIG));
    for path in [bundle.root(), bundle.zip()] {
        let sandbox = serve(&path).await;
        let wasm = sandbox.get(&sandbox.site("/app_bg.wasm")).await;
        assert_eq!(wasm.status(), 200);
        assert_eq!(wasm.headers()["content-type"], "application/wasm");
        assert_eq!(wasm.headers()["x-frame-options"], "DENY");
        assert!(!wasm.headers().contains_key("x-powered-by"));
        assert!(!wasm.headers().contains_key("cache-control"));
        for path in ["/chat", "/chat/", "/no/such.js"] {
            let rewritten = sandbox.get(&sandbox.site(path)).await;
            assert_eq!(rewritten.status(), 200, "{path}");
            assert_eq!(rewritten.headers()["content-type"], "text/html");
            assert_eq!(rewritten.headers()["cache-control"], "no-cache");
        }
        assert_eq!(status(&sandbox, "/configs/").await, 403);
    }
}

#[tokio::test]
async fn the_web_config_itself_is_hidden() {
    let bundle = Bundle::new(Some(WEB_CONFIG));
    let sandbox = serve(&bundle.root()).await;
    assert_eq!(status(&sandbox, "/web.config").await, 404);
    assert_eq!(status(&sandbox, "/WEB.config").await, 404);
}

#[tokio::test]
async fn names_are_compared_without_case_and_folders_get_their_slash() {
    let bundle = Bundle::new(None);
    for path in [bundle.root(), bundle.zip()] {
        let sandbox = serve(&path).await;
        assert_eq!(status(&sandbox, "/APP.js").await, 200);
        assert_eq!(status(&sandbox, "/Configs/CONFIGS.json").await, 200);
        assert_eq!(
            status(&sandbox, "/%ED%95%9C%EA%B8%80%20%EC%9D%B4%EB%A6%84.txt").await,
            200
        );
        let folder = sandbox.get(&sandbox.site("/configs")).await;
        assert_eq!(
            (folder.status().as_u16(), &folder.headers()["location"]),
            (301, &"/configs/".parse().unwrap())
        );
    }
}

#[tokio::test]
async fn nothing_outside_of_the_bundle_is_served() {
    let bundle = Bundle::new(None);
    fs::write(bundle.folder.path().join("secret.txt"), "secret").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(
        bundle.folder.path().join("secret.txt"),
        bundle.root().join("link.txt"),
    )
    .unwrap();
    let sandbox = serve(&bundle.root()).await;
    for path in [
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%5csecret.txt",
        "/configs/%2e%2e/%2e%2e/secret.txt",
        "/link.txt",
    ] {
        let status = status(&sandbox, path).await;
        assert!(status == 400 || status == 404, "{path}: {status}");
    }
}

#[tokio::test]
async fn a_type_mapped_twice_stops_the_site_as_in_iis() {
    let twice = r#"<configuration><system.webServer><staticContent>
        <mimeMap fileExtension=".json" mimeType="application/json" />
      </staticContent></system.webServer></configuration>"#;
    let bundle = Bundle::new(Some(twice));
    let sandbox = serve(&bundle.root()).await;
    let response = sandbox.get(&sandbox.site("/")).await;
    assert_eq!(response.status(), 500);
    let text = response.text().await.unwrap();
    assert!(text.contains("500.19") && text.contains(".json"), "{text}");
}

#[tokio::test]
async fn an_iis_that_knows_wasm_is_fine_with_a_bundle_that_removes_it_first() {
    let bundle = Bundle::new(Some(WEB_CONFIG));
    let path = bundle.root();
    let flags = [
        "--site",
        path.to_str().unwrap(),
        "--iis-mime",
        ".wasm=application/wasm",
    ];
    let sandbox = TestSandbox::start(&flags).await;
    assert_eq!(status(&sandbox, "/app_bg.wasm").await, 200);
}

#[tokio::test]
async fn nothing_is_compressed_and_an_etag_saves_the_second_transfer() {
    let bundle = Bundle::new(None);
    let sandbox = serve(&bundle.root()).await;
    let request = || {
        sandbox
            .client
            .get(sandbox.site("/app.js"))
            .header("accept-encoding", "br, gzip")
    };
    let first = request().send().await.unwrap();
    assert!(!first.headers().contains_key("content-encoding"));
    let etag = first.headers()["etag"].clone();
    let second = request()
        .header("if-none-match", etag)
        .send()
        .await
        .unwrap();
    assert_eq!(second.status(), 304);
    assert_eq!(second.text().await.unwrap(), "");
}

#[tokio::test]
async fn only_get_and_head_are_served() {
    let bundle = Bundle::new(Some(WEB_CONFIG));
    let sandbox = serve(&bundle.root()).await;
    assert_eq!(
        sandbox
            .client
            .post(sandbox.site("/"))
            .send()
            .await
            .unwrap()
            .status(),
        405
    );
    let head = sandbox.client.head(sandbox.site("/")).send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(head.headers()["content-length"], "11");
}

#[tokio::test]
async fn a_site_config_is_served_in_place_of_the_bundles() {
    let bundle = Bundle::new(None);
    let config = bundle.folder.path().join("edited.json");
    fs::write(&config, "{\"from\":\"provider\"}").unwrap();
    let path = bundle.root();
    let flags = [
        "--site",
        path.to_str().unwrap(),
        "--site-config",
        config.to_str().unwrap(),
    ];
    let sandbox = TestSandbox::start(&flags).await;
    let served = sandbox.get(&sandbox.site("/configs/configs.json")).await;
    assert_eq!(served.headers()["content-type"], "application/json");
    assert_eq!(served.text().await.unwrap(), "{\"from\":\"provider\"}");
    fs::write(&config, "{}").unwrap();
    let edited = sandbox.get(&sandbox.site("/configs/configs.json")).await;
    assert_eq!(edited.text().await.unwrap(), "{}");
}

#[tokio::test]
async fn a_bundle_that_is_none_stops_the_start() {
    let folder = TempDir::new().unwrap();
    let garbage = folder.path().join("garbage.zip");
    fs::write(&garbage, "garbage").unwrap();
    for path in [garbage, folder.path().join("missing.zip")] {
        let error = Running::start(&options(&["--site", path.to_str().unwrap()]))
            .await
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains(path.to_str().unwrap()), "{error}");
    }
}
