//! Record usage, faults and the console.
#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test fails as the test does"
)]

mod common;

use common::{CLIENT_ID, CLIENT_SECRET, TestSandbox};
use serde_json::{Value, json};

fn usage(guid: &str) -> Value {
    json!({
        "userId": "demo", "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET,
        "dataInfo": {
            "usageGUID": guid, "amountForSettlement": 150,
            "timestampStartString": "2025/10/23T04:05:06.000Z", "timestampEndString": "2025/10/23T04:05:09.000Z",
            "tokenIn": 12, "tokenOut": 345, "responseCode": 200
        },
        "parameterInfo": { "inputContent": "<b>안녕</b>", "outputContent": "안녕하세요" }
    })
}

const GUID: &str = "0d9fcb1e-6a2f-4c0b-9a59-6d1f4ef2a001";
const OTHER_GUID: &str = "0d9fcb1e-6a2f-4c0b-9a59-6d1f4ef2a002";
const GUIDELINE_PATH: &str = "/api/Provider/record-usage";
const SAMPLE_PATH: &str = "/api/aiModel/record-usage";

async fn record(sandbox: &TestSandbox, path: &str, usage: &Value) -> u16 {
    sandbox
        .client
        .post(sandbox.aicon(path))
        .json(usage)
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

#[tokio::test]
async fn both_paths_record_and_a_repeat_is_one_use() {
    let sandbox = TestSandbox::start(&[]).await;
    assert_eq!(record(&sandbox, GUIDELINE_PATH, &usage(GUID)).await, 200);
    assert_eq!(record(&sandbox, SAMPLE_PATH, &usage(GUID)).await, 200);
    assert_eq!(record(&sandbox, SAMPLE_PATH, &usage(OTHER_GUID)).await, 200);
    let recorded = sandbox.json("/sandbox/usages").await;
    assert_eq!(recorded.as_array().unwrap().len(), 2);
    assert_eq!(
        (&recorded[0]["repeats"], &recorded[0]["conflicts"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(recorded[0]["path"], GUIDELINE_PATH);
    assert_eq!(recorded[1]["path"], SAMPLE_PATH);
    assert_eq!(recorded[0]["usage"]["dataInfo"]["usageGUID"], GUID);
    assert!(!recorded.to_string().contains(CLIENT_SECRET));
}

#[tokio::test]
async fn a_repeat_with_another_price_is_a_conflict() {
    let sandbox = TestSandbox::start(&[]).await;
    record(&sandbox, GUIDELINE_PATH, &usage(GUID)).await;
    let mut other = usage(GUID);
    other["dataInfo"]["amountForSettlement"] = json!(100);
    record(&sandbox, GUIDELINE_PATH, &other).await;
    let recorded = sandbox.json("/sandbox/usages").await;
    assert_eq!(recorded[0]["conflicts"], 1);
    assert_eq!(recorded[0]["usage"]["dataInfo"]["amountForSettlement"], 150);
}

#[tokio::test]
async fn a_use_of_a_wrong_shape_is_refused_and_not_kept() {
    let sandbox = TestSandbox::start(&[]).await;
    for (pointer, wrong) in [
        ("/dataInfo/usageGUID", json!("no-guid")),
        (
            "/dataInfo/timestampStartString",
            json!("2025-10-23T04:05:06Z"),
        ),
        (
            "/dataInfo/timestampEndString",
            json!("2025/10/23T04:05:05.000Z"),
        ),
        ("/dataInfo/amountForSettlement", json!(-1)),
        ("/dataInfo/amountForSettlement", json!(1.5)),
        ("/dataInfo/responseCode", json!(0)),
        ("/dataInfo", json!(null)),
        ("/userId", json!(" ")),
    ] {
        let mut usage = usage(GUID);
        *usage.pointer_mut(pointer).unwrap() = wrong;
        let status = record(&sandbox, GUIDELINE_PATH, &usage).await;
        assert!(
            (400..500).contains(&status) && status != 401,
            "{pointer}: {status}"
        );
    }
    assert_eq!(sandbox.json("/sandbox/usages").await, json!([]));
}

#[tokio::test]
async fn a_wrong_secret_is_unauthorised() {
    let sandbox = TestSandbox::start(&[]).await;
    for field in ["clientId", "clientSecret"] {
        let mut usage = usage(GUID);
        usage[field] = json!("wrong");
        assert_eq!(record(&sandbox, GUIDELINE_PATH, &usage).await, 401);
    }
    assert_eq!(sandbox.json("/sandbox/usages").await, json!([]));
}

#[tokio::test]
async fn record_usage_goes_down_and_up_again() {
    let sandbox = TestSandbox::start(&[]).await;
    sandbox
        .set_faults(json!({ "record_usage_down": true }))
        .await;
    assert_eq!(record(&sandbox, GUIDELINE_PATH, &usage(GUID)).await, 503);
    sandbox
        .set_faults(json!({ "record_usage_down": false }))
        .await;
    assert_eq!(record(&sandbox, GUIDELINE_PATH, &usage(GUID)).await, 200);
}

#[tokio::test]
async fn the_error_rate_fails_the_api_and_nothing_else() {
    let sandbox = TestSandbox::start(&["--error-rate", "1"]).await;
    assert_eq!(record(&sandbox, GUIDELINE_PATH, &usage(GUID)).await, 500);
    assert_eq!(sandbox.get(&sandbox.aicon("/")).await.status(), 200);
    assert_eq!(sandbox.login_page(&[]).await.status(), 200);
}

#[tokio::test]
async fn latency_delays_the_api() {
    let sandbox = TestSandbox::start(&["--latency-ms", "300"]).await;
    let started = std::time::Instant::now();
    record(&sandbox, GUIDELINE_PATH, &usage(GUID)).await;
    assert!(started.elapsed().as_millis() >= 300);
}

#[tokio::test]
async fn faults_are_read_back_and_nonsense_is_refused() {
    let sandbox = TestSandbox::start(&[]).await;
    let before = sandbox.json("/sandbox/faults").await;
    for wrong in [
        json!({ "error_rate": 2 }),
        json!({ "no_such_fault": true }),
        json!({ "latency_ms": -1 }),
    ] {
        assert_eq!(sandbox.set_faults(wrong).await.status(), 400);
    }
    assert_eq!(sandbox.json("/sandbox/faults").await, before);
    let changed: Value = sandbox
        .set_faults(json!({ "latency_ms": 5 }))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(changed["latency_ms"], 5);
    assert_eq!(changed["echo_state"], before["echo_state"]);
}

#[tokio::test]
async fn the_console_shows_the_registration_and_the_uses_escaped() {
    let sandbox = TestSandbox::start(&["--users", "<i>user</i>"]).await;
    let mut usage = usage(GUID);
    usage["userId"] = json!("<img src=x>");
    record(&sandbox, GUIDELINE_PATH, &usage).await;
    let page = sandbox.get(&sandbox.aicon("/")).await.text().await.unwrap();
    for part in [
        CLIENT_ID,
        CLIENT_SECRET,
        &sandbox.running.site_origin,
        GUID,
        "&lt;img src=x&gt;",
        "&lt;i&gt;user",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("<img") && !page.contains("<i>"));
}

#[tokio::test]
async fn the_console_form_sets_and_clears_faults() {
    let sandbox = TestSandbox::start(&[]).await;
    let form = [
        ("error_rate", "0.5"),
        ("latency_ms", "7"),
        ("userinfo_down", "on"),
    ];
    let response = sandbox
        .client
        .post(sandbox.aicon("/sandbox/faults/form"))
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 303);
    let faults = sandbox.json("/sandbox/faults").await;
    assert_eq!(
        (&faults["error_rate"], &faults["latency_ms"]),
        (&json!(0.5), &json!(7))
    );
    assert_eq!(
        (&faults["userinfo_down"], &faults["echo_state"]),
        (&json!(true), &json!(false))
    );
}

#[tokio::test]
async fn recorded_uses_are_read_in_parts_from_either_end() {
    let sandbox = TestSandbox::start(&[]).await;
    for amount in 1..=1203 {
        let mut usage = common::new_usage();
        usage["dataInfo"]["amountForSettlement"] = json!(amount);
        record(&sandbox, GUIDELINE_PATH, &usage).await;
    }
    for (query, first, last, count) in [
        ("", 1, 1203, 1203),
        ("?order=newest", 1203, 1, 1203),
        ("?limit=2", 1, 2, 2),
        ("?limit=2&order=newest", 1203, 1202, 2),
        ("?after=1200", 1201, 1203, 3),
        ("?after=1&limit=700", 2, 701, 700),
        ("?before=3", 1, 2, 2),
        ("?before=1000&limit=600&order=newest", 999, 400, 600),
    ] {
        let rows = sandbox.json(&format!("/sandbox/usages{query}")).await;
        let rows = rows.as_array().unwrap();
        assert_eq!(rows.len(), count, "{query}");
        for (row, expected) in [(&rows[0], first), (&rows[count - 1], last)] {
            assert_eq!(row["ordinal"], expected, "{query}");
            assert_eq!(
                row["usage"]["dataInfo"]["amountForSettlement"], expected,
                "{query}"
            );
        }
        let ordinals: Vec<_> = rows.iter().map(|row| row["ordinal"].as_i64()).collect();
        let is_in_order = ordinals
            .windows(2)
            .all(|pair| pair[0].unwrap().abs_diff(pair[1].unwrap()) == 1);
        assert!(is_in_order, "{query}");
    }
    for empty in [
        "?after=1203",
        "?before=1",
        "?limit=0",
        "?before=0",
        "?limit=0&order=newest",
    ] {
        let rows = sandbox.json(&format!("/sandbox/usages{empty}")).await;
        assert_eq!(rows, json!([]), "{empty}");
    }
    let wrong = sandbox.get(&sandbox.aicon("/sandbox/usages?limit=x")).await;
    assert_eq!(wrong.status(), 400);
}
