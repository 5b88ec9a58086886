//! A model of type 4 (`aicon.md` 1): AICON leads its user to the provider's own site, and tells it who comes by `?userid=`
//! (`aicon.md` 3.2 and 3.7).

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;
use serde::Deserialize;
use url::Url;

use crate::buttons;
use crate::run_page::RunPage;
use crate::state::Sandbox;
use crate::text::Lang;

/// Who runs the model.
#[derive(Debug, Deserialize)]
pub(crate) struct OutlinkForm {
    user: String,
}

/// `GET /outlink`: the model's page.
pub(crate) async fn show(State(sandbox): State<Arc<Sandbox>>, headers: HeaderMap) -> Response {
    let lang = Lang::from_headers(&headers);
    match &sandbox.outlink {
        Some(url) => run_page(&sandbox, url, None, lang),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `POST /outlink`: "Run model". Is-alive first, then the way out.
pub(crate) async fn open(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    form: Result<Form<OutlinkForm>, FormRejection>,
) -> Response {
    let lang = Lang::from_headers(&headers);
    let user = form.ok().map(|Form(form)| form.user);
    let user = user.and_then(|user| sandbox.user(&user));
    let (Some(url), Some(user)) = (&sandbox.outlink, user) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let result = buttons::run(&sandbox).await;
    if !result.alive {
        return run_page(&sandbox, url, result.reason.as_deref(), lang);
    }
    let mut url = url.clone();
    url.query_pairs_mut().append_pair("userid", user.as_str());
    (StatusCode::SEE_OTHER, [(header::LOCATION, url.to_string())]).into_response()
}

fn run_page(sandbox: &Sandbox, url: &Url, not_alive: Option<&str>, lang: Lang) -> Response {
    let page = RunPage {
        title: url.host_str().unwrap_or_default(),
        kind: lang.pick("아웃링크", "Outlink"),
        action: "/outlink",
        not_alive,
    };
    page.respond(sandbox, lang, html! { a href=(url) { (url) } })
}
