//! A provider whose answers the test decides.

use std::sync::{Arc, Mutex};

use axum::Json;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde_json::{Value, json};

/// What it answers. Changed by the test as it goes.
#[derive(Clone)]
pub struct Script {
    pub is_alive: (u16, &'static str),
    pub key: Option<&'static str>,
    pub uses: Vec<Value>,
    /// Added to the stated number of uses.
    pub overstated: u64,
    /// The queries seen.
    pub queries: Vec<Value>,
}

pub struct TestProvider {
    pub url: String,
    pub script: Arc<Mutex<Script>>,
}

impl TestProvider {
    pub async fn start() -> Self {
        let script = Arc::new(Mutex::new(Script {
            is_alive: (200, r#"{"status":"ok"}"#),
            key: None,
            uses: Vec::new(),
            overstated: 0,
            queries: Vec::new(),
        }));
        let router = Router::new()
            .route("/api/Provider/is-alive", get(is_alive))
            .route("/api/Provider/get-usage-for-settlement", get(settlement))
            .with_state(script.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, script }
    }

    pub fn set(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.script.lock().unwrap());
    }
}

async fn is_alive(State(script): State<Arc<Mutex<Script>>>) -> Response {
    let (status, body) = script.lock().unwrap().is_alive;
    if status == 303 {
        return Redirect::to("/api/Provider/is-alive").into_response();
    }
    (StatusCode::from_u16(status).unwrap(), body).into_response()
}

async fn settlement(
    State(script): State<Arc<Mutex<Script>>>,
    Query(query): Query<Value>,
    headers: HeaderMap,
) -> Response {
    let mut script = script.lock().unwrap();
    let sent = headers.get("x-api-key").map(|key| key.to_str().unwrap());
    if script.key.is_some() && script.key != sent {
        return (StatusCode::FORBIDDEN, r#"{"detail":"closed"}"#).into_response();
    }
    let number = |name: &str| query[name].as_str().unwrap().parse::<usize>().unwrap();
    let (size, page) = (number("pageSize"), number("pageNumber"));
    let total = script.uses.len() as u64 + script.overstated;
    let rows: Vec<_> = script
        .uses
        .iter()
        .skip((page - 1) * size)
        .take(size)
        .collect();
    let answer = json!({
        "pageNumber": page, "pageSize": size, "totalCount": total,
        "totalPages": total.div_ceil(size as u64), "modelUsages": rows,
    });
    script.queries.push(query);
    Json(answer).into_response()
}
