//! Who may ask for the settlement, and how (`aicon.md` 6; S20).

use crate::app::{TestApp, json_of, refusal};

const OPEN: (&str, &str) = ("AICON_SETTLEMENT_ACCESS", "open");
const PATH: &str = "/api/Provider/get-usage-for-settlement";

/// A good query.
const QUERY: &str =
    "pageSize=100&pageNumber=1&settlementStartDate=2025/10/01&settlementEndDate=2025/10/31";

#[tokio::test]
async fn it_is_closed_until_the_provider_chooses() {
    let app = TestApp::with(&[]).await;
    for path in [
        PATH,
        "/api/Provider/get-usage-for-settlement/",
        "/get-usage-for-settlement",
        "/get-usage-for-settlement/",
    ] {
        let path = format!("{path}?{}", QUERY);
        let (status, code, message) = refusal(app.get(&path).await).await;
        assert_eq!((status, code.as_str()), (403, "FORBIDDEN"));
        assert!(
            message.contains("settlement.access") && message.contains("AICON_SETTLEMENT_ACCESS"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn only_the_key_opens_it() {
    let app = TestApp::with(&[
        ("AICON_SETTLEMENT_ACCESS", "api-key"),
        ("AICON_SETTLEMENT_API_KEY", "canary-settlement-key"),
    ])
    .await;
    let path = app.url(&format!("{PATH}?{}", QUERY));
    let ask = |name: &'static str, value: &'static str| {
        let request = app.client.get(&path).header(name, value);
        async { request.send().await.unwrap() }
    };
    for (name, value) in [
        ("x-api-key", "canary-settlement-key"),
        ("authorization", "Bearer canary-settlement-key"),
        ("authorization", "bearer canary-settlement-key"),
    ] {
        assert_eq!(ask(name, value).await.status(), 200, "{name}: {value}");
    }
    for (name, value) in [
        ("x-none", ""),
        ("x-api-key", ""),
        ("x-api-key", "canary-settlement-ke"),
        ("x-api-key", "canary-settlement-key1"),
        ("x-api-key", "CANARY-SETTLEMENT-KEY"),
        ("authorization", "Basic canary-settlement-key"),
    ] {
        let response = ask(name, value).await;
        let (status, code, message) = refusal(response).await;
        assert_eq!((status, code.as_str()), (401, "UNAUTHORIZED"), "{value}");
        assert!(!message.contains("canary"), "{message}");
    }
}

#[tokio::test]
async fn keys_cannot_be_tried_without_end_and_the_right_one_is_never_held_up() {
    let variables = [
        ("AICON_SETTLEMENT_ACCESS", "api-key"),
        ("AICON_SETTLEMENT_API_KEY", "right"),
    ];
    let app = TestApp::configured(&variables, |settings| {
        settings.limits.requests_per_minute_address = 5;
    })
    .await;
    let path = app.url(&format!("{PATH}?{}", QUERY));
    let ask = async |key: &str| {
        let request = app.client.get(&path).header("x-api-key", key);
        request.send().await.unwrap().status().as_u16()
    };
    let mut wrong = Vec::new();
    for _ in 0..8 {
        wrong.push(ask("wrong").await);
    }
    assert_eq!((wrong[0], wrong[7]), (401, 429), "{wrong:?}");
    for _ in 0..8 {
        assert_eq!(ask("right").await, 200);
    }
}

#[tokio::test]
async fn only_listed_addresses_get_in_and_only_a_trusted_proxy_speaks_for_another() {
    let status = async |variables: &[(&str, &str)], forwarded: Option<&str>| {
        let app = TestApp::with(variables).await;
        let path = app.url(&format!("{PATH}?{}", QUERY));
        let mut request = app.client.get(path);
        if let Some(address) = forwarded {
            request = request.header("x-forwarded-for", address);
        }
        request.send().await.unwrap().status().as_u16()
    };
    let access = ("AICON_SETTLEMENT_ACCESS", "addresses");
    let listed = |addresses| ("AICON_SETTLEMENT_ADDRESSES", addresses);
    let proxy = ("AICON_TRUSTED_PROXIES", "127.0.0.1");
    assert_eq!(status(&[access, listed("127.0.0.1")], None).await, 200);
    assert_eq!(
        status(&[access, listed("127.0.0.0/8, ::1")], None).await,
        200
    );
    assert_eq!(status(&[access, listed("203.0.113.7")], None).await, 403);
    let aicon = listed("203.0.113.0/24");
    assert_eq!(status(&[access, aicon], Some("203.0.113.7")).await, 403);
    assert_eq!(
        status(&[access, aicon, proxy], Some("203.0.113.7")).await,
        200
    );
    let forged = Some("203.0.113.7, 198.51.100.1");
    assert_eq!(status(&[access, aicon, proxy], forged).await, 403);
}

#[tokio::test]
async fn no_page_of_any_origin_may_read_it() {
    let app = TestApp::with(&[OPEN, ("AICON_CORS_ORIGINS", "https://app.example")]).await;
    let path = app.url(&format!("{PATH}?{}", QUERY));
    let request = app
        .client
        .get(&path)
        .header("origin", "https://app.example");
    let response = request.send().await.unwrap();
    assert!(
        !response
            .headers()
            .contains_key("access-control-allow-origin")
    );
    let preflight = app
        .client
        .request(reqwest::Method::OPTIONS, &path)
        .header("origin", "https://app.example")
        .header("access-control-request-method", "GET");
    let response = preflight.send().await.unwrap();
    assert_eq!(response.status(), 405);
    assert!(
        !response
            .headers()
            .contains_key("access-control-allow-origin")
    );
}

#[tokio::test]
async fn every_mistake_in_the_query_is_named() {
    let app = TestApp::with(&[OPEN]).await;

    for (from, to, code, parts) in [
        (
            "pageSize=100",
            "pageSize=0",
            "INVALID_PARAM",
            &["pageSize", "`0`", "1~1000", "pageSize=100"][..],
        ),
        (
            "pageSize=100",
            "pageSize=1001",
            "INVALID_PARAM",
            &["pageSize", "`1001`"],
        ),
        (
            "pageSize=100&",
            "",
            "MISSING_PARAM",
            &["pageSize", "pageSize=100"],
        ),
        (
            "pageNumber=1",
            "pageNumber=0",
            "INVALID_PARAM",
            &["pageNumber", "`0`"],
        ),
        (
            "pageNumber=1",
            "pageNumber=1&pageNumber=2",
            "INVALID_PARAM",
            &["pageNumber"],
        ),
        (
            "2025/10/01",
            "2025-10-01",
            "INVALID_PARAM",
            &[
                "settlementStartDate",
                "`2025-10-01`",
                "YYYY/MM/DD",
                "2025/10/01",
            ],
        ),
        (
            "2025/10/31",
            "2025/11/31",
            "INVALID_PARAM",
            &["settlementEndDate", "`2025/11/31`"],
        ),
        (
            "2025/10/01",
            "2025/11/01",
            "INVALID_PARAM",
            &[
                "settlementStartDate",
                "settlementEndDate",
                "`2025/11/01`",
                "`2025/10/31`",
            ],
        ),
    ] {
        let path = format!("{PATH}?{}", QUERY.replacen(from, to, 1));
        let (status, found, message) = refusal(app.get(&path).await).await;
        assert_eq!((status, found.as_str()), (400, code), "{path}: {message}");
        for part in parts {
            assert!(message.contains(part), "{part}: {message}");
        }
    }
    let (_, code, message) = refusal(app.get(PATH).await).await;
    assert_eq!(code, "MISSING_PARAM");
    for name in [
        "pageSize",
        "pageNumber",
        "settlementStartDate",
        "settlementEndDate",
    ] {
        assert!(message.contains(name), "{message}");
    }
    let unknown = app.get(&format!("{PATH}?{QUERY}&modelId=7")).await;
    assert_eq!(unknown.status(), 200);
    assert_eq!(json_of(unknown).await["totalCount"], 0);
}
