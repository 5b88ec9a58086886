//! What an answer must not be able to do, with the `echo` model as the mouth of an attacker.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aicon_e2e::setup::Login;
use aicon_e2e::wait::until;
use aicon_e2e::{Result, Setup, World};
use tempfile::TempDir;
use thirtyfour::By;
use tokio::net::TcpListener;

/// A server of the attacker that counts who calls.
struct Trap {
    origin: String,
    calls: Arc<AtomicUsize>,
}

impl Trap {
    async fn set() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        Ok(Self { origin, calls })
    }
}

fn hostile_markdown(trap: &str) -> String {
    format!(
        r#"# Answer

<script>window.ran = 1; fetch('{trap}/script')</script>
<img src="{trap}/img" onerror="window.ran = 2">
<iframe src="{trap}/frame"></iframe> <svg onload="window.ran = 3"></svg>
<a href="javascript:window.ran=4">raw</a> <style>@import url({trap}/style);</style>

![picture]({trap}/markdown.png) ![data](data:image/svg+xml;base64,PHN2Zy8+) ![own](/configs/configs.json?leak)

[script](javascript:window.ran=5) [spaced](java&#10;script:window.ran=6) [data](data:text/html,<script>1</script>)
[blob](blob:{trap}/x) [vb](vbscript:x) [good](https://example.com/path) <javascript:window.ran=7>

[![linked]({trap}/linked.png)](javascript:window.ran=8)

<link rel="prefetch" href="{trap}/prefetch"><meta http-equiv="refresh" content="0;url={trap}/refresh">

| a | b |
|---|---|
| ![t]({trap}/table.png) | <b onclick="window.ran=9">x</b> |

The end of it."#
    )
}

#[tokio::test]
async fn a_hostile_answer_runs_nothing_and_calls_nobody() -> Result<()> {
    let trap = Trap::set().await?;
    let setup = Setup::default()
        .login(Login::None)
        .config("model", "echo")
        .config("maxTextLength", 20_000);
    World::run("hostile_markdown", setup, async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        page.fill("composer", &hostile_markdown(&trap.origin), 1)
            .await?;
        page.click("send").await?;
        let answer = page.wait_for_answer(2, "done").await?;
        assert!(answer.text.contains("The end of it."));
        let ran: bool = page.ask("return window.ran !== undefined", &[]).await?;
        assert!(!ran, "a script of the answer ran");
        let unsafe_nodes: Vec<String> = page.ask(UNSAFE_NODES, &[]).await?;
        assert_eq!(unsafe_nodes, Vec::<String>::new());
        let links: Vec<Vec<String>> = page.ask(LINKS, &[]).await?;
        assert!(
            links
                .iter()
                .any(|link| link[0].starts_with("https://example.com/")),
            "{links:?}"
        );
        for link in &links {
            assert!(
                ["http:", "https:", "mailto:"]
                    .iter()
                    .any(|scheme| link[0].starts_with(scheme)),
                "{link:?}"
            );
            assert!(
                link[1].contains("noopener") && link[1].contains("noreferrer"),
                "{link:?}"
            );
        }
        let requests = page.requests().await?;
        let leaks = requests
            .iter()
            .filter(|url| url.starts_with(&trap.origin) || url.contains("leak"));
        assert_eq!(leaks.collect::<Vec<_>>(), Vec::<&String>::new());
        assert_eq!(trap.calls.load(Ordering::Relaxed), 0);
        assert_eq!(page.url().await?.path(), "/chat");
        Ok(())
    })
    .await
}

const UNSAFE_NODES: &str = r#"
    const body = document.querySelector('[data-role=assistant] [data-testid=message-body]');
    const wrong = [...body.querySelectorAll('script, iframe, object, embed, style, link, meta, base, form, svg[onload]')];
    const loading = [...body.querySelectorAll('img[src], source[src], video[src], audio[src]')];
    const handlers = [...body.querySelectorAll('*')]
        .filter(node => [...node.attributes].some(attribute => attribute.name.startsWith('on')));
    return [...wrong, ...loading, ...handlers].map(node => node.outerHTML.slice(0, 200));"#;

const LINKS: &str = r#"
    const body = document.querySelector('[data-role=assistant] [data-testid=message-body]');
    return [...body.querySelectorAll('a[href]:not([href^="\#"])')].map(link => [link.href, link.rel]);"#;

#[tokio::test]
async fn a_full_use_goes_without_a_violation_and_calls_only_the_three_origins() -> Result<()> {
    World::run("own_origins_only", Setup::default(), async |world| {
        let page = &world.page;
        page.sign_in("demo").await?;
        let picture = world.file("picture.png", &aicon_e2e::picture::png(12, [1, 2, 3]))?;
        page.attach(&picture).await?;
        page.wait_for_attachments(&["ready"]).await?;
        page.ask_model("hello").await?;
        page.reload().await?;
        page.wait_for("composer").await?;
        page.ask_model("again").await?;
        page.click("logout-button").await?;
        page.wait_for("login-button").await?;
        let allowed = [
            &world.sandbox.site,
            &world.sandbox.aicon,
            &world.backend.origin,
        ];
        for url in page.requests().await? {
            let is_allowed = allowed
                .iter()
                .any(|origin| url.starts_with(&format!("{origin}/")));
            assert!(is_allowed, "a request to elsewhere: {url}");
        }
        page.assert_sound().await
    })
    .await
}

#[tokio::test]
async fn the_bundle_does_not_run_inside_a_foreign_page() -> Result<()> {
    let setup = Setup::default().login(Login::None).backend_down();
    World::run("framed", setup, async |world| {
        does_not_run_in_a_frame(world).await
    })
    .await
}

#[tokio::test]
async fn the_app_itself_refuses_a_foreign_frame_where_the_host_sends_no_policy() -> Result<()> {
    let site = TempDir::new()?;
    copy_folder(&aicon_e2e::paths::dist()?, site.path())?;
    fs::remove_file(site.path().join("web.config"))?;
    let setup = Setup::default()
        .login(Login::None)
        .site(site.path().to_owned())
        .sandbox(&["--iis-mime", ".wasm=application/wasm"])
        .backend_down();
    World::run("framed_without_header", setup, async |world| {
        world.page.open("/").await?;
        world.page.wait_for("start-chat").await?;
        does_not_run_in_a_frame(world).await
    })
    .await
}

/// AICON's page of the sandbox stands for any page of another origin.
async fn does_not_run_in_a_frame(world: &World) -> Result<()> {
    let page = &world.page;
    page.driver()
        .goto(format!("{}/sandbox/counters", world.sandbox.aicon))
        .await?;
    page.driver()
        .execute(FRAME, vec![world.sandbox.site.clone().into()])
        .await?;
    let outcome = until("the frame to be refused", async || {
        page.driver()
            .find(By::Css("iframe"))
            .await?
            .enter_frame()
            .await?;
        let shown = page.count("start-chat").await?;
        let text = page.text().await.unwrap_or_default();
        let host: String = page.ask("return location.protocol", &[]).await?;
        page.driver().enter_default_frame().await?;
        assert_eq!(shown, 0, "the app runs in a foreign frame");
        // Either the browser's own error page, or the app's word about it.
        Ok((host == "chrome-error:" || text.contains("AICON")).then_some(()))
    });
    outcome.await
}

const FRAME: &str = r"
    const frame = document.createElement('iframe');
    frame.src = arguments[0];
    document.body.append(frame);";

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_bundle_holds_no_secret() -> Result<()> {
    let mut folders = vec![aicon_e2e::paths::dist()?];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let content = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
            for sign in [
                "sk-proj-",
                "sk-ant-",
                "AIza",
                "BEGIN PRIVATE KEY",
                "BEGIN RSA PRIVATE",
                "sourceMappingURL",
            ] {
                assert!(!content.contains(sign), "{} has `{sign}`", path.display());
            }
            let config: Option<serde_json::Value> = serde_json::from_str(&content).ok();
            let secret = config
                .as_ref()
                .and_then(|config| config["clientSecret"].as_str())
                .unwrap_or_default();
            assert_eq!(secret, "", "{} has a client secret", path.display());
        }
    }
    assert!(files > 3, "the bundle has only {files} files");
    Ok(())
}
