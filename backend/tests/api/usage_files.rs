//! `aicon-backend usage export` and `usage reconcile`, beside a running server.

use std::collections::BTreeMap;
use std::process::Output;

use serde_json::{Value, json};

use crate::app::TestApp;

const DAY: [&str; 4] = ["--from", "2024/11/16", "--to", "2024/11/16"];

async fn start() -> TestApp {
    let app = TestApp::with(&[
        ("AICON_CLIENT_ID", "+client="),
        ("AICON_CLIENT_SECRET", "canary-client-secret"),
        ("AICON_SETTLEMENT_ACCESS", "open"),
    ])
    .await;
    for message in ["=1+1", "안녕, \"하세요\"\n둘째 줄", "third"] {
        app.chat(&json!({ "message": message, "model": "echo" }))
            .await;
    }
    app
}

fn usage(app: &TestApp, arguments: &[&str]) -> Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_aicon-backend"))
        .env_clear()
        .arg("usage")
        .args(arguments)
        .arg("--data")
        .arg(app.data.path())
        .output()
        .unwrap()
}

fn success(output: Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn table(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

async fn statement(app: &TestApp) -> Value {
    let query =
        "pageSize=1000&pageNumber=1&settlementStartDate=2024/11/16&settlementEndDate=2024/11/16";
    let page = app.get(&format!("/get-usage-for-settlement?{query}")).await;
    page.json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_safe_for_spreadsheets_and_holds_no_content_unless_asked() {
    let app = start().await;
    let plain = success(usage(
        &app,
        &[&["export", "--format", "csv"], &DAY[..]].concat(),
    ));
    let rows = table(&plain);
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0]["clientId"], "'+client=");
    assert_eq!(rows[0]["amountForSettlement"], "100");
    assert_eq!(rows[0]["day"], "2024-11-16");
    assert_eq!(rows[0]["status"], "completed");
    assert!(
        !plain.contains("1+1") && !plain.contains("canary"),
        "{plain}"
    );
    let arguments = [
        &["export", "--format", "csv", "--content", "--bom"],
        &DAY[..],
    ]
    .concat();
    let with_content = success(usage(&app, &arguments));
    let rows = table(with_content.strip_prefix('\u{feff}').unwrap());
    assert_eq!(rows[0]["inputContent"], "'=1+1");
    assert_eq!(rows[1]["outputContent"], "안녕, \"하세요\"\n둘째 줄");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_json_go_to_a_file_that_is_there_once_it_is_whole() {
    let app = start().await;
    let file = app.data.path().join("november.jsonl");
    let arguments = [
        "export",
        "--format",
        "jsonl",
        "--output",
        file.to_str().unwrap(),
    ];
    let output = usage(&app, &[&arguments, &DAY[..]].concat());
    assert!(output.stdout.is_empty());
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("3 uses, 300 won"), "{told}");
    let text = std::fs::read_to_string(&file).unwrap();
    let rows: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rows.len(), 3);
    assert_eq!(
        (&rows[0]["clientId"], &rows[2]["number"]),
        (&json!("+client="), &json!(3))
    );
    let nowhere = [
        "export",
        "--format",
        "csv",
        "--output",
        "/nowhere/at/all.csv",
    ];
    let output = usage(&app, &[&nowhere, &DAY[..]].concat());
    assert_eq!(output.status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_those_of_the_zone_and_clients_can_be_picked() {
    let app = start().await;
    let count = |arguments: &[&str]| {
        let all = [&["export", "--format", "jsonl"], arguments].concat();
        success(usage(&app, &all)).lines().count()
    };
    assert_eq!(count(&DAY), 3);
    assert_eq!(count(&[&DAY[..], &["--client", "+client="]].concat()), 3);
    assert_eq!(count(&[&DAY[..], &["--client", "another"]].concat()), 0);
    assert_eq!(count(&["--from", "2024/11/17", "--to", "2024/11/30"]), 0);
    // 12:34 in UTC is the next day in Kiritimati.
    let east = [
        "--from",
        "2024/11/17",
        "--to",
        "2024/11/17",
        "--time-zone",
        "Pacific/Kiritimati",
    ];
    assert_eq!(count(&east), 3);
    for wrong in [
        &["--from", "2024/11/17", "--to", "2024/11/16"][..],
        &["--from", "2024-11-16", "--to", "2024/11/16"],
        &["--from", "2023/02/29", "--to", "2024/11/16"],
        &[
            "--from",
            "2024/11/16",
            "--to",
            "2024/11/16",
            "--time-zone",
            "Asia/Soul",
        ],
    ] {
        let output = usage(&app, &[&["export", "--format", "csv"], wrong].concat());
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_pages_and_our_own_table_agree_with_the_ledger() {
    let app = start().await;
    let page = app.data.path().join("page.json");
    std::fs::write(&page, statement(&app).await.to_string()).unwrap();
    let exported = app.data.path().join("exported.csv");
    let export = [
        "export",
        "--format",
        "csv",
        "--bom",
        "--output",
        exported.to_str().unwrap(),
    ];
    success(usage(&app, &[&export, &DAY[..]].concat()));
    for file in [&page, &exported] {
        let arguments = ["reconcile", "--file", file.to_str().unwrap()];
        let said = success(usage(&app, &[&arguments, &DAY[..]].concat()));
        assert!(said.contains("agree") && said.contains("300"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn differences_are_told_and_are_exit_status_1() {
    let app = start().await;
    let mut stated = statement(&app).await;
    let usages = stated["modelUsages"].as_array_mut().unwrap();
    let missing = usages.remove(2)["dataInfo"]["usageGUID"].clone();
    usages[0]["dataInfo"]["amountForSettlement"] = json!(150);
    let mut foreign = usages[1].clone();
    foreign["dataInfo"]["usageGUID"] = json!("0d9fcb1e-6a2f-4c0b-9a59-6d1f4ef2a001");
    usages.push(foreign);
    let file = app.data.path().join("stated.json");
    std::fs::write(&file, stated.to_string()).unwrap();
    let arguments = [
        "reconcile",
        "--file",
        file.to_str().unwrap(),
        "--format",
        "json",
    ];
    let output = usage(&app, &[&arguments, &DAY[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let kinds: Vec<_> = report["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|difference| difference["difference"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["missing_at_aicon", "missing_here", "amount"]);
    assert_eq!(report["differences"][0]["guid"], missing);
    assert_eq!(
        report["total"],
        json!({ "uses_here": 3, "uses_at_aicon": 3, "won_here": 300, "won_at_aicon": 350 })
    );
    assert_eq!(report["clients"]["+client="], report["total"]);
    let output = usage(&app, &[&arguments[..3], &DAY[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    for part in [
        "Missing at AICON (1)",
        "Missing here (1)",
        "Amounts differ (1)",
        "350",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // The whole statement, on days when nothing was used here.
    let other = ["--from", "2024/11/17", "--to", "2024/11/18"];
    let output = usage(&app, &[&arguments, &other[..]].concat());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let first = &report["differences"][1];
    assert_eq!(
        (&first["difference"], &first["recorded"]),
        (&json!("other_day"), &json!("2024-11-16"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_statement_is_exit_status_2() {
    let app = start().await;
    let file = app.data.path().join("no-statement.txt");
    std::fs::write(&file, "name,price\na,1\n").unwrap();
    for path in [file.to_str().unwrap(), "/nowhere"] {
        let output = usage(&app, &["reconcile", "--file", path]);
        assert_eq!(output.status.code(), Some(2));
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(path), "{told}");
    }
}
