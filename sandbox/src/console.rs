//! The page at `/`: what is registered, what is set, what was recorded.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use maud::{Markup, html};

use crate::faults::Faults;
use crate::page::page;
use crate::state::Sandbox;
use crate::text::Lang;
use crate::usage::Known;

/// How many of the latest uses the page shows; `/sandbox/usages` has all.
const SHOWN_USAGES: u64 = 50;

pub(crate) async fn handle(State(sandbox): State<Arc<Sandbox>>, headers: HeaderMap) -> Response {
    let lang = Lang::from_headers(&headers);
    let faults = sandbox.faults.lock().clone();
    let (total, usages) = {
        let usages = sandbox.usages.lock();
        let total = usages.recorded_count();
        let first = total.saturating_sub(SHOWN_USAGES) + 1;
        let latest: Vec<_> = usages.recorded(first, total).rev().cloned().collect();
        (total, latest)
    };
    let body = html! {
        (registration(&sandbox, lang))
        (fault_form(&faults, lang))
        (usage_table(total, &usages, lang))
    };
    page(StatusCode::OK, lang, lang.pick("콘솔", "Console"), body)
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
            h1 { (lang.pick("등록된 모델", "Registered model")) }
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

fn fault_form(faults: &Faults, lang: Lang) -> Markup {
    let boxes = [
        (
            "token_endpoint_down",
            faults.token_endpoint_down,
            "토큰 엔드포인트 중단",
            "Token endpoint down",
        ),
        (
            "userinfo_down",
            faults.userinfo_down,
            "사용자 정보 중단",
            "User info down",
        ),
        (
            "record_usage_down",
            faults.record_usage_down,
            "사용 기록 중단",
            "Record usage down",
        ),
        (
            "refuse_next_login",
            faults.refuse_next_login,
            "다음 로그인 거부",
            "Refuse the next login",
        ),
        (
            "expired_tokens",
            faults.expired_tokens,
            "만료된 토큰 발급",
            "Issue expired tokens",
        ),
        (
            "echo_state",
            faults.echo_state,
            "state 되돌려주기",
            "Echo the state",
        ),
    ];
    html! {
        section.card {
            h2 { (lang.pick("장애", "Faults")) }
            form method="post" action="/sandbox/faults/form" {
                fieldset {
                    label.row {
                        input type="number" name="error_rate" min="0" max="1" step="any" value=(faults.error_rate);
                        (lang.pick("오류 비율 (0–1)", "Error rate (0–1)"))
                    }
                    label.row {
                        input type="number" name="latency_ms" min="0" step="1" value=(faults.latency_ms);
                        (lang.pick("지연 (ms)", "Latency (ms)"))
                    }
                    @for (name, is_on, ko, en) in boxes {
                        label.row { input type="checkbox" name=(name) checked[is_on]; (lang.pick(ko, en)) }
                    }
                    div { button.main { (lang.pick("적용", "Apply")) } }
                }
            }
        }
    }
}

fn usage_table(total: u64, usages: &[Known], lang: Lang) -> Markup {
    html! {
        section.card {
            h2 { (lang.pick("사용 기록", "Recorded uses")) " (" (total) ")" }
            @if usages.is_empty() {
                p.dim { (lang.pick("아직 없습니다.", "None yet.")) }
            } @else {
                div.scroll { table data-testid="usages" {
                    thead { tr {
                        th scope="col" { (lang.pick("사용자", "User")) }
                        th scope="col" { (lang.pick("시작 (UTC)", "Start (UTC)")) }
                        th scope="col" { (lang.pick("토큰", "Tokens")) }
                        th scope="col" { (lang.pick("금액 (원)", "Price (won)")) }
                        th scope="col" { (lang.pick("상태", "Status")) }
                        th scope="col" { (lang.pick("시도", "Tries")) }
                        th scope="col" { "GUID" }
                    } }
                    tbody { @for Known { usage, tries, .. } in usages { tr {
                        td { (usage.user_id) }
                        td { (usage.data_info.timestamp_start_string) }
                        td.number { (usage.data_info.token_in) " + " (usage.data_info.token_out) }
                        td.number { (usage.data_info.amount_for_settlement) }
                        td.number { (usage.data_info.response_code) }
                        td.number { (tries) }
                        td { code { (usage.data_info.usage_guid) } }
                    } } }
                } }
            }
        }
    }
}
