//! What a user of the model sees: its page with "Run model", then AICON's chat or AICON's form.

use std::sync::Arc;

use aicon_protocol::id::UserId;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::markdown::{self, Subset};
use super::registration::{InputRow, Kind, Registration};
use super::run::{UserQuery, visit};
use crate::buttons;
use crate::console::live::won;
use crate::page::{page, scripted_page};
use crate::run_page::RunPage;
use crate::state::Sandbox;
use crate::text::{Lang, grouped};

/// `GET /microsite`: the model's page.
pub(super) async fn model(State(sandbox): State<Arc<Sandbox>>, headers: HeaderMap) -> Response {
    let lang = Lang::from_headers(&headers);
    match sandbox.microsite.lock().clone() {
        Some(registration) => model_page(&sandbox, &registration, None, lang),
        None => not_there(lang),
    }
}

/// `POST /microsite/open`: "Run model". AICON asks is-alive first, and lets nobody in when the model is not.
pub(super) async fn open(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    form: Result<Form<UserQuery>, FormRejection>,
) -> Response {
    let lang = Lang::from_headers(&headers);
    let Some((registration, user)) = visit(&sandbox, form.ok().map(|Form(form)| form)) else {
        return not_there(lang);
    };
    let result = buttons::run(&sandbox).await;
    if !result.alive {
        let reason = result.reason.as_deref().unwrap_or_default();
        return model_page(&sandbox, &registration, Some(reason), lang);
    }
    let user = utf8_percent_encode(user.as_str(), NON_ALPHANUMERIC);
    let place = format!("/microsite/use?user={user}");
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}

/// `GET /microsite/use?user=…`: the chat or the form.
pub(super) async fn use_model(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    query: Result<Query<UserQuery>, QueryRejection>,
) -> Response {
    let lang = Lang::from_headers(&headers);
    let Some((registration, user)) = visit(&sandbox, query.ok().map(|Query(query)| query)) else {
        return not_there(lang);
    };
    let images = registration.model_run_url.origin().ascii_serialization();
    let body = html! {
        (head(&sandbox, &registration, &user, lang))
        noscript { p.verdict.bad { (lang.pick("이 페이지에는 JavaScript가 필요합니다.", "This page needs JavaScript.")) } }
        @match &registration.kind {
            Kind::Chat { max_files, max_text_length, .. } => (chat(&registration, &user, *max_files, *max_text_length, lang)),
            Kind::MultiInput { inputs, .. } => (multi_input(&registration, &user, inputs, lang)),
        }
    };
    scripted_page(
        lang,
        title(&registration, lang),
        "/microsite/use.js",
        &images,
        body,
    )
}

/// There is nothing to run, or nobody to run it.
pub(super) fn not_there(lang: Lang) -> Response {
    let body = html! {
        section.card.narrow.wrong role="alert" data-testid="not-registered" {
            h1 { (lang.pick("실행할 모델이 없습니다", "There is no model to run")) }
            p { (lang.pick("타입 2 모델이 등록되지 않았거나 없는 사용자입니다.", "No model of type 2 is registered, or there is no such user.")) }
            p { a href="/microsite/register" { (lang.pick("모델 등록하기", "Register a model")) } }
        }
    };
    let title = lang.pick("오류", "Error");
    page(StatusCode::NOT_FOUND, lang, title, body)
}

fn title(registration: &Registration, lang: Lang) -> &str {
    match registration.title.get(lang) {
        "" => lang.pick("타입 2 모델", "Model of type 2"),
        title => title,
    }
}

pub(super) fn kind_name(registration: &Registration, lang: Lang) -> &'static str {
    match registration.kind {
        Kind::Chat { .. } => lang.pick("채팅 타입", "Chatting type"),
        Kind::MultiInput { .. } => lang.pick("멀티 입력 타입", "Multi-input type"),
    }
}

fn model_page(
    sandbox: &Sandbox,
    registration: &Registration,
    not_alive: Option<&str>,
    lang: Lang,
) -> Response {
    let place = RunPage {
        title: title(registration, lang),
        kind: kind_name(registration, lang),
        action: "/microsite/open",
        not_alive,
    };
    place.respond(
        sandbox,
        lang,
        html! { a href="/microsite/register" { (lang.pick("등록 내용", "Registration")) } },
    )
}

fn head(sandbox: &Sandbox, registration: &Registration, user: &UserId, lang: Lang) -> Markup {
    let cost = sandbox
        .usages
        .lock()
        .users()
        .get(user)
        .map_or(0, |totals| totals.sum_won);
    html! {
        div.heading.run-head {
            h1 { (title(registration, lang)) }
            p.dim {
                a href="/microsite" { bdi { (user) } } " · " (lang.pick("사용 금액 ", "cost so far "))
                // The script keeps it up to date.
                strong #cost data-testid="cost" data-user=(user) data-unit=(won_pattern(lang)) { (won(cost, lang)) }
            }
        }
    }
}

/// How an amount is written, with `#` in its place.
fn won_pattern(lang: Lang) -> &'static str {
    lang.pick("#원", "₩#")
}

/// What the script says, in the user's language.
fn words(lang: Lang) -> [(&'static str, &'static str); 6] {
    [
        (
            "waiting",
            lang.pick("모델이 답하는 중입니다…", "The model is answering…"),
        ),
        ("sending", lang.pick("보내는 중", "Sending")),
        (
            "download",
            lang.pick("결과 파일 받기", "Download the result"),
        ),
        ("stopped", lang.pick("중지했습니다.", "Stopped.")),
        (
            "failed",
            lang.pick(
                "샌드박스가 응답하지 않습니다.",
                "The sandbox does not answer.",
            ),
        ),
        (
            "files",
            lang.pick("파일이 너무 많습니다. 최대: ", "Too many files. At most: "),
        ),
    ]
}

fn start_message(registration: &Registration, lang: Lang) -> Markup {
    let text = registration.start_message.get(lang);
    html! {
        @if !text.trim().is_empty() {
            div.body data-testid="start-message" { (markdown::render(text, Subset::StartMessage)) }
        }
    }
}

/// The form that the script sends.
fn run_form(kind: &str, user: &UserId, lang: Lang, fields: Markup) -> Markup {
    let user = utf8_percent_encode(user.as_str(), NON_ALPHANUMERIC);
    let go = match kind {
        "chat" => lang.pick("보내기", "Send"),
        _ => lang.pick("실행", "Run"),
    };
    html! {
        form.card.stack #run data-kind=(kind) action={ "/microsite/run?user=" (user) } {
            (fields)
            p.wrong #complaint role="alert" hidden {}
            div.actions {
                button.main data-testid="submit" { (go) }
                button #stop type="button" data-testid="stop" hidden { (lang.pick("중지", "Stop")) }
                span.dim #status role="status" {}
            }
        }
        template #words { @for (name, text) in words(lang) { span data-name=(name) { (text) } } }
    }
}

fn chat(
    registration: &Registration,
    user: &UserId,
    max_files: u64,
    max_text_length: u64,
    lang: Lang,
) -> Markup {
    let limit = lang.pick(
        format!("{}자까지", grouped(max_text_length)),
        format!("up to {} characters", grouped(max_text_length)),
    );
    let files = lang.pick(
        format!("파일 (최대 {max_files}개)"),
        format!("Files (at most {max_files})"),
    );
    html! {
        div #transcript data-testid="transcript" { article.turn.answer { (start_message(registration, lang)) } }
        (run_form("chat", user, lang, html! {
            label.field { span { (lang.pick("메시지", "Message")) " " span.dim { (limit) } }
                textarea #prompt name="prompt" rows="3" required maxlength=(max_text_length) data-testid="prompt" {}
            }
            @if max_files > 0 {
                label.field { (files) input type="file" name="files" multiple data-max=(max_files) data-testid="files"; }
            }
        }))
    }
}

fn multi_input(
    registration: &Registration,
    user: &UserId,
    inputs: &[InputRow],
    lang: Lang,
) -> Markup {
    html! {
        @if !registration.start_message.get(lang).trim().is_empty() {
            section.card { (start_message(registration, lang)) }
        }
        (run_form("multi-input", user, lang, html! { @for row in inputs { (field(row, lang)) } }))
        div #transcript data-testid="transcript" {}
    }
}

fn field(row: &InputRow, lang: Lang) -> Markup {
    let handle = format!("field-{}", row.param_name);
    html! {
        label.field {
            span {
                (row.label.get(lang))
                @if row.is_required { " " span.required { (lang.pick("필수", "required")) } }
            }
            @if row.is_file {
                input type="file" multiple name=(row.param_name) required[row.is_required] data-testid=(handle);
            } @else {
                textarea name=(row.param_name) rows="1" required[row.is_required] data-testid=(handle) {}
            }
        }
    }
}
