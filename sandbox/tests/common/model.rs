//! A provider of a model of type 2, whose answers the test decides and whose requests it can look at.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// What it answers: status, content type, body.
pub type Reply = (u16, &'static str, Vec<u8>);

/// A request to the model run URL.
pub struct Seen {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

pub struct TestModel {
    pub url: String,
    shared: Arc<Shared>,
    chunks: tokio::sync::Mutex<mpsc::UnboundedReceiver<usize>>,
}

struct Shared {
    reply: Mutex<Reply>,
    ui: Mutex<Reply>,
    alive: Mutex<bool>,
    seen: Mutex<Vec<Seen>>,
    chunk: mpsc::UnboundedSender<usize>,
}

impl TestModel {
    pub async fn start() -> Self {
        let (chunk, chunks) = mpsc::unbounded_channel();
        let json = |value: Value| (200, "application/json", value.to_string().into_bytes());
        let shared = Arc::new(Shared {
            reply: Mutex::new(json(json!({ "message": "**안녕** <b>" }))),
            ui: Mutex::new(json(translator())),
            alive: Mutex::new(true),
            seen: Mutex::default(),
            chunk,
        });
        let router = Router::new()
            .route("/api/Provider/is-alive", get(is_alive))
            .route("/ui", get(ui))
            .route("/api/Provider/chatting-type", post(run))
            .route("/api/Provider/chat-multi-input", post(run))
            .with_state(shared.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url,
            shared,
            chunks: tokio::sync::Mutex::new(chunks),
        }
    }

    pub fn reply(&self, status: u16, kind: &'static str, body: impl Into<Vec<u8>>) {
        *self.shared.reply.lock().unwrap() = (status, kind, body.into());
    }

    pub fn tell_ui(&self, status: u16, kind: &'static str, body: impl Into<Vec<u8>>) {
        *self.shared.ui.lock().unwrap() = (status, kind, body.into());
    }

    pub fn go_down(&self) {
        *self.shared.alive.lock().unwrap() = false;
    }

    /// The last request, whole.
    pub fn last(&self) -> Seen {
        self.shared
            .seen
            .lock()
            .unwrap()
            .pop()
            .expect("there was a request")
    }

    pub fn count(&self) -> usize {
        self.shared.seen.lock().unwrap().len()
    }

    /// Waits for the next piece of a request's body; its length.
    pub async fn chunk(&self) -> usize {
        let next = async { self.chunks.lock().await.recv().await };
        let waited = tokio::time::timeout(std::time::Duration::from_secs(20), next).await;
        waited.expect("a piece of the body should arrive").unwrap()
    }
}

/// The form of AICON's official sample, as a provider tells it.
pub fn translator() -> Value {
    json!({
        "uiType": "multiInput", "model": "translator",
        "title": { "ko": "번역기", "en": "Translator" },
        "startMessage": { "ko": "**번역할** 글을 넣으세요.", "en": "Enter a **text**." },
        "inputs": [
            { "type": "longText", "required": true, "paramName": "InputText", "label": { "ko": "원문", "en": "Text" } },
            { "type": "choice", "required": true, "paramName": "TargetLanguage", "label": "Into",
              "choices": ["English", { "value": "Korean", "label": "한국어" }] },
            { "type": "file", "paramName": "Document", "label": "Document", "accept": ["txt"], "maxFiles": 1 },
        ],
        "outputs": [
            { "type": "Text", "paramName": "TranslateResult", "label": { "ko": "번역", "en": "Translation" } },
            { "type": "File", "paramName": "TranslateFile", "label": "File" },
        ],
    })
}

async fn is_alive(State(shared): State<Arc<Shared>>) -> Response {
    if *shared.alive.lock().unwrap() {
        r#"{"status":"ok"}"#.into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "<b>starting</b>").into_response()
    }
}

async fn ui(State(shared): State<Arc<Shared>>) -> Response {
    answer(shared.ui.lock().unwrap().clone())
}

async fn run(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut seen = Seen {
        path: parts.uri.path().to_owned(),
        headers: parts.headers,
        body: Vec::new(),
    };
    let mut chunks = body.into_data_stream();
    while let Some(Ok(chunk)) = chunks.next().await {
        _ = shared.chunk.send(chunk.len());
        seen.body.extend_from_slice(&chunk);
    }
    shared.seen.lock().unwrap().push(seen);
    answer(shared.reply.lock().unwrap().clone())
}

fn answer((status, kind, body): Reply) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    (status, [(header::CONTENT_TYPE, kind)], Body::from(body)).into_response()
}
