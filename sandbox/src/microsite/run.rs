//! `POST /microsite/run?user=…`: what a user entered, passed on to the model run URL as it comes, and what came back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aicon_protocol::id::UserId;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::Markup;
use serde::Deserialize;

use super::answer::{self, Answer};
use super::pages;
use super::registration::Registration;
use crate::page::page;
use crate::provider;
use crate::state::Sandbox;
use crate::text::Lang;
use crate::token;

/// How long a model may take.
const RUN_TIMEOUT: Duration = Duration::from_secs(600);

/// The most bytes of an answer that is shown; a download may be any size.
const MAX_ANSWER: usize = 16 << 20;

/// What of the user's request the provider gets; the boundary is in the type, the length lets it refuse early.
const PASSED_ON: [HeaderName; 3] = [
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::ACCEPT_LANGUAGE,
];

/// Who runs the model.
#[derive(Debug, Deserialize)]
pub(super) struct UserQuery {
    pub(super) user: String,
}

/// The model that is registered and the user who is named, where there are both.
pub(super) fn visit(
    sandbox: &Sandbox,
    named: Option<UserQuery>,
) -> Option<(Arc<Registration>, UserId)> {
    let registration = sandbox.microsite.lock().clone()?;
    let user = sandbox.user(&named?.user)?.clone();
    Some((registration, user))
}

/// Answers with a page that holds one turn, or with the download.
pub(super) async fn handle(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    query: Result<Query<UserQuery>, QueryRejection>,
    request: Request,
) -> Response {
    let lang = Lang::from_headers(&headers);
    let Some((registration, user)) = visit(&sandbox, query.ok().map(|Query(query)| query)) else {
        return pages::not_there(lang);
    };
    let token = match token::access_token(&sandbox, &user) {
        Ok(token) => token,
        Err(error) => return error.into_response(),
    };
    let started = Instant::now();
    let url = registration.model_run_url.clone();
    let mut forward = sandbox
        .http
        .post(url)
        .timeout(RUN_TIMEOUT)
        .bearer_auth(token);
    for name in PASSED_ON {
        if let Some(value) = headers.get(&name) {
            forward = forward.header(name, value);
        }
    }
    let body = request.into_body().into_data_stream();
    match forward.body(reqwest::Body::wrap_stream(body)).send().await {
        Ok(response) if is_download(&response) => download(response),
        Ok(response) => turn_page(lang, read(&registration, response, started, lang).await),
        Err(error) => turn_page(lang, unreachable(&provider::cause(&error), started, lang)),
    }
}

async fn read(
    registration: &Registration,
    response: reqwest::Response,
    started: Instant,
    lang: Lang,
) -> Markup {
    let status = response.status().as_u16();
    match provider::read(response, MAX_ANSWER).await {
        Ok(body) => {
            let answer = Answer {
                status,
                body: &body,
                took_ms: started.elapsed().as_millis(),
            };
            answer::turn(registration, &answer, lang)
        }
        Err(reason) => unreachable(&reason, started, lang),
    }
}

fn unreachable(reason: &str, started: Instant, lang: Lang) -> Markup {
    let meta = format!("{} ms", started.elapsed().as_millis());
    answer::failed(reason, &meta, lang)
}

fn turn_page(lang: Lang, turn: Markup) -> Response {
    page(StatusCode::OK, lang, lang.pick("결과", "Result"), turn)
}

/// A success that is no JSON: the sample answers with a ZIP when files were sent (`aicon.md` 5).
fn is_download(response: &reqwest::Response) -> bool {
    let kind = kind(response).to_ascii_lowercase();
    response.status().is_success()
        && !kind.is_empty()
        && !kind.contains("json")
        && !kind.starts_with("text/")
}

fn kind(response: &reqwest::Response) -> &str {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default()
}

/// Passed on as it comes, as a file and nothing else.
fn download(response: reqwest::Response) -> Response {
    let named = response.headers().get(header::CONTENT_DISPOSITION).cloned();
    let is_attachment = |value: &header::HeaderValue| value.as_bytes().starts_with(b"attachment");
    let disposition = named.filter(is_attachment).unwrap_or_else(|| {
        header::HeaderValue::from_static("attachment; filename=\"processed_files.zip\"")
    });
    let headers = [
        (
            header::CONTENT_TYPE,
            header::HeaderValue::from_static("application/octet-stream"),
        ),
        (header::CONTENT_DISPOSITION, disposition),
        (
            header::CACHE_CONTROL,
            header::HeaderValue::from_static("no-store"),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            header::HeaderValue::from_static("nosniff"),
        ),
    ];
    (headers, Body::from_stream(response.bytes_stream())).into_response()
}
