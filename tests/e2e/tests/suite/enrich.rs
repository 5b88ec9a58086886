//! Coloured code and formulas, by the worker that is loaded with the first of them.

use std::fs;
use std::path::{Path, PathBuf};

use aicon_e2e::setup::Login;
use aicon_e2e::wait::until;
use aicon_e2e::{Page, Result, Setup, Upstream, World, paths};
use serde_json::json;
use tempfile::TempDir;

use super::answers::{ask, echo};

const CODE: &str = "fn main() {\n    let 값 = \"<b>&amp;\"; // 주석\n\n\treturn;\n}\n";

const FORMULAS: &str = "값은 $x^2$이고 \\(y_1\\)은 다음과 같습니다.\n\n$$\n\\frac{a}{b} = \\sqrt{c}\n$$\n\n\
    $5 and $10 are money. $\\href{javascript:alert(1)}{z}$ and \\[\\unknowncommand z\\] are none.\n";

/// Requests for the worker's files.
async fn loaded(page: &Page) -> Result<usize> {
    let requests = page.requests().await?;
    Ok(requests
        .iter()
        .filter(|url| url.contains("aicon-enricher"))
        .count())
}

async fn wait_until(page: &Page, what: &str, script: &str) -> Result<()> {
    until(what, async || {
        let is_so: bool = page.ask(script, &[]).await?;
        Ok(is_so.then_some(()))
    })
    .await
}

#[tokio::test]
async fn code_is_coloured_exactly_by_a_worker_that_the_first_load_knows_nothing_of() -> Result<()> {
    World::run("coloured_code", echo(), async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        ask(page, "No code, **no** formula, `inline` and\n\n```\nno language\n```\n").await?;
        assert_eq!(loaded(page).await?, 0, "nothing needs the worker");
        ask(page, &format!("```rust\n{CODE}```\n")).await?;
        wait_until(page, "coloured code", "return document.querySelectorAll('pre .tok-keyword').length >= 3").await?;
        let text = page.ask_text("return [...document.querySelectorAll('[data-role=assistant] pre code')].at(-1).textContent").await?;
        assert_eq!(text, CODE);
        for (class, wanted) in [("string", "\"<b>&amp;\""), ("comment", "// 주석"), ("function", "main")] {
            let script = format!("return document.querySelector('pre .tok-{class}').textContent.trim()");
            assert_eq!(page.ask_text(&script).await?, wanted);
        }
        assert_eq!(loaded(page).await?, 1);
        page.reload().await?;
        wait_until(page, "coloured code of a conversation that is kept", "return !!document.querySelector('pre .tok-keyword')").await
    })
    .await
}

#[tokio::test]
async fn code_far_from_the_screen_is_coloured_when_it_comes_near() -> Result<()> {
    World::run("far_code", echo(), async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        let far = "A paragraph.\n\n".repeat(400);
        ask(page, &format!("```rust\n{CODE}```\n\n{far}```rust\n{CODE}```\n")).await?;
        let coloured = "const blocks = [...document.querySelectorAll('[data-role=assistant] .md-code')].slice(-2);
            return blocks.map(block => !!block.querySelector('.tok-keyword')).join()";
        wait_until(page, "colours at the end", &coloured.replace("join()", "at(1)")).await?;
        assert_eq!(page.ask_text(coloured).await?, "false,true");
        let _: bool = page.ask("[...document.querySelectorAll('[data-role=assistant] .md-code')].at(-2).scrollIntoView(); return true", &[]).await?;
        wait_until(page, "colours at the beginning", &coloured.replace("join()", "at(0)")).await
    })
    .await
}

/// Counts workers.
const COUNT: &str = "window.started = window.ended = 0;
    window.Worker = class extends Worker {
        constructor(...given) { super(...given); window.started++; }
        terminate() { super.terminate(); window.ended++; }
    };";

#[tokio::test]
async fn a_worker_without_work_is_ended_and_another_takes_its_place() -> Result<()> {
    World::run("resting_worker", echo(), async |world| {
        let page = &world.page;
        let method = "Page.addScriptToEvaluateOnNewDocument";
        let source = json!({ "source": COUNT });
        page.driver().cdp().send_raw(method, source).await?;
        page.open("/chat").await?;
        for number in 1..=2 {
            ask(page, &format!("```rust\n{CODE}```\n")).await?;
            let script = "return document.querySelectorAll('pre .tok-comment').length === ";
            wait_until(page, "colours", &format!("{script}{number}")).await?;
            let script = format!("return window.started === {number} && window.ended === {number}");
            wait_until(page, "the worker's end", &script).await?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_finished_line_keeps_its_nodes_while_its_code_block_grows() -> Result<()> {
    let upstream = Upstream::start().await?;
    let setup = Setup::default().login(Login::None).upstream(&upstream);
    World::run("growing_code", setup, async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        page.send("hello").await?;
        upstream.wait_for_question().await?;
        let line = "let name = \"text\"; // comment\n";
        upstream.write(&format!("```rust\n{}", line.repeat(101)))?;
        wait_until(page, "colours", "return document.querySelectorAll('pre .tok-comment').length >= 100").await?;
        let mark = "document.querySelectorAll('pre .tok-comment').forEach((node, i) => node.mark = i); return true";
        let _: bool = page.ask(mark, &[]).await?;
        for _ in 0..20 {
            upstream.write(&line.repeat(5))?;
        }
        upstream.write("```\nThe end of it.\n")?;
        upstream.finish()?;
        page.wait_for_answer(2, "done").await?;
        wait_until(page, "all colours", "return document.querySelectorAll('pre .tok-comment').length === 201").await?;
        // The last chunk may have been put together with what followed.
        let kept: usize = page.ask("return [...document.querySelectorAll('pre .tok-comment')].filter(node => 'mark' in node).length", &[]).await?;
        assert!(kept >= 60, "{kept} of 100 lines kept their nodes");
        let text = page.ask_text("return document.querySelector('pre code').textContent").await?;
        assert_eq!(text, line.repeat(201));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn formulas_become_mathml_and_what_is_none_stays_its_source() -> Result<()> {
    World::run("formulas", echo(), async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        ask(page, FORMULAS).await?;
        wait_until(
            page,
            "formulas",
            "return document.querySelectorAll('[data-role=assistant] math').length === 3",
        )
        .await?;
        let facts: Vec<String> = page.ask(FACTS, &[]).await?;
        assert_eq!(
            facts,
            [
                "msup",
                "msub",
                "mfrac msqrt block",
                "\\href{javascript:alert(1)}{z}",
                "\\unknowncommand z",
                "[]"
            ]
        );
        let text = page
            .ask_text("return document.querySelector('[data-role=assistant] .md').textContent")
            .await?;
        assert!(text.contains("$5 and $10 are money."), "{text}");
        assert_eq!(loaded(page).await?, 1);
        Ok(())
    })
    .await
}

const FACTS: &str = r"
    const math = [...document.querySelectorAll('[data-role=assistant] math')];
    const has = (node, names) => names.filter(name => node.querySelector(name)).join(' ');
    const sources = [...document.querySelectorAll('[data-role=assistant] .md-tex')].map(node => node.textContent);
    const wrong = math.flatMap(node => [node, ...node.querySelectorAll('*')])
        .filter(node => node.namespaceURI !== 'http://www.w3.org/1998/Math/MathML'
            || [...node.attributes].some(attribute => /^(href|style|on.*)$/.test(attribute.name)));
    return [has(math[0], ['msup']), has(math[1], ['msub']),
        has(math[2], ['mfrac', 'msqrt']) + ' ' + math[2].getAttribute('display'), ...sources, JSON.stringify(wrong)];";

#[tokio::test]
async fn without_its_worker_the_app_shows_plain_text_and_asks_for_it_once() -> Result<()> {
    let folder = TempDir::new()?;
    copy(&paths::dist()?, folder.path())?;
    for file in files(folder.path())? {
        if file.to_string_lossy().contains("aicon-enricher") {
            fs::remove_file(file)?;
        }
    }
    let setup = echo().site(folder.path().to_owned());
    World::run("no_worker", setup, async |world| {
        let page = &world.page;
        page.open("/chat").await?;
        for turn in 0..3 {
            ask(
                page,
                &format!("turn {turn}\n\n```rust\n{CODE}```\n\n$x^2$\n"),
            )
            .await?;
        }
        let count: usize = page
            .ask(
                "return document.querySelectorAll('[class^=tok-], math').length",
                &[],
            )
            .await?;
        assert_eq!(count, 0);
        assert_eq!(page.notices().await?, Vec::<String>::new());
        assert!(loaded(page).await? <= 1, "no second try");
        let text = page
            .ask_text("return document.querySelector('[data-role=assistant] pre code').textContent")
            .await?;
        assert_eq!(text, CODE);
        Ok(())
    })
    .await
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in files(from)? {
        let target = to.join(file.strip_prefix(from).unwrap_or(&file));
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(&file, target)?;
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}
