//! The forms that set faults.

use maud::{Markup, html};

use crate::faults::Faults;
use crate::text::Lang;
use crate::usage::{Fault, RecordFaults};

/// Faults of AICON as a whole.
pub(super) fn fault_form(faults: &Faults, lang: Lang) -> Markup {
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

/// Faults of record usage. The fields are named as the flags are.
pub(super) fn record_fault_form(faults: &RecordFaults, outage_s: f64, lang: Lang) -> Markup {
    let number = |name: &str, value: String, max: &str, label: &str| {
        html! { label.row { input type="number" name=(name) min="0" max=(max) step="any" value=(value); (label) } }
    };
    html! {
        section.card #record-faults {
            h2 { (lang.pick("사용 기록 장애 (%)", "Faults of record usage (%)")) }
            form method="post" action="/sandbox/faults/record/form" {
                fieldset {
                    @for (&fault, percent) in &faults.percent { (number(fault.as_str(), percent.to_string(), "100", label(fault, lang))) }
                    (number("delay_percent", faults.delay_percent.to_string(), "100", lang.pick("지연 비율", "Delayed")))
                    (number("delay_ms", faults.delay_ms.to_string(), "86400000", lang.pick("지연 (ms)", "Delay (ms)")))
                    (number("retry_after_s", faults.retry_after_s.to_string(), "86400", "Retry-After (s)"))
                    (number("seed", faults.seed.to_string(), "18446744073709551615", lang.pick("시드", "Seed")))
                    label.row {
                        input type="text" name="refuse_user" value=(faults.refuse_users.join(","));
                        (lang.pick("거부할 사용자 (쉼표)", "Users to refuse (commas)"))
                    }
                    (number("outage_s", String::new(), "86400", lang.pick("지금부터 중단 (초)", "Outage from now (s)")))
                    @if outage_s > 0.0 { p.verdict.bad { (lang.pick("중단 중, 남은 시간 ", "Outage, seconds left: ")) (format!("{outage_s:.0}")) } }
                    div { button.main { (lang.pick("적용", "Apply")) } }
                }
            }
        }
    }
}

fn label(fault: Fault, lang: Lang) -> &'static str {
    match fault {
        Fault::Error => lang.pick("500 응답", "Answers 500"),
        Fault::TooManyRequests => lang.pick("429 응답", "Answers 429"),
        Fault::Timeout => lang.pick("응답 없음 (기록 안 됨)", "No answer, not recorded"),
        Fault::LostAnswer => lang.pick("기록 후 응답 유실", "Recorded, answer lost"),
        Fault::CommitTimeout => lang.pick("기록 후 응답 없음", "Recorded, no answer"),
        Fault::Garbage => lang.pick("기록 후 깨진 200", "Recorded, garbled 200"),
        Fault::GarbageUncommitted => {
            lang.pick("프록시의 200 (기록 안 됨)", "A proxy's 200, not recorded")
        }
        Fault::Reset => lang.pick("연결 재설정", "Connection reset"),
    }
}
