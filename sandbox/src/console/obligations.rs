//! "Run model" and "Settle month", with what they brought last.

use jiff::Timestamp;
use maud::{Markup, html};

use super::live::won;
use crate::provider::RunModel;
use crate::settle::{Difference, Kind, Settlement};
use crate::state::{LastResults, Sandbox};
use crate::text::{Lang, excerpt, grouped};

/// How many differences the page shows; `/sandbox/settle` answers with more.
const SHOWN_DIFFERENCES: usize = 100;

pub(super) fn obligations(sandbox: &Sandbox, now: Timestamp, lang: Lang) -> Markup {
    let provider = sandbox.provider.lock().url().to_owned();
    let LastResults {
        run_model,
        settlement,
    } = sandbox.last.lock().clone();
    html! {
        section.card #run-model {
            h2 { (lang.pick("모델 실행", "Run model")) }
            p.dim { (lang.pick("제공자의 is-alive를 호출합니다: ", "Calls the provider's is-alive: ")) code { (provider) } }
            form method="post" action="/sandbox/run-model/form" {
                button.main data-testid="run-model" { (lang.pick("모델 실행", "Run model")) }
            }
            @if let Some(result) = &run_model { (run_model_result(result, lang)) }
        }
        section.card #settle {
            h2 { (lang.pick("월 정산", "Settle month")) }
            p.dim { (lang.pick(
                "제공자의 정산 내역을 모두 읽어 여기 기록된 사용과 대조합니다.",
                "Reads all pages of the provider's settlement and holds them against what is recorded here.",
            )) }
            (settle_form(now, lang))
            @match &settlement {
                None => {}
                Some(Err(error)) => p.verdict.bad role="status" data-testid="settle-result" { bdi { (excerpt(error, 600)) } },
                Some(Ok(settlement)) => (settlement_result(settlement, lang)),
            }
        }
    }
}

fn run_model_result(result: &RunModel, lang: Lang) -> Markup {
    let verdict = if result.alive {
        lang.pick("정상", "Alive")
    } else {
        lang.pick("응답 이상", "Not alive")
    };
    html! {
        p class=(if result.alive { "verdict good" } else { "verdict bad" }) role="status" data-testid="run-model-result" {
            strong { (verdict) }
            " · " (format!("{:.1} ms", result.took_ms)) " · " (time(result.at))
            @if let Some(reason) = &result.reason { br; bdi { (excerpt(reason, 400)) } }
        }
    }
}

fn settle_form(now: Timestamp, lang: Lang) -> Markup {
    let month = now.strftime("%Y-%m").to_string();
    html! {
        form.inline method="post" action="/sandbox/settle/form" {
            label { (lang.pick("월", "Month")) input type="month" name="month" required placeholder="YYYY-MM" value=(month); }
            label { (lang.pick("쪽 크기", "Page size")) input type="number" name="page_size" min="1" max="1000" required value="1000"; }
            label { (lang.pick("UTC 시차", "UTC offset")) input type="number" name="utc_offset_hours" min="-12" max="14" required value="0"; }
            button.main data-testid="settle" { (lang.pick("월 정산", "Settle month")) }
        }
    }
}

fn settlement_result(settlement: &Settlement, lang: Lang) -> Markup {
    let verdict = if settlement.balanced {
        lang.pick("일치", "Balanced")
    } else {
        lang.pick("차이 있음", "Not balanced")
    };
    html! {
        div data-testid="settle-result" {
            p class=(if settlement.balanced { "verdict good" } else { "verdict bad" }) role="status" {
                strong { (verdict) }
                " · " (settlement.from) " – " (settlement.to)
                " · " (lang.pick("쪽 ", "pages ")) (grouped(settlement.pages)) " × " (grouped(settlement.page_size))
                " · " (format!("{:.0} ms", settlement.took_ms)) " · " (time(settlement.at))
            }
            (sides(settlement, lang))
            @if settlement.leaked_secrets > 0 {
                p.verdict.bad { (lang.pick("클라이언트 비밀이 들어 있는 사용: ", "Uses that came with the client secret: ")) (grouped(settlement.leaked_secrets)) }
            }
            @for fault in &settlement.paging_faults { p.verdict.bad { bdi { (fault) } } }
            (differences(&settlement.reconciliation.differences, lang))
        }
    }
}

fn sides(settlement: &Settlement, lang: Lang) -> Markup {
    let all = &settlement.reconciliation;
    let rows = [
        (true, all.here, "여기 기록됨", "Recorded here"),
        (true, all.there, "제공자 정산", "Provider states"),
        (false, all.missing_here, "여기에 없음", "Missing here"),
        (false, all.missing_there, "정산에 없음", "Missing there"),
        (false, all.amounts_differ, "금액이 다름", "Amounts differ"),
        (
            false,
            all.fields_differ,
            "다른 항목이 다름",
            "Other fields differ",
        ),
        (false, all.duplicates, "중복", "Duplicates"),
        (false, all.malformed, "GUID 오류", "Malformed GUID"),
        (
            false,
            all.at_edge,
            "기간 끝 (다음 정산일 수 있음)",
            "At the end (may be in the next)",
        ),
    ];
    html! {
        table.sides {
            thead { tr {
                th scope="col" {}
                th.number scope="col" { (lang.pick("사용", "Uses")) }
                th.number scope="col" { (lang.pick("금액", "Won")) }
            } }
            tbody { @for (is_always, side, ko, en) in rows { @if is_always || side.count > 0 { tr {
                th scope="row" { (lang.pick(ko, en)) }
                td.number { (grouped(side.count)) }
                td.number { (won(side.sum_won, lang)) }
            } } } }
        }
    }
}

fn differences(differences: &[Difference], lang: Lang) -> Markup {
    if differences.is_empty() {
        return html! {};
    }
    let amount = |won: Option<u64>| won.map_or("–".to_owned(), grouped);
    html! {
        div.scroll { table.differences data-testid="differences" {
            thead { tr {
                th scope="col" { (lang.pick("차이", "Difference")) }
                th scope="col" { (lang.pick("사용자 · GUID", "User · GUID")) }
                th.number scope="col" { (lang.pick("여기 → 정산 (원)", "Here → there (won)")) }
            } }
            tbody { @for line in differences.iter().take(SHOWN_DIFFERENCES) { tr {
                td { (kind(line.kind, lang)) @for field in &line.fields { br; code { (field) } } }
                td.who {
                    bdi.user { (excerpt(&line.user_id, 80)) }
                    bdi.prompt { (excerpt(&line.ended, 30)) }
                    code.guid { (excerpt(&line.guid, 40)) }
                }
                td.number.amounts { (amount(line.here_won)) " → " (amount(line.there_won)) }
            } } }
        } }
        @if differences.len() > SHOWN_DIFFERENCES {
            p.dim { (lang.pick("처음 ", "The first ")) (SHOWN_DIFFERENCES) (lang.pick("건만 보입니다.", " are shown.")) }
        }
    }
}

fn kind(kind: Kind, lang: Lang) -> &'static str {
    match kind {
        Kind::MissingHere => lang.pick("여기에 없음", "missing here"),
        Kind::MissingThere => lang.pick("정산에 없음", "missing there"),
        Kind::AmountsDiffer => lang.pick("금액이 다름", "amounts differ"),
        Kind::FieldsDiffer => lang.pick("항목이 다름", "fields differ"),
        Kind::Duplicate => lang.pick("중복", "duplicate"),
        Kind::Malformed => lang.pick("GUID 오류", "malformed GUID"),
    }
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}
