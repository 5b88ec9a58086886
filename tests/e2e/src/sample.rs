//! A provider's back end that behaves on the wire as AICON's official sample does (`aicon.md` 4 and 5), written from the
//! contract: no streaming, multipart in, JSON or a ZIP out, `{"detail": …}` when something is wrong.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
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
            .route(
                "/is-alive/",
                get(async || axum::Json(json!({ "status": "ok" }))),
            )
            .fallback(async || detail(StatusCode::NOT_FOUND, "Not Found"))
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

    /// What came so far.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.inner.requests).clone()
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
    axum::Json(json!([
        { "Type": "TEXT", "ParamName": "TranslateResult", "Value": translated },
        { "Type": "File", "ParamName": "ResultFile", "Value": format!("{base}/results/%EA%B2%B0%EA%B3%BC.txt") },
    ]))
    .into_response()
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
