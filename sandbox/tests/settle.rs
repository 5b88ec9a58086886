//! "Run model" and "Settle month" against a provider whose answers the test decides.
#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test fails as the test does"
)]

mod common;

use common::provider::TestProvider;
use common::{TestSandbox, new_usage};
use reqwest::Response;
use serde_json::{Value, json};

const KEY: &str = "key-of-the-settlement";

/// As a provider states a use: without the secret.
fn stated(usage: &Value) -> Value {
    let mut usage = usage.clone();
    usage.as_object_mut().unwrap().remove("clientSecret");
    usage
}

async fn post(sandbox: &TestSandbox, path: &str, body: &Value) -> Response {
    let request = sandbox.client.post(sandbox.aicon(path)).json(body);
    request.send().await.unwrap()
}

async fn record(sandbox: &TestSandbox, usage: &Value) {
    let response = post(sandbox, "/api/Provider/record-usage", usage).await;
    assert_eq!(response.status(), 200);
}

async fn settle(sandbox: &TestSandbox, page_size: u64) -> Value {
    let request = json!({ "month": "2025-10", "page_size": page_size });
    let response = post(sandbox, "/sandbox/settle", &request).await;
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

async fn run_model(sandbox: &TestSandbox) -> Value {
    let response = post(sandbox, "/sandbox/run-model", &json!(null)).await;
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

/// A sandbox and its provider, which has stated what was recorded.
async fn pair(uses: usize) -> (TestSandbox, TestProvider, Vec<Value>) {
    let provider = TestProvider::start().await;
    let sandbox = TestSandbox::start(&["--provider", &provider.url]).await;
    let mut recorded = Vec::new();
    for n in 0..uses {
        let mut usage = new_usage();
        usage["dataInfo"]["amountForSettlement"] = json!(100 + n);
        record(&sandbox, &usage).await;
        recorded.push(stated(&usage));
    }
    provider.set(|script| script.uses.clone_from(&recorded));
    (sandbox, provider, recorded)
}

#[tokio::test]
async fn run_model_tells_alive_from_not_alive_and_says_why() {
    let (sandbox, provider, _) = pair(0).await;
    let alive = run_model(&sandbox).await;
    assert_eq!(
        (&alive["alive"], &alive["status"], &alive["reason"]),
        (&json!(true), &json!(200), &json!(null))
    );
    assert!(alive["took_ms"].as_f64().unwrap() > 0.0);
    for (answer, reason) in [
        ((503, r#"{"status":"no store"}"#), "no store"),
        ((200, r#"{"status":"starting"}"#), "starting"),
        ((200, "<h1>Welcome</h1>"), "Welcome"),
        ((303, ""), "303"),
        ((404, ""), "404"),
    ] {
        provider.set(|script| script.is_alive = answer);
        let result = run_model(&sandbox).await;
        assert_eq!(
            (&result["alive"], &result["status"]),
            (&json!(false), &json!(answer.0))
        );
        assert!(
            result["reason"].as_str().unwrap().contains(reason),
            "{result}"
        );
    }
}

#[tokio::test]
async fn run_model_bears_that_nobody_is_there() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let sandbox = TestSandbox::start(&["--provider", &url]).await;
    let result = run_model(&sandbox).await;
    assert_eq!(
        (&result["alive"], &result["status"]),
        (&json!(false), &json!(null))
    );
    assert!(!result["reason"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn a_settlement_of_what_was_recorded_balances_for_any_page_size() {
    let (sandbox, provider, _) = pair(23).await;
    for (page_size, pages) in [(1, 23), (7, 4), (23, 1), (1000, 1)] {
        let settlement = settle(&sandbox, page_size).await;
        assert_eq!(settlement["balanced"], true, "{settlement}");
        assert_eq!(settlement["pages"], pages);
        let side = json!({ "count": 23, "sum_won": 23 * 100 + 23 * 22 / 2 });
        assert_eq!((&settlement["here"], &settlement["there"]), (&side, &side));
    }
    let query = provider.script.lock().unwrap().queries[0].clone();
    assert_eq!(
        query,
        json!({
            "pageSize": "1", "pageNumber": "1",
            "settlementStartDate": "2025/10/01", "settlementEndDate": "2025/10/31",
        })
    );
}

#[tokio::test]
async fn differences_are_found_and_named() {
    let (sandbox, provider, recorded) = pair(6).await;
    let guid = |n: usize| recorded[n]["dataInfo"]["usageGUID"].clone();
    let only_there = stated(&new_usage());
    provider.set(|script| {
        let uses = &mut script.uses;
        uses[1]["dataInfo"]["amountForSettlement"] = json!(1101);
        uses[2]["dataInfo"]["tokenIn"] = json!(0);
        uses[3]["clientSecret"] = json!("leaked");
        uses.push(uses[4].clone());
        uses.push(only_there.clone());
        uses.remove(0);
    });
    let settlement = settle(&sandbox, 3).await;
    assert_eq!(settlement["balanced"], false);
    for (name, count, sum_won) in [
        ("missing_there", 1, 100),
        ("amounts_differ", 1, 1000),
        ("fields_differ", 1, 102),
        ("duplicates", 1, 104),
        ("missing_here", 1, 150),
    ] {
        let side = json!({ "count": count, "sum_won": sum_won });
        assert_eq!(settlement[name], side, "{name}");
    }
    assert_eq!(settlement["leaked_secrets"], 1);
    let differences = settlement["differences"].as_array().unwrap();
    let lines: Vec<_> = differences
        .iter()
        .map(|line| (line["kind"].as_str().unwrap(), line["guid"].clone()))
        .collect();
    let expected = [
        ("amounts_differ", guid(1)),
        ("fields_differ", guid(2)),
        ("duplicate", guid(4)),
        ("missing_here", only_there["dataInfo"]["usageGUID"].clone()),
        ("missing_there", guid(0)),
    ];
    assert_eq!(lines, expected);
    assert_eq!(
        (&differences[0]["here_won"], &differences[0]["there_won"]),
        (&json!(101), &json!(1101))
    );
    assert!(!settlement.to_string().contains("leaked\""));
}

#[tokio::test]
async fn pages_that_do_not_add_up_are_named() {
    let (sandbox, provider, _) = pair(5).await;
    provider.set(|script| script.overstated = 4);
    let settlement = settle(&sandbox, 2).await;
    assert_eq!(settlement["balanced"], false);
    let faults = settlement["paging_faults"].as_array().unwrap();
    assert!(
        faults
            .iter()
            .any(|fault| fault == "the pages hold 5 uses, stated are 9"),
        "{faults:?}"
    );
}

#[tokio::test]
async fn the_key_goes_in_its_header_and_nowhere_else() {
    let (sandbox, provider, _) = pair(2).await;
    provider.set(|script| script.key = Some(KEY));
    let request = json!({ "month": "2025-10" });
    let refused = post(&sandbox, "/sandbox/settle", &request).await;
    assert_eq!(refused.status(), 502);
    let error = refused.text().await.unwrap();
    assert!(error.contains("403") && error.contains("closed"), "{error}");

    let change = json!({ "url": provider.url, "settlement_key": KEY });
    let shown = post(&sandbox, "/sandbox/provider", &change).await;
    let shown: Value = shown.json().await.unwrap();
    assert_eq!(
        shown,
        json!({ "url": provider.url, "has_settlement_key": true })
    );
    assert_eq!(settle(&sandbox, 1000).await["balanced"], true);
    let page = sandbox.get(&sandbox.aicon("/")).await.text().await.unwrap();
    assert!(!page.contains(KEY));
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused() {
    let (sandbox, _provider, _) = pair(0).await;
    for wrong in [
        json!({}),
        json!({ "month": "2025-13" }),
        json!({ "month": "2025-10", "from": "2025-10-01", "to": "2025-10-02" }),
        json!({ "from": "2025-10-02", "to": "2025-10-01" }),
        json!({ "month": "2025-10", "page_size": 0 }),
        json!({ "month": "2025-10", "page_size": 1001 }),
        json!({ "month": "2025-10", "unknown": 1 }),
    ] {
        let response = post(&sandbox, "/sandbox/settle", &wrong).await;
        assert_eq!(response.status(), 400, "{wrong}");
    }
    for wrong in [json!({ "url": "file:///etc" }), json!({ "url": "" })] {
        let response = post(&sandbox, "/sandbox/provider", &wrong).await;
        assert_eq!(response.status(), 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_cannot_move_the_provider() {
    let (sandbox, provider, _) = pair(0).await;
    let body = json!({ "url": "http://127.0.0.1:1" }).to_string();
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        let request = sandbox.client.post(sandbox.aicon("/sandbox/provider"));
        let request = request.header("content-type", kind).body(body.clone());
        assert_eq!(request.send().await.unwrap().status(), 400, "{kind}");
    }
    assert_eq!(sandbox.json("/sandbox/provider").await["url"], provider.url);
}
