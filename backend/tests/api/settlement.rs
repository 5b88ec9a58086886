//! The settlement, as AICON pages through it (`aicon.md` 6; R4, S20, S30).

use std::collections::BTreeSet;
use std::path::Path;

use aicon_backend::clock::Clock;
use aicon_backend::store::{NewUse, Opened, Outcome, Role, Status, Store, StoreOptions, UseKind};
use aicon_protocol::ai::Usage;
use aicon_protocol::aicon::{RecordUsage, SettlementPage};
use aicon_protocol::id::{ClientId, ResponseId, UsageGuid, UserId};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::app::{TestApp, refusal};
use crate::binary::Binary;

const CLIENT: (&str, &str) = ("AICON_CLIENT_ID", "Y2xpZW50LWZvci10ZXN0cw==");
const SECRET: (&str, &str) = ("AICON_CLIENT_SECRET", "canary-client-secret");
const OPEN: (&str, &str) = ("AICON_SETTLEMENT_ACCESS", "open");
const KOREA: (&str, &str) = ("AICON_SETTLEMENT_TIME_ZONE", "Asia/Seoul");
const PATH: &str = "/api/Provider/get-usage-for-settlement";
const ALL_PATHS: [&str; 4] = [
    PATH,
    "/api/Provider/get-usage-for-settlement/",
    "/get-usage-for-settlement",
    "/get-usage-for-settlement/",
];

/// A server that has a client, and no limits.
async fn start(variables: &[(&str, &str)]) -> TestApp {
    let all: Vec<_> = [CLIENT, SECRET].iter().chain(variables).copied().collect();
    TestApp::configured(&all, |settings| {
        settings.limits.requests_per_minute_user = 0;
        settings.limits.requests_per_minute_address = 0;
        settings.limits.streams_per_user = 0;
    })
    .await
}

fn query(first: &str, last: &str, size: u64, number: u64) -> String {
    format!(
        "pageSize={size}&pageNumber={number}&settlementStartDate={first}&settlementEndDate={last}"
    )
}

impl TestApp {
    async fn use_once(&self, message: &str) {
        let events = self
            .chat(&json!({ "message": message, "model": "echo" }))
            .await;
        assert_eq!(events.last().unwrap()["type"], "response.completed");
    }

    async fn page(&self, first: &str, last: &str, size: u64, number: u64) -> SettlementPage {
        let path = format!("{PATH}?{}", query(first, last, size, number));
        let response = self.get(&path).await;
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    /// As AICON does it: page after page until there is none.
    async fn pages(&self, first: &str, last: &str, size: u64) -> Vec<RecordUsage> {
        let mut usages = Vec::new();
        for number in 1.. {
            let page = self.page(first, last, size, number).await;
            assert_eq!((page.page_number, page.page_size), (number, size));
            assert_eq!(page.total_pages, page.total_count.div_ceil(size));
            if page.model_usages.is_empty() {
                break;
            }
            usages.extend(page.model_usages);
        }
        usages
    }

    async fn count(&self, first: &str, last: &str) -> u64 {
        self.page(first, last, 1, 1).await.total_count
    }

    fn set_clock(&self, moment: &str) {
        let moment = moment.parse::<Timestamp>().unwrap().as_millisecond();
        self.clock.advance(moment - self.clock.now());
    }

    /// The ledger itself, beside the running server: uses and won.
    async fn ledger(&self) -> (u64, u64) {
        let options = StoreOptions {
            role: Role::Tool,
            clock: Clock::system(),
            ..StoreOptions::in_directory(self.data.path())
        };
        let store = Store::open(&options).await.unwrap();
        let span = store.ledger_span(i64::MIN, i64::MAX).await.unwrap();
        let Some(span) = span else { return (0, 0) };
        let rows = store.ledger_rows(span.first, span.last).await.unwrap();
        store.close().await;
        (rows.len() as u64, rows.iter().map(|row| row.amount).sum())
    }
}

fn guids(usages: &[RecordUsage]) -> Vec<&str> {
    usages
        .iter()
        .map(|usage| usage.data_info.usage_guid.as_str())
        .collect()
}

fn won(usages: &[RecordUsage]) -> u64 {
    usages
        .iter()
        .map(|usage| usage.data_info.amount_for_settlement)
        .sum()
}

#[tokio::test]
async fn the_page_is_the_golden_one() {
    let app = start(&[OPEN]).await;
    app.use_once("안녕하세요!").await;
    let expected = include_str!("../../../tests/wire/settlement-page.json");
    let golden: SettlementPage = serde_json::from_str(expected).unwrap();
    for path in ALL_PATHS {
        let path = format!("{path}?{}", query("2024/11/16", "2024/11/16", 100, 1));
        let response = app.get(&path).await;
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let text = response.text().await.unwrap();
        let page: SettlementPage = serde_json::from_str(&text).unwrap();
        let ours = guids(&page.model_usages)[0];
        let theirs = guids(&golden.model_usages)[0];
        // To the byte: the order of the keys and the way numbers are written too.
        assert_eq!(
            text.replace(ours, theirs),
            serde_json::to_string(&golden).unwrap()
        );
        assert_eq!(
            serde_json::from_str::<Value>(&text.replace(ours, theirs)).unwrap(),
            serde_json::from_str::<Value>(expected).unwrap()
        );
    }
}

#[tokio::test]
async fn the_pages_add_up_to_the_ledger_while_uses_arrive() {
    let app = start(&[
        OPEN,
        (
            "AICON_PRICE",
            "per-1000-tokens:input=1000,output=0,minimum=1",
        ),
    ])
    .await;
    for number in 0..30 {
        app.use_once(&"word ".repeat(number % 5 + 1)).await;
    }
    let day = "2024/11/16";
    let (arriving, paged) = tokio::join!(
        async {
            for number in 0..60 {
                app.use_once(&"more ".repeat(number % 3 + 1)).await;
            }
        },
        async {
            let mut paged = Vec::new();
            for size in [1, 7, 100, 1000] {
                paged.push(app.pages(day, day, size).await);
            }
            paged
        }
    );
    let () = arriving;
    let whole = app.pages(day, day, 1000).await;
    for usages in &paged {
        assert!(usages.len() >= 30);
        assert_eq!(guids(usages), guids(&whole)[..usages.len()]);
    }
    let ledger = app.ledger().await;
    for size in [1, 7, 100, 1000] {
        let usages = app.pages(day, day, size).await;
        let distinct: BTreeSet<_> = guids(&usages).into_iter().collect();
        assert_eq!(distinct.len(), usages.len());
        assert_eq!((usages.len() as u64, won(&usages)), ledger);
    }
    assert_eq!(ledger.0, 90);
    assert!(ledger.1 > 90);
}

#[tokio::test]
async fn a_page_past_the_end_is_empty() {
    let app = start(&[OPEN]).await;
    let page = app.page("2024/11/16", "2024/11/16", 10, 1).await;
    assert_eq!((page.total_count, page.total_pages), (0, 0));
    app.use_once("a").await;
    for number in [2, 1_000_000, u64::MAX] {
        let page = app.page("2024/11/16", "2024/11/16", 10, number).await;
        assert_eq!((page.total_count, page.total_pages), (1, 1));
        assert!(page.model_usages.is_empty());
    }
}

#[tokio::test]
async fn months_end_at_midnight_of_the_configured_zone() {
    for (variables, last_moment) in [
        (&[OPEN][..], "2025-10-31T23:59:59.999Z"),
        (&[OPEN, KOREA], "2025-10-31T14:59:59.999Z"),
    ] {
        let app = start(variables).await;
        app.set_clock(last_moment);
        app.use_once("a").await;
        app.clock.advance(1);
        app.use_once("b").await;
        app.use_once("c").await;
        assert_eq!(app.count("2025/10/01", "2025/10/31").await, 1);
        assert_eq!(app.count("2025/10/31", "2025/10/31").await, 1);
        assert_eq!(app.count("2025/11/01", "2025/11/30").await, 2);
        assert_eq!(app.count("2025/10/31", "2025/11/01").await, 3);
        assert_eq!(app.count("2025/11/02", "2025/11/30").await, 0);
    }
}

#[tokio::test]
async fn the_29th_of_february_is_a_day_where_it_is_one() {
    let app = start(&[OPEN, KOREA]).await;
    for (moment, message) in [
        ("2028-02-28T14:59:59.999Z", "28th"),
        ("2028-02-28T15:00:00Z", "29th"),
        ("2028-02-29T14:59:59.999Z", "29th"),
        ("2028-02-29T15:00:00Z", "1st"),
    ] {
        app.set_clock(moment);
        app.use_once(message).await;
    }
    assert_eq!(app.count("2028/02/29", "2028/02/29").await, 2);
    assert_eq!(app.count("2028/02/01", "2028/02/29").await, 3);
    assert_eq!(app.count("2028/03/01", "2028/03/31").await, 1);
    let path = format!("{PATH}?{}", query("2027/02/29", "2027/03/01", 1, 1));
    assert_eq!(refusal(app.get(&path).await).await.1, "INVALID_PARAM");
}

#[tokio::test]
async fn a_clock_that_jumps_changes_no_closed_day_and_loses_no_use() {
    const HOUR: i64 = 3_600_000;
    let app = start(&[OPEN]).await;
    app.set_clock("2025-10-31T23:30:00Z");
    app.use_once("before").await;
    app.clock.advance(HOUR);
    app.use_once("in November").await;
    let october = app.pages("2025/10/01", "2025/10/31", 7).await;
    assert_eq!(october.len(), 1);
    app.clock.advance(-HOUR);
    for _ in 0..3 {
        app.use_once("while the clock shows October again").await;
    }
    app.clock.advance(2 * HOUR);
    app.use_once("later").await;
    assert_eq!(app.pages("2025/10/01", "2025/10/31", 7).await, october);
    let november = app.pages("2025/11/01", "2025/11/30", 2).await;
    assert_eq!(november.len(), 5);
    let both = app.pages("2025/10/01", "2025/11/30", 1000).await;
    assert_eq!((both.len() as u64, won(&both)), app.ledger().await);
}

#[tokio::test]
async fn a_month_that_was_settled_stays_closed_although_the_clock_goes_back() {
    let app = start(&[OPEN]).await;
    app.set_clock("2025-10-31T23:30:00Z");
    app.use_once("October").await;
    app.set_clock("2025-11-01T00:10:00Z");
    let october = app.pages("2025/10/01", "2025/10/31", 10).await;
    app.set_clock("2025-10-31T23:40:00Z");
    app.use_once("a clock put back over midnight").await;
    assert_eq!(app.pages("2025/10/01", "2025/10/31", 10).await, october);
    assert_eq!(app.count("2025/11/01", "2025/11/01").await, 1);
}

#[tokio::test]
async fn secrets_stay_here_unless_the_provider_wants_otherwise() {
    for (variables, is_there) in [
        (&[OPEN][..], false),
        (&[OPEN, ("AICON_SETTLEMENT_INCLUDE_SECRET", "true")], true),
    ] {
        let app = start(variables).await;
        app.use_once("a").await;
        let path = format!("{PATH}?{}", query("2024/11/16", "2024/11/16", 10, 1));
        let text = app.get(&path).await.text().await.unwrap();
        assert_eq!(text.contains("canary-client-secret"), is_there, "{text}");
        assert_eq!(text.contains("clientSecret"), is_there, "{text}");
    }
}

#[tokio::test]
async fn content_is_no_more_than_record_usage_was_allowed() {
    let app = start(&[OPEN, ("AICON_CONTENT", "3")]).await;
    app.use_once("안녕하세요, canary").await;
    let page = app.page("2024/11/16", "2024/11/16", 10, 1).await;
    let said = &page.model_usages[0].parameter_info;
    assert_eq!(
        (said.input_content.as_str(), said.output_content.as_str()),
        ("안녕하", "안녕하")
    );
}

#[tokio::test]
async fn a_page_of_large_uses_takes_little_memory() {
    const USES: usize = 40;
    const BYTES: usize = 2 * 1024 * 1024;
    let data = tempfile::tempdir().unwrap();
    record_large_uses(data.path(), USES, BYTES).await;
    let server = Binary::start(data.path(), "", &[CLIENT, SECRET, OPEN]).await;
    let last = Timestamp::now().strftime("%Y/%m/%d").to_string();
    let ask = async |size| {
        let query = query("2025/01/01", &last, size, 1);
        let url = format!("http://{}{PATH}?{query}", server.address);
        reqwest::get(url).await.unwrap()
    };
    assert_eq!(ask(1).await.bytes().await.unwrap().len() / BYTES, 2);
    let before = server.resident();
    let mut response = ask(1000).await;
    let (mut bytes, mut most) = (0, before);
    while let Some(chunk) = response.chunk().await.unwrap() {
        bytes += chunk.len();
        most = most.max(server.resident());
    }
    assert!(bytes > USES * BYTES * 2, "{bytes}");
    let grown = most.saturating_sub(before);
    assert!(grown < 64 * 1024 * 1024, "{grown} bytes for {bytes}");
}

/// Uses of `bytes` of message and as much answer, as a server would have recorded them before.
async fn record_large_uses(data: &Path, uses: usize, bytes: usize) {
    let store = Store::open(&StoreOptions::in_directory(data))
        .await
        .unwrap();
    let text = "a".repeat(bytes);
    for number in 0..uses {
        let id = ResponseId::new(format!("resp_{number}"));
        let new = NewUse {
            id: id.clone(),
            guid: UsageGuid::new(format!("0d9fcb1e-6a2f-4c0b-9a59-{number:012}")),
            owner: UserId::new("local"),
            client: Some(ClientId::new(CLIENT.1)),
            kind: UseKind::Chat,
            model: "echo".to_owned(),
            provider: "demo".to_owned(),
            input: text.clone(),
            files: Vec::new(),
            previous: None,
            idempotency: None,
            started_at: 0,
        };
        assert!(matches!(store.open_use(new).await.unwrap(), Opened::New(_)));
        let outcome = Outcome {
            status: Status::Completed,
            failure: None,
            response_code: 200,
            content: text.clone(),
            usage: Usage::new(1, 1),
            usage_estimated: false,
            amount: 100,
            content_limit: None,
            ended_at: 0,
        };
        assert!(store.complete_use(&id, outcome).await.unwrap());
    }
    store.close().await;
}
