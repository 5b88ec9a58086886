//! `/auth/login`: the page that asks who logs in, and the redirect that answers (`aicon.md` 3.1 and 3.2).

use std::sync::Arc;

use aicon_protocol::id::UserId;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::grants::CodeGrant;
use crate::page::page;
use crate::state::{Sandbox, count, now, random_token};
use crate::text::Lang;

/// Everything but RFC 3986's unreserved characters.
const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The query of the app's redirect, and, carried through the page, the head of the form.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct LoginRequest {
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    redirect_uri: String,
    state: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

/// The button that was pressed: a user, or the refusal when there is none.
#[derive(Debug, Deserialize)]
pub(crate) struct Choice {
    #[serde(flatten)]
    request: LoginRequest,
    user: Option<String>,
}

/// Why there is no redirect: where it would lead cannot be trusted (RFC 6749, 4.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    Unreadable,
    UnknownClient,
    UnknownRedirect,
    UnknownUser,
}

/// Shows the page.
pub(crate) async fn show(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    query: Result<Query<LoginRequest>, QueryRejection>,
) -> Response {
    let lang = Lang::from_headers(&headers);
    let Ok(Query(request)) = query else {
        return error_page(lang, Refusal::Unreadable, "");
    };
    if let Err(refusal) = check(&sandbox, &request) {
        return error_page(lang, refusal, refusal.culprit(&request));
    }
    if request.code_challenge.is_some() && request.code_challenge_method.as_deref() != Some("S256")
    {
        return redirect(&sandbox, &request, ("error", "invalid_request"));
    }
    page(
        StatusCode::OK,
        lang,
        lang.pick("로그인", "Log in"),
        login_form(&sandbox, lang, &request),
    )
}

/// Takes the choice.
pub(crate) async fn choose(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    form: Result<Form<Choice>, FormRejection>,
) -> Response {
    let lang = Lang::from_headers(&headers);
    let Ok(Form(Choice { request, user })) = form else {
        return error_page(lang, Refusal::Unreadable, "");
    };
    if let Err(refusal) = check(&sandbox, &request) {
        return error_page(lang, refusal, refusal.culprit(&request));
    }
    let is_refused = std::mem::take(&mut sandbox.faults.lock().refuse_next_login);
    let Some(user) = user.filter(|_| !is_refused) else {
        return redirect(&sandbox, &request, ("error", "access_denied"));
    };
    let Some(user) = sandbox.user(&user) else {
        return error_page(lang, Refusal::UnknownUser, &user);
    };
    let code = grant(&sandbox, user, &request);
    redirect(&sandbox, &request, ("code", &code))
}

impl Refusal {
    fn culprit(self, request: &LoginRequest) -> &str {
        match self {
            Self::UnknownClient => &request.client_id,
            Self::UnknownRedirect => &request.redirect_uri,
            Self::Unreadable | Self::UnknownUser => "",
        }
    }

    fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Unreadable => {
                lang.pick("요청을 읽을 수 없습니다.", "The request cannot be read.")
            }
            Self::UnknownClient => lang.pick(
                "등록되지 않은 client_id입니다.",
                "This client_id is not registered.",
            ),
            Self::UnknownRedirect => lang.pick(
                "등록되지 않은 redirect_uri입니다.",
                "This redirect_uri is not registered.",
            ),
            Self::UnknownUser => lang.pick("알 수 없는 사용자입니다.", "There is no such user."),
        }
    }
}

fn check(sandbox: &Sandbox, request: &LoginRequest) -> Result<(), Refusal> {
    if request.client_id != sandbox.model.client_id.as_str() {
        return Err(Refusal::UnknownClient);
    }
    if !sandbox.model.redirect_uris.contains(&request.redirect_uri) {
        return Err(Refusal::UnknownRedirect);
    }
    Ok(())
}

fn grant(sandbox: &Sandbox, user: &UserId, request: &LoginRequest) -> String {
    count(&sandbox.counters.logins);
    let code = random_token();
    let grant = CodeGrant {
        user: user.clone(),
        redirect_uri: request.redirect_uri.clone(),
        code_challenge: request.code_challenge.clone(),
        issued_at: now(),
    };
    sandbox.grants.lock().add_code(code.clone(), grant);
    code
}

fn redirect(sandbox: &Sandbox, request: &LoginRequest, (name, value): (&str, &str)) -> Response {
    let state = request
        .state
        .as_deref()
        .filter(|_| sandbox.faults.lock().echo_state);
    let location = callback_url(&request.redirect_uri, (name, value), state);
    (
        StatusCode::SEE_OTHER,
        [
            (header::LOCATION, location),
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ],
    )
        .into_response()
}

/// `{redirect_uri}/?name=value[&state=state]`; a redirect URI that has a path or a query of its own keeps it.
fn callback_url(redirect_uri: &str, (name, value): (&str, &str), state: Option<&str>) -> String {
    let authority = redirect_uri.find("://").map_or(0, |scheme| scheme + 3);
    let slash = if redirect_uri[authority..].contains('/') {
        ""
    } else {
        "/"
    };
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    let value = utf8_percent_encode(value, QUERY_VALUE);
    let mut url = format!("{redirect_uri}{slash}{separator}{name}={value}");
    if let Some(state) = state {
        url.push_str("&state=");
        url.extend(utf8_percent_encode(state, QUERY_VALUE));
    }
    url
}

fn login_form(sandbox: &Sandbox, lang: Lang, request: &LoginRequest) -> Markup {
    let carried = [
        ("client_id", Some(request.client_id.as_str())),
        ("redirect_uri", Some(request.redirect_uri.as_str())),
        ("state", request.state.as_deref()),
        ("code_challenge", request.code_challenge.as_deref()),
        (
            "code_challenge_method",
            request.code_challenge_method.as_deref(),
        ),
    ];
    html! {
        section.card.narrow {
            h1 { (lang.pick("AICON 로그인", "Log in to AICON")) }
            p.dim {
                (lang.pick("다음 사이트로 돌아갑니다: ", "You will return to ")) code { (request.redirect_uri) }
            }
            form method="post" action="/auth/login" {
                @for (name, value) in carried {
                    @if let Some(value) = value { input type="hidden" name=(name) value=(value); }
                }
                fieldset {
                    legend { (lang.pick("사용자를 선택하세요", "Choose a user")) }
                    @for user in &sandbox.users {
                        button name="user" value=(user) data-testid={ "user-" (user) } { (user) }
                    }
                    button.quiet data-testid="refuse" { (lang.pick("거부", "Refuse")) }
                }
            }
        }
    }
}

fn error_page(lang: Lang, refusal: Refusal, culprit: &str) -> Response {
    let body = html! {
        section.card.narrow.wrong role="alert" data-testid="login-error" {
            h1 { (lang.pick("로그인할 수 없습니다", "Cannot log in")) }
            p { (refusal.text(lang)) }
            @if !culprit.is_empty() { p { code { (culprit) } } }
            p.dim { a href="/" { (lang.pick("등록된 값 보기", "See what is registered")) } }
        }
    };
    page(
        StatusCode::BAD_REQUEST,
        lang,
        lang.pick("오류", "Error"),
        body,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_gets_the_slash_of_the_contract() {
        assert_eq!(
            callback_url("http://a.example:1", ("code", "x"), None),
            "http://a.example:1/?code=x"
        );
    }

    #[test]
    fn a_path_and_a_query_are_kept() {
        assert_eq!(
            callback_url("http://a.example/cb", ("code", "x"), None),
            "http://a.example/cb?code=x"
        );
        assert_eq!(
            callback_url("http://a.example/?a=b", ("code", "x"), None),
            "http://a.example/?a=b&code=x"
        );
    }

    #[test]
    fn values_are_encoded() {
        let url = callback_url("http://a.example", ("error", "e"), Some("a&code=b#한"));
        assert_eq!(
            url,
            "http://a.example/?error=e&state=a%26code%3Db%23%ED%95%9C"
        );
    }
}
