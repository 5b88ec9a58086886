//! The page at `/`: AICON's side of the uses, live; its buttons; what is set and registered.

mod faults;
pub(crate) mod live;
mod obligations;
mod uses;

use std::sync::Arc;
use std::time::Instant;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use crate::page::live_page;
use crate::state::{Sandbox, now};
use crate::text::Lang;

use live::Snapshot;

/// What part of the list of uses is looked at.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct PageQuery {
    /// Uses with a lower ordinal.
    before: Option<u64>,
}

pub(crate) async fn handle(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    // A query that is not understood is no reason for a blank page.
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Response {
    let lang = Lang::from_headers(&headers);
    let before = query.ok().and_then(|Query(query)| query.before);
    let (snapshot, count) = {
        let usages = sandbox.usages.lock();
        let ordinal = before.unwrap_or(u64::MAX);
        (
            Snapshot::before(&usages, ordinal, lang),
            usages.recorded_count(),
        )
    };
    let (record_faults, outage_s) = {
        let source = sandbox.record_faults.lock();
        (source.settings().clone(), source.outage_s(Instant::now()))
    };
    let state_of_page = html! {
        // The script keeps these attributes up to date.
        div.console #console
            data-uses=(if count == 0 { "none" } else { "some" })
            data-conflicts=(if snapshot.has_conflicts { "yes" } else { "no" })
        {
            (uses::uses(&snapshot, before, count, lang))
            div.split.wide-end { (obligations::obligations(&sandbox, now(), lang)) }
            div.split.even {
                (faults::record_fault_form(&record_faults, outage_s, lang))
                (faults::fault_form(&sandbox.faults.lock().clone(), lang))
            }
            div.split.even {
                (registration(&sandbox, lang))
                (microsite(&sandbox, lang))
            }
        }
    };
    live_page(
        lang,
        lang.pick("콘솔", "Console"),
        "/console.js",
        state_of_page,
    )
}

/// AICON's own pages for the model, or the way to them.
fn microsite(sandbox: &Sandbox, lang: Lang) -> Markup {
    let registration = sandbox.microsite.lock().clone();
    html! {
        section.card #microsite {
            h2 { (lang.pick("AICON 마이크로사이트 (타입 2)", "AICON microsite (type 2)")) }
            @match &registration {
                Some(registration) => {
                    p { a href="/microsite" data-testid="microsite" { (lang.pick("모델 페이지 열기", "Open the model's page")) } }
                    dl {
                        dt { (lang.pick("모델", "Model")) } dd { bdi { (registration.title.get(lang)) } }
                        dt { (lang.pick("모델 실행 URL", "Model run URL")) } dd { code { (registration.model_run_url) } }
                    }
                },
                None => p.dim { (lang.pick("등록된 타입 2 모델이 없습니다.", "No model of type 2 is registered.")) },
            }
            @if sandbox.outlink.is_some() {
                p { a href="/outlink" data-testid="outlink" { (lang.pick("아웃링크 모델 페이지 열기 (타입 4)", "Open the outlink's page (type 4)")) } }
            }
            p { a href="/microsite/register" data-testid="microsite-register" { (lang.pick("등록 내용", "Registration")) } }
        }
    }
}

fn registration(sandbox: &Sandbox, lang: Lang) -> Markup {
    let Sandbox {
        model,
        users,
        aicon_origin,
        site_origin,
        ..
    } = sandbox;
    html! {
        section.card {
            h2 { (lang.pick("등록된 모델", "Registered model")) }
            p { a href=(site_origin) { (lang.pick("호스팅된 사이트 열기", "Open the hosted site")) } }
            dl {
                dt { "client ID" } dd { code data-testid="client-id" { (model.client_id) } }
                dt { "client secret" } dd { code data-testid="client-secret" { (model.client_secret) } }
                dt { (lang.pick("로그인 주소", "Login page")) } dd { code { (aicon_origin) "/auth/login" } }
                dt { "API" } dd { code { (aicon_origin) "/api" } }
                dt { (lang.pick("리디렉션 URI", "Redirect URIs")) }
                dd { ul.plain { @for uri in &model.redirect_uris { li { code { (uri) } } } } }
                dt { (lang.pick("사용자", "Users")) }
                dd { ul.plain { @for user in users { li { (user) } } } }
            }
        }
    }
}
