//! The frame of the pages for people.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use crate::text::Lang;

const STYLE: &str = concat!(
    include_str!("page.css"),
    include_str!("microsite/microsite.css")
);

const SCRIPT: &str = include_str!("console/live.js");

const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#1f5fd6"/><path d="M9 24 16 8l7 16M12 18h8" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>"##;

/// No scripts, nothing from elsewhere. No `form-action`: browsers apply it to the redirect that answers a form, and that
/// leads to the provider's site.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// As [`POLICY`], for a page that changes while it is looked at: our script, our events, and no way from text to markup.
const LIVE_POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; \
     base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// A whole page as a response.
pub(crate) fn page(status: StatusCode, lang: Lang, title: &str, body: Markup) -> Response {
    respond(status, POLICY, document(lang, title, None, body))
}

/// A whole page with a script of ours, and pictures of one other origin.
pub(crate) fn scripted_page(
    lang: Lang,
    title: &str,
    script: &str,
    images: &str,
    body: Markup,
) -> Response {
    let policy = LIVE_POLICY.replace("img-src 'self'", &format!("img-src 'self' {images}"));
    respond(
        StatusCode::OK,
        &policy,
        document(lang, title, Some(script), body),
    )
}

/// A whole page with a script of ours.
pub(crate) fn live_page(lang: Lang, title: &str, script: &str, body: Markup) -> Response {
    let document = document(lang, title, Some(script), body);
    respond(StatusCode::OK, LIVE_POLICY, document)
}

fn document(lang: Lang, title: &str, script: Option<&str>, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · AICON sandbox" }
                link rel="icon" href="/icon.svg";
                link rel="stylesheet" href="/style.css";
                @if let Some(script) = script { script src=(script) defer {} }
            }
            body {
                header.top {
                    span.mark aria-hidden="true" { "A" }
                    span.name { "AICON " span.tag { "sandbox" } }
                }
                main { (body) }
            }
        }
    }
}

fn respond(status: StatusCode, policy: &str, document: Markup) -> Response {
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(document.into_string())).into_response()
}

/// The icon of all pages.
pub(crate) async fn icon() -> Response {
    (
        [
            (header::CONTENT_TYPE, "image/svg+xml"),
            (header::CACHE_CONTROL, "no-cache"),
        ],
        ICON,
    )
        .into_response()
}

/// The style sheet of all pages.
pub(crate) async fn style() -> Response {
    (
        [
            (header::CONTENT_TYPE, "text/css; charset=utf-8"),
            (header::CACHE_CONTROL, "no-cache"),
        ],
        STYLE,
    )
        .into_response()
}

/// The script of the console.
pub(crate) async fn script() -> Response {
    script_of(SCRIPT)
}

/// A script as a response.
pub(crate) fn script_of(script: &'static str) -> Response {
    (
        [
            (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
            (header::CACHE_CONTROL, "no-cache"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ],
        script,
    )
        .into_response()
}
