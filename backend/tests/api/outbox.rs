//! Reports of uses to AICON: each at least once, with one GUID, whatever AICON does.

use std::time::Duration;

use aicon_backend::config::{ClientSettings, Settings};
use aicon_protocol::aicon::RecordUsage;
use serde_json::{Value, json};

use crate::app::{TestApp, id_of, until};
use crate::binary::Binary;
use crate::fake_aicon::token_of;
use crate::fake_recorder::{Act, FakeRecorder, OK};
use crate::tool::tool;

pub(crate) const CLIENT: &str = "Y2xpZW50LWZvci10ZXN0cw==";

pub(crate) fn client(id: &str) -> ClientSettings {
    ClientSettings {
        id: id.to_owned(),
        secret: Some("not-a-real-secret".into()),
        secret_file: None,
        secret_env: None,
        price: "per-use:7".parse().unwrap(),
        content: Default::default(),
        models: None,
    }
}

/// Reports to the recorder, with quick tries.
pub(crate) fn report_to(recorder: &FakeRecorder, settings: &mut Settings) {
    settings.aicon.api_endpoint = Some(recorder.endpoint.parse().unwrap());
    settings.aicon.clients = vec![client(CLIENT)];
    settings.aicon.usage.timeout = Duration::from_millis(300);
    settings.limits.requests_per_minute_user = 0;
    settings.limits.requests_per_minute_address = 0;
    settings.limits.streams_per_user = 0;
}

async fn start(recorder: &FakeRecorder) -> TestApp {
    TestApp::configured(&[], |settings| report_to(recorder, settings)).await
}

/// Asks as a user of AICON's, through a client.
pub(crate) async fn ask_through(app: &TestApp, client: &str, message: &str) {
    let request = app.post("/ai/chat", &json!({ "message": message, "model": "echo" }));
    let request = request.bearer_auth(token_of("user-1", client, 4_000_000_000));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    response.text().await.unwrap();
}

async fn ask(app: &TestApp, message: &str) -> String {
    id_of(
        &app.chat(&json!({ "message": message, "model": "echo" }))
            .await,
    )
}

fn listed(app: &TestApp, arguments: &[&str]) -> Vec<Value> {
    let arguments = [&["usage", "list", "--json"], arguments].concat();
    let text = tool(app.data.path(), &arguments, "").success();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Waits until the ledger says so of each use.
async fn all_are(app: &TestApp, delivery: &str, uses: usize) -> Vec<Value> {
    until(|| async {
        app.clock.advance(250);
        let rows = listed(app, &["--limit", "100000"]);
        let is_so = rows.len() == uses && rows.iter().all(|row| row["delivery"] == delivery);
        is_so.then_some(rows)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_use_is_reported_as_the_contract_says() {
    let recorder = FakeRecorder::start().await;
    let app = start(&recorder).await;
    ask(&app, "안녕하세요").await;
    until(|| async { (recorder.count() == 1).then_some(()) }).await;
    let report = serde_json::to_value(&recorder.seen()[0]).unwrap();
    let guid = report["dataInfo"]["usageGUID"].as_str().unwrap();
    assert_eq!((guid.len(), &guid[14..15]), (36, "4"));
    let expected = json!({
        "userId": "local",
        "clientId": CLIENT,
        "clientSecret": "not-a-real-secret",
        "dataInfo": {
            "usageGUID": guid,
            "amountForSettlement": 7,
            "timestampStartString": "2024/11/16T12:34:56.000Z",
            "timestampEndString": "2024/11/16T12:34:56.000Z",
            "tokenIn": report["dataInfo"]["tokenIn"],
            "tokenOut": report["dataInfo"]["tokenOut"],
            "responseCode": 200,
        },
        "parameterInfo": { "inputContent": "안녕하세요", "outputContent": "안녕하세요" },
    });
    assert_eq!(report, expected);
    assert!(report["dataInfo"]["tokenOut"].as_u64().unwrap() > 0);
    let rows = all_are(&app, "delivered", 1).await;
    assert_eq!(
        (&rows[0]["usage_guid"], &rows[0]["won"]),
        (&json!(guid), &json!(7))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_passes_is_tried_again_with_the_same_guid_until_it_is_delivered() {
    for (acts, most_taken) in [
        (vec![Act::TakeAndHang], 2),
        (vec![Act::Answer(500, "", "oops")], 1),
        (vec![Act::Answer(503, "retry-after: 1\r\n", "")], 1),
        (vec![Act::Answer(408, "", ""), Act::Answer(425, "", "")], 1),
        (vec![Act::Answer(429, "retry-after: 2\r\n", "")], 1),
        (
            vec![Act::Answer(
                429,
                "retry-after: Sat, 16 Nov 2024 12:35:00 GMT\r\n",
                "",
            )],
            1,
        ),
        (vec![Act::Answer(429, "retry-after: soon\r\n", "")], 1),
        (vec![Act::Reset, Act::Reset, Act::Reset], 1),
        (vec![Act::TakeAndReset], 2),
        (vec![Act::Answer(200, "", "\u{0}not json")], 1),
        (vec![Act::Answer(204, "", "")], 1),
    ] {
        let recorder = FakeRecorder::start().await;
        recorder.script(acts.clone());
        let app = start(&recorder).await;
        ask(&app, "hello").await;
        let rows = all_are(&app, "delivered", 1).await;
        let guid = rows[0]["usage_guid"].as_str().unwrap();
        assert!(
            recorder
                .seen()
                .iter()
                .all(|report| report.data_info.usage_guid == guid),
            "{acts:?}"
        );
        let taken = recorder.taken().len();
        assert!((1..=most_taken).contains(&taken), "{acts:?}: {taken}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn retry_after_is_waited_for() {
    let recorder = FakeRecorder::start().await;
    recorder.script([Act::Answer(429, "retry-after: 600\r\n", "")]);
    let app = start(&recorder).await;
    ask(&app, "first").await;
    until(|| async { (recorder.count() == 1).then_some(()) }).await;
    // The pause is the client's: another use waits with the first one.
    until(|| async { listed(&app, &[])[0]["reason"].is_string().then_some(()) }).await;
    ask(&app, "second").await;
    app.clock.advance(599_000);
    let rows = listed(&app, &[]);
    assert_eq!(rows[0]["reason"], "status 429 (Too Many Requests)");
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(recorder.count(), 1);
    app.clock.advance(1_000);
    until(|| async { (recorder.known().len() == 2).then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_report_that_aicon_refuses_is_parked_and_others_go_on() {
    let recorder = FakeRecorder::start().await;
    recorder.script([Act::Answer(400, "", "canary")]);
    let app = start(&recorder).await;
    ask(&app, "refused").await;
    until(|| async { (!listed(&app, &["--parked"]).is_empty()).then_some(()) }).await;
    for _ in 0..20 {
        ask(&app, "fine").await;
    }
    until(|| async { (recorder.known().len() == 20).then_some(()) }).await;
    let parked = listed(&app, &["--parked"]);
    assert_eq!(parked.len(), 1);
    assert_eq!(
        (&parked[0]["reason"], &parked[0]["number"]),
        (&json!("status 400 (Bad Request)"), &json!(1))
    );
    let guid = parked[0]["usage_guid"].as_str().unwrap();
    let said = tool(app.data.path(), &["usage", "retry", "--guid", guid], "").success();
    assert!(said.starts_with("1 parked"), "{said}");
    all_are(&app, "delivered", 21).await;
    assert!(recorder.known().contains(&guid.to_owned()));
    assert!(listed(&app, &["--parked"]).is_empty());
    let said = tool(app.data.path(), &["usage", "retry", "--all"], "").success();
    assert!(said.starts_with("0 parked"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_outage_is_met_with_few_tries_and_ended_within_two_minutes() {
    const USES: usize = 200;
    let recorder = FakeRecorder::start().await;
    recorder.otherwise(Act::Answer(500, "", ""));
    let app = start(&recorder).await;
    for _ in 0..USES {
        ask(&app, "meanwhile").await;
    }
    let steps = 600;
    for _ in 0..steps {
        app.clock.advance(1_000);
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    let during = recorder.count();
    assert!(during < 120, "{during} tries in ten minutes");
    recorder.otherwise(OK);
    let began = app.clock.now();
    until(|| async {
        app.clock.advance(1_000);
        (recorder.known().len() == USES).then_some(())
    })
    .await;
    let took = app.clock.now() - began;
    assert!(took < 120_000, "{took} ms");
    assert_eq!(recorder.taken().len(), USES, "none twice");
    assert!(recorder.most_under_way() <= 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn when_every_other_report_fails_the_sums_are_equal_to_the_won() {
    const USES: usize = 60;
    let recorder = FakeRecorder::start().await;
    let failures = [
        Act::Answer(500, "", ""),
        Act::TakeAndReset,
        Act::Reset,
        Act::Answer(429, "", ""),
    ];
    for failure in failures.iter().cycle().take(2 * USES) {
        recorder.script([failure.clone(), OK]);
    }
    let app = TestApp::configured(&[], |settings| {
        report_to(&recorder, settings);
        settings.aicon.clients[0].price = "tiers:8=10,11".parse().unwrap();
    })
    .await;
    for number in 0..USES {
        ask(&app, &"word ".repeat(number % 5 + 1)).await;
    }
    until(|| async {
        app.clock.advance(250);
        (recorder.known().len() == USES).then_some(())
    })
    .await;
    let rows = all_are(&app, "delivered", USES).await;
    let mut reported: Vec<_> = recorder
        .seen()
        .into_iter()
        .map(|report| {
            (
                report.data_info.usage_guid,
                report.data_info.amount_for_settlement,
            )
        })
        .filter(|(guid, _)| recorder.known().contains(guid))
        .collect();
    reported.sort();
    // A use that was reported twice was reported with the same amount.
    reported.dedup();
    assert_eq!((reported.len(), recorder.known().len()), (USES, USES));
    let sum: u64 = reported.iter().map(|(_, won)| won).sum();
    let ledger: u64 = rows.iter().map(|row| row["won"].as_u64().unwrap()).sum();
    assert_eq!(sum, ledger);
    assert!(
        reported.iter().any(|(_, won)| *won == 10) && reported.iter().any(|(_, won)| *won == 11)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn one_client_never_delays_another() {
    let recorder = FakeRecorder::start().await;
    recorder.for_client("slow", Act::TakeAndHang);
    let app = TestApp::configured(
        &[
            ("AICON_AUTH", "aicon"),
            ("AICON_API_ENDPOINT", &recorder.endpoint),
        ],
        |settings| {
            report_to(&recorder, settings);
            settings.aicon.usage.timeout = Duration::from_secs(60);
            settings.aicon.clients = vec![client("slow"), client("quick")];
        },
    )
    .await;
    for number in 0..20 {
        ask_through(&app, "slow", &number.to_string()).await;
    }
    until(|| async { (recorder.most_under_way() == 8).then_some(()) }).await;
    ask_through(&app, "quick", "hello").await;
    let is_quick = |report: &RecordUsage| report.client_id.as_str() == "quick";
    until(|| async { recorder.seen().iter().any(is_quick).then_some(()) }).await;
    assert!(recorder.most_under_way() <= 9);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_large_use_is_reported_whole() {
    let recorder = FakeRecorder::start().await;
    let app = TestApp::configured(&[], |settings| {
        report_to(&recorder, settings);
        settings.aicon.usage.timeout = Duration::from_secs(10);
        settings.limits.tokens_per_day_user = Some(0);
    })
    .await;
    let message = "가나다라마바사아자차 ".repeat(150_000);
    for _ in 0..3 {
        ask(&app, &message).await;
    }
    ask(&app, "small").await;
    until(|| async { (recorder.known().len() == 4).then_some(()) }).await;
    let seen = recorder.seen();
    let large = seen
        .iter()
        .filter(|report| report.parameter_info.input_content == message);
    assert_eq!(large.count(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_stop_in_the_middle_of_a_report_loses_nothing() {
    let recorder = FakeRecorder::start().await;
    recorder.otherwise(Act::TakeAndHang);
    let mut app = TestApp::configured(&[], |settings| {
        report_to(&recorder, settings);
        settings.aicon.usage.timeout = Duration::from_secs(60);
    })
    .await;
    for _ in 0..12 {
        ask(&app, "hello").await;
    }
    until(|| async { (recorder.count() >= 8).then_some(()) }).await;
    let before = std::time::Instant::now();
    app.stop();
    app.stopped().await;
    assert!(before.elapsed() < Duration::from_secs(8));
    recorder.otherwise(OK);
    let first: Vec<_> = recorder.known();
    let app = app.again(|settings| report_to(&recorder, settings)).await;
    all_are(&app, "delivered", 12).await;
    let known = recorder.known();
    assert_eq!(known.len(), 12);
    assert!(first.iter().all(|guid| known.contains(guid)));
    assert!(!recorder.was_twice_under_way());
}

/// Runs the real binary; its log must hold none of the planted words.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_log_of_reports_holds_no_secret_and_no_content() {
    let recorder = FakeRecorder::start().await;
    recorder.script([
        Act::Answer(500, "", "canary-answer"),
        Act::Answer(400, "", "canary-answer"),
    ]);
    let data = tempfile::tempdir().unwrap();
    let log = data.path().join("log");
    let variables = [
        ("AICON_CLIENT_ID", CLIENT),
        ("AICON_CLIENT_SECRET", "canary-secret"),
        ("AICON_KEY", "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LWNhbmE="),
        ("AICON_API_ENDPOINT", recorder.endpoint.as_str()),
    ];
    let file = std::fs::File::create(&log).unwrap();
    let server = Binary::start_logging(data.path(), "", &variables, file.into()).await;
    server
        .chat(&json!({ "message": "canary-prompt", "model": "echo" }))
        .await;
    let parked = || tool(data.path(), &["usage", "list", "--parked", "--json"], "").success();
    until(|| async { parked().contains("status 400").then_some(()) }).await;
    assert!(!parked().contains("canary"));
    drop(server);
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(
        text.contains("report failed") && text.contains("report parked"),
        "{text}"
    );
    assert!(
        !text.contains("canary") && !text.contains("Y2FuYXJ5LWNhbm"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_kill_in_the_middle_of_a_report_loses_nothing_and_costs_no_minute() {
    let recorder = FakeRecorder::start().await;
    recorder.otherwise(Act::TakeAndHang);
    let data = tempfile::tempdir().unwrap();
    let variables = [
        ("AICON_CLIENT_ID", CLIENT),
        ("AICON_CLIENT_SECRET", "secret"),
        ("AICON_API_ENDPOINT", recorder.endpoint.as_str()),
    ];
    let server = Binary::start(data.path(), "", &variables).await;
    for _ in 0..3 {
        server
            .chat(&json!({ "message": "hi", "model": "echo" }))
            .await;
    }
    until(|| async { (recorder.count() == 3).then_some(()) }).await;
    drop(server);
    recorder.otherwise(OK);
    let _server = Binary::start(data.path(), "", &variables).await;
    until(|| async { (recorder.taken().len() == 6).then_some(()) }).await;
    assert_eq!(recorder.known().len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn two_replicas_never_send_a_report_at_the_same_time() {
    const USES: usize = 60;
    let Some(database) = crate::postgres::schema().await else {
        return;
    };
    let recorder = FakeRecorder::start().await;
    recorder.otherwise(Act::Slow(Duration::from_millis(50)));
    let mut replicas = Vec::new();
    for _ in 0..2 {
        let replica = TestApp::configured(&[], |settings| {
            report_to(&recorder, settings);
            settings.database = Some(database.clone().into());
            settings.aicon.usage.timeout = Duration::from_secs(10);
        });
        replicas.push(replica.await);
    }
    for number in 0..USES {
        ask(&replicas[number % 2], "hello").await;
    }
    until(|| async { (recorder.known().len() == USES).then_some(()) }).await;
    assert_eq!(recorder.taken().len(), USES);
    assert!(!recorder.was_twice_under_way());
}
