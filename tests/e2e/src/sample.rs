//! A provider's back end that behaves on the wire as AICON's official sample does (`aicon.md` 4 and 5), written from the
//! contract: no streaming, multipart in, JSON or a ZIP out, `{"detail": …}` when something is wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Multipart, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::cors::CorsLayer;

use crate::error::Result;

const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// A running back end. It lives as long as the test's runtime.
pub struct Sample {
    /// For `apiEndPoint`.
    pub url: String,
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    /// AICON's API, asked who calls.
    aicon: Mutex<Option<String>>,
    requests: Mutex<Vec<Request>>,
    failing: Mutex<Option<String>>,
    /// Method, path, the heads that count, and body of each, with a boundary of the same name.
    texts: Mutex<Vec<String>>,
    /// What `/ui` answers.
    ui: Mutex<Option<(StatusCode, String)>>,
    /// Rows besides the translator's.
    more: Mutex<Vec<Value>>,
    /// Result files by their names.
    files: Mutex<BTreeMap<String, Vec<u8>>>,
    is_held: watch::Sender<bool>,
}

/// What came.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `/chat` or `/chat-type-2`.
    pub path: String,
    /// Fields in their order: name, file name if it is a file, content.
    pub fields: Vec<(String, Option<String>, Vec<u8>)>,
}

impl Request {
    /// The text of a field.
    pub fn text(&self, name: &str) -> Option<String> {
        let field = self.fields.iter().find(|(known, _, _)| known == name)?;
        String::from_utf8(field.2.clone()).ok()
    }
}

impl Sample {
    /// Starts on a free port.
    ///
    /// # Errors
    ///
    /// When the machine has no port left.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let inner: Arc<Inner> = Arc::default();
        let router = Router::new()
            .route("/chat", post(chat))
            .route("/chat-type-2", post(multi_input))
            .route("/ui", get(ui))
            .route("/results/{name}", get(result))
            .route(
                "/is-alive/",
                get(async || axum::Json(json!({ "status": "ok" }))),
            )
            .fallback(async || detail(StatusCode::NOT_FOUND, "Not Found"))
            .layer(from_fn_with_state(Arc::clone(&inner), note))
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            // The sample allows everybody everything.
            .layer(CorsLayer::very_permissive())
            .with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url, inner })
    }

    /// From now on callers need a token that this AICON knows.
    pub fn trust(&self, aicon: &str) {
        *lock(&self.inner.aicon) = Some(format!("{aicon}/api/auth/sso/userinfo"));
    }

    /// The next run fails with this text.
    pub fn fail_once(&self, text: &str) {
        *lock(&self.inner.failing) = Some(text.to_owned());
    }

    /// From now on `GET /ui` answers this: the sample itself has no such path.
    pub fn describe(&self, status: u16, body: &str) {
        let status = StatusCode::from_u16(status).unwrap_or_default();
        *lock(&self.inner.ui) = Some((status, body.to_owned()));
    }

    /// From now on a form's answer has this row, too. `{base}` in its value stands for this server.
    pub fn answer_with(&self, kind: &str, param_name: &str, value: &str) {
        let value = value.replace("{base}", &self.url);
        let row = json!({ "Type": kind, "ParamName": param_name, "Value": value });
        lock(&self.inner.more).push(row);
    }

    /// A file behind `/results/{name}`.
    pub fn keep(&self, name: &str, content: &[u8]) {
        lock(&self.inner.files).insert(name.to_owned(), content.to_vec());
    }

    /// Takes a file away, as an expiry does.
    pub fn forget(&self, name: &str) {
        lock(&self.inner.files).remove(name);
    }

    /// Whether answers wait until this is set back.
    pub fn hold(&self, is_held: bool) {
        self.inner.is_held.send_replace(is_held);
    }

    /// The requests with a body so far, as text: to be compared with a golden file.
    pub fn texts(&self) -> Vec<String> {
        lock(&self.inner.texts).clone()
    }

    /// What came so far.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.inner.requests).clone()
    }
}

/// Notes a request as it is on the wire, but for what differs each time: boundary and token.
async fn note(
    State(inner): State<Arc<Inner>>,
    request: axum::extract::Request,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return detail(StatusCode::PAYLOAD_TOO_LARGE, "too large");
    };
    let value = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(content_type) = value(header::CONTENT_TYPE) {
        let boundary = content_type.split("boundary=").nth(1).unwrap_or_default();
        let bearer = value(header::AUTHORIZATION).and_then(|value| value.split(' ').next());
        let text = format!(
            "{} {}\nauthorization: {} …\ncontent-type: {content_type}\n\n{}",
            head.method,
            head.uri,
            bearer.unwrap_or_default(),
            String::from_utf8_lossy(&body).replace('\r', ""),
        );
        lock(&inner.texts).push(match boundary {
            "" => text,
            boundary => text.replace(boundary, "BOUNDARY"),
        });
    }
    next.run(axum::extract::Request::from_parts(head, body.into()))
        .await
}

async fn ui(State(inner): State<Arc<Inner>>, RawQuery(query): RawQuery) -> Response {
    let ui = lock(&inner.ui).clone();
    let Some(answer) = ui else {
        return detail(StatusCode::NOT_FOUND, "Not Found");
    };
    lock(&inner.requests).push(Request {
        path: format!("/ui?{}", query.unwrap_or_default()),
        ..Request::default()
    });
    answer.into_response()
}

async fn result(State(inner): State<Arc<Inner>>, Path(name): Path<String>) -> Response {
    let content = lock(&inner.files).get(&name).cloned();
    match content {
        Some(content) => content.into_response(),
        None => detail(StatusCode::NOT_FOUND, "Not Found"),
    }
}

async fn chat(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Multipart) -> Response {
    let request = match read(&inner, &headers, "/chat", body).await {
        Ok(request) => request,
        Err(refusal) => return refusal,
    };
    let Some(prompt) = request.text("prompt") else {
        return detail(StatusCode::UNPROCESSABLE_ENTITY, "prompt: field required");
    };
    let files = request.fields.iter().filter(|(name, _, _)| name == "files");
    let files: Vec<_> = files.collect();
    if files.is_empty() {
        return axum::Json(json!({ "message": format!("**{prompt}**") })).into_response();
    }
    archive(&files)
}

async fn multi_input(
    State(inner): State<Arc<Inner>>,
    headers: HeaderMap,
    body: Multipart,
) -> Response {
    let request = match read(&inner, &headers, "/chat-type-2", body).await {
        Ok(request) => request,
        Err(refusal) => return refusal,
    };
    let files: Vec<_> = request
        .fields
        .iter()
        .filter(|(_, file_name, _)| file_name.is_some())
        .collect();
    if !files.is_empty() {
        return archive(&files);
    }
    let (text, to) = (request.text("InputText"), request.text("TargetLanguage"));
    let translated = format!("[{}] {}", to.unwrap_or_default(), text.unwrap_or_default());
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let base = format!("http://{}", host.unwrap_or_default());
    lock(&inner.files).insert("결과.txt".to_owned(), translated.clone().into_bytes());
    let mut rows = vec![
        json!({ "Type": "TEXT", "ParamName": "TranslateResult", "Value": translated }),
        json!({ "Type": "File", "ParamName": "ResultFile", "Value": format!("{base}/results/%EA%B2%B0%EA%B3%BC.txt") }),
    ];
    rows.extend(lock(&inner.more).iter().cloned());
    axum::Json(rows).into_response()
}

/// Reads the request, or says why it is refused.
async fn read(
    inner: &Inner,
    headers: &HeaderMap,
    path: &str,
    mut body: Multipart,
) -> Result<Request, Response> {
    let mut request = Request {
        path: path.to_owned(),
        ..Request::default()
    };
    while let Ok(Some(field)) = body.next_field().await {
        let (name, file_name) = (
            field.name().unwrap_or_default().to_owned(),
            field.file_name().map(str::to_owned),
        );
        let Ok(content) = field.bytes().await else {
            return Err(detail(
                StatusCode::BAD_REQUEST,
                "There was an error parsing the body",
            ));
        };
        request.fields.push((name, file_name, content.to_vec()));
    }
    let userinfo = lock(&inner.aicon).clone();
    if let Some(userinfo) = userinfo {
        let token = headers.get(header::AUTHORIZATION).cloned();
        let asked = reqwest::Client::new().get(userinfo).header(
            header::AUTHORIZATION,
            token.unwrap_or_else(|| header::HeaderValue::from_static("")),
        );
        let is_known = asked
            .send()
            .await
            .is_ok_and(|answer| answer.status() == StatusCode::OK);
        if !is_known {
            return Err(detail(StatusCode::UNAUTHORIZED, "Not authenticated"));
        }
    }
    lock(&inner.requests).push(request.clone());
    // The sender lives as long as the state does.
    _ = inner.is_held.subscribe().wait_for(|is_held| !is_held).await;
    match lock(&inner.failing).take() {
        Some(text) => Err(detail(StatusCode::INTERNAL_SERVER_ERROR, &text)),
        None => Ok(request),
    }
}

/// A ZIP by its type and its signature; the app does not look inside.
fn archive(files: &[&(String, Option<String>, Vec<u8>)]) -> Response {
    let mut bytes = b"PK\x05\x06".to_vec();
    bytes.resize(22, 0);
    let comment = format!("{} files", files.len());
    bytes[20] = u8::try_from(comment.len()).unwrap_or(u8::MAX);
    bytes.extend(comment.bytes());
    let headers = [
        (header::CONTENT_TYPE, "application/zip"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=processed_files.zip",
        ),
    ];
    (headers, bytes).into_response()
}

fn detail(status: StatusCode, text: &str) -> Response {
    (status, axum::Json::<Value>(json!({ "detail": text }))).into_response()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
