//! The console in a real browser: live, in both languages, on a phone, and deaf to what uses try to say to it.
#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test fails as the test does"
)]

mod common;

use common::browser::Browser;
use common::provider::TestProvider;
use common::{TestSandbox, new_usage};
use serde_json::{Value, json};

const HOSTILE: [&str; 8] = [
    "<img src=x onerror='window.struck=1'>",
    "</td></tr></table><script>window.struck=1</script>",
    "\"><svg onload=window.struck=1>",
    "<iframe srcdoc='<script>parent.struck=1</script>'></iframe>",
    "{{constructor.constructor('window.struck=1')()}}",
    "<style>*{display:none}</style><base href=//evil.example>",
    "\u{202e}\u{2066}kcurts\u{0}\u{7}",
    "]]>--><template><h1>",
];

/// Elements that only foreign markup could have brought, and what a script of it would have left.
const TRACES: &str = "[document.querySelectorAll('main :is(img,svg,iframe,script,style,base,object,embed)').length, \
    document.scripts.length, window.struck ?? 0]";

async fn record(sandbox: &TestSandbox, usage: &Value) {
    let path = sandbox.aicon("/api/Provider/record-usage");
    let request = sandbox.client.post(path).json(usage);
    assert_eq!(request.send().await.unwrap().status(), 200);
}

fn hostile_usage(text: &str) -> Value {
    let mut usage = new_usage();
    usage["userId"] = json!(text);
    usage["parameterInfo"] = json!({ "inputContent": text, "outputContent": text });
    usage
}

#[tokio::test]
async fn hostile_uses_stay_text_when_the_server_writes_them_and_when_the_script_does() {
    let provider = TestProvider::start().await;
    let sandbox = TestSandbox::start(&["--provider", &provider.url]).await;
    let stated = HOSTILE.map(|text| {
        let mut usage = hostile_usage(text);
        usage["dataInfo"]["usageGUID"] = json!(text);
        usage["dataInfo"]["timestampEndString"] = json!(text);
        usage
    });
    provider.set(|script| script.uses = stated.into());
    for text in HOSTILE {
        record(&sandbox, &hostile_usage(text)).await;
    }
    let request = sandbox.client.post(sandbox.aicon("/sandbox/settle"));
    request
        .json(&json!({ "month": "2025-10" }))
        .send()
        .await
        .unwrap();

    let browser = Browser::start("en-US,en").await;
    browser.driver.goto(sandbox.aicon("/")).await.unwrap();
    browser
        .until("document.querySelector('#console').dataset.live === 'on'")
        .await;
    assert_eq!(browser.eval::<Value>(TRACES).await, json!([0, 1, 0]));
    for text in HOSTILE {
        record(&sandbox, &hostile_usage(text)).await;
    }
    browser
        .until("document.querySelectorAll('#uses tr').length === 16")
        .await;
    assert_eq!(browser.eval::<Value>(TRACES).await, json!([0, 1, 0]));
    let shown: Vec<String> = browser
        .eval("Array.from(document.querySelectorAll('#uses .user, [data-testid=differences] .user'), (e) => e.textContent)")
        .await;
    for text in &HOSTILE[..6] {
        let times = shown.iter().filter(|shown| shown == text).count();
        assert_eq!(times, 4, "{text} in {shown:?}");
    }
    assert_eq!(
        browser.eval::<String>("document.title").await,
        "Console · AICON sandbox"
    );
    // An inline handler or script that the policy had to stop would be an escape that failed.
    let policy = "performance.getEntriesByType('resource').map((r) => new URL(r.name).pathname)";
    let loaded: Vec<String> = browser.eval(policy).await;
    for path in &loaded {
        assert!(
            [
                "/style.css",
                "/console.js",
                "/icon.svg",
                "/sandbox/live",
                "/favicon.ico"
            ]
            .contains(&path.as_str()),
            "{loaded:?}"
        );
    }
    browser.quit().await;
}

#[tokio::test]
async fn a_new_use_appears_by_itself_and_leaves_the_others_alone() {
    let sandbox = TestSandbox::start(&[]).await;
    record(&sandbox, &new_usage()).await;
    let browser = Browser::start("ko-KR,ko").await;
    browser.driver.goto(sandbox.aicon("/")).await.unwrap();
    browser
        .until("document.querySelector('#console').dataset.live === 'on'")
        .await;
    assert_eq!(
        browser
            .eval::<String>("document.querySelector('#totals [data-field=won]').textContent")
            .await,
        "150원"
    );
    browser
        .eval::<Value>("(window.kept = document.querySelector('#uses tr'), null)")
        .await;
    let mut dear = new_usage();
    dear["userId"] = json!("한글-사용자");
    dear["dataInfo"]["amountForSettlement"] = json!(1_234_567);
    record(&sandbox, &dear).await;
    browser
        .until("document.querySelector('#totals [data-field=won]').textContent === '1,234,717원'")
        .await;
    let state: Value = browser
        .eval(
            "[document.querySelectorAll('#uses tr').length, document.querySelectorAll('#uses tr')[1] === window.kept, \
              document.querySelector('#uses .user').textContent, document.querySelector('#users bdi').textContent]",
        )
        .await;
    assert_eq!(state, json!([2, true, "한글-사용자", "한글-사용자"]));
    browser.quit().await;
}

#[tokio::test]
async fn the_buttons_work_on_a_phone_without_sideways_scrolling() {
    let provider = TestProvider::start().await;
    let sandbox = TestSandbox::start(&["--provider", &provider.url]).await;
    for text in HOSTILE {
        record(&sandbox, &hostile_usage(&text.repeat(20))).await;
    }
    let browser = Browser::start("en-US,en").await;
    for width in [390, 1280] {
        browser.set_width(width).await;
        browser.driver.goto(sandbox.aicon("/")).await.unwrap();
        browser.click("run-model").await;
        browser.until("document.querySelector('[data-testid=run-model-result]')?.innerText.startsWith('Alive') ?? false").await;
        browser.click("settle").await;
        browser
            .until("document.querySelector('[data-testid=settle-result]') !== null")
            .await;
        let overflow: i64 = browser
            .eval("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            .await;
        assert_eq!(overflow, 0, "{width}");
    }
    browser.quit().await;
}

#[tokio::test]
async fn older_uses_are_a_page_of_their_own_that_stands_still() {
    let sandbox = TestSandbox::start(&[]).await;
    for amount in 1..=45 {
        let mut usage = new_usage();
        usage["dataInfo"]["amountForSettlement"] = json!(amount);
        record(&sandbox, &usage).await;
    }
    let browser = Browser::start("en-US,en").await;
    browser
        .driver
        .goto(sandbox.aicon("/?before=26"))
        .await
        .unwrap();
    browser
        .until("document.querySelector('#console').dataset.live === 'on'")
        .await;
    let amounts = "Array.from(document.querySelectorAll('#uses [data-field=won]'), (e) => Number(e.textContent))";
    let expected: Vec<u64> = (6..=25).rev().collect();
    assert_eq!(browser.eval::<Vec<u64>>(amounts).await, expected);
    record(&sandbox, &new_usage()).await;
    browser
        .until("document.querySelector('#totals [data-field=count]').textContent === '46'")
        .await;
    assert_eq!(browser.eval::<Vec<u64>>(amounts).await, expected);
    let links: Vec<String> = browser
        .eval("Array.from(document.querySelectorAll('.pager a'), (a) => a.getAttribute('href'))")
        .await;
    assert_eq!(links, ["/", "/?before=6"]);
    browser.quit().await;
}

#[tokio::test]
async fn the_form_sets_faults_of_record_usage() {
    let sandbox = TestSandbox::start(&["--fault", "refuse_user=gone"]).await;
    let form = [
        ("error", "12.5"),
        ("reset", ""),
        ("delay_ms", "7"),
        ("refuse_user", "a, b"),
        ("outage_s", ""),
    ];
    let path = sandbox.aicon("/sandbox/faults/record/form");
    let response = sandbox
        .client
        .post(path.clone())
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 303);
    let faults = sandbox.json("/sandbox/faults").await;
    let faults = &faults["record_usage"];
    assert_eq!(faults["percent"]["error"], 12.5);
    assert_eq!(faults["delay_ms"], 7);
    assert_eq!(faults["refuse_users"], json!(["a", "b"]));
    let wrong = sandbox.client.post(path).form(&[("error", "101")]);
    assert_eq!(wrong.send().await.unwrap().status(), 400);
}
