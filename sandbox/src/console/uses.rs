//! Totals, cost per user, and the list of recorded uses. The script finds the places by `data-field`.

use maud::{Markup, html};

use super::live::{Fields, PAGE, Row, Snapshot};
use crate::text::{Lang, grouped};

/// The part of the console that is live. `before` is the ordinal below which the list begins; none for the newest.
pub(super) fn uses(snapshot: &Snapshot, before: Option<u64>, count: u64, lang: Lang) -> Markup {
    html! {
        (totals(&snapshot.totals, lang))
        div.split {
            (list(snapshot, before, count, lang))
            (users(&snapshot.users, lang))
        }
    }
}

fn totals(fields: &Fields, lang: Lang) -> Markup {
    let tile = |name: &'static str, label: &str| {
        html! {
            div class={ "tile " (name) } {
                dt { (label) }
                dd { span data-field=(name) { (text(fields, name)) } }
            }
        }
    };
    html! {
        section.card.totals-card {
            div.heading {
                h1 { (lang.pick("사용 현황", "Uses")) }
                span.live {
                    span.on { (lang.pick("실시간", "Live")) }
                    span.off { (lang.pick("연결 끊김", "Not connected")) }
                }
            }
            dl.tiles #totals data-testid="totals" {
                (tile("count", lang.pick("기록된 사용", "Recorded uses")))
                (tile("won", lang.pick("총 금액", "Total cost")))
                (tile("users", lang.pick("사용자", "Users")))
                (tile("tokens_in", lang.pick("입력 토큰", "Tokens in")))
                (tile("tokens_out", lang.pick("출력 토큰", "Tokens out")))
                (tile("resends", lang.pick("추가 시도", "Further tries")))
                (tile("unrecorded", lang.pick("시도만 됨", "Only tried")))
                div.tile.conflicts {
                    dt { a href="/sandbox/conflicts" { (lang.pick("내용 충돌", "Conflicts")) } }
                    dd { span data-field="conflicts" { (text(fields, "conflicts")) } }
                }
            }
        }
    }
}

fn list(snapshot: &Snapshot, before: Option<u64>, count: u64, lang: Lang) -> Markup {
    html! {
        section.card.list-card {
            h2 { (lang.pick("사용 기록", "Recorded uses")) " " span.dim { (lang.pick("최신순, 시각은 UTC", "newest first, times in UTC")) } }
            p.dim.none { (lang.pick("아직 없습니다.", "None yet.")) }
            div.scroll { table.uses data-testid="usages" {
                thead { tr {
                    th.ended scope="col" { (lang.pick("종료 · 토큰", "End · tokens")) }
                    th scope="col" { (lang.pick("사용자 · 입력 · GUID", "User · prompt · GUID")) }
                    th.number scope="col" { (lang.pick("상태", "Status")) }
                    th.number scope="col" { (lang.pick("시도", "Tries")) }
                    th.number.won scope="col" { (lang.pick("금액 (원)", "Cost (won)")) }
                } }
                tbody #uses data-row="use-row" data-fixed[before.is_some()] {
                    @for row in &snapshot.uses { (use_row(row, lang)) }
                }
            } }
            template #use-row { (use_row(&Row { key: String::new(), fields: Fields::new() }, lang)) }
            (pager(before, count, lang))
        }
    }
}

fn use_row(row: &Row, lang: Lang) -> Markup {
    let field = |name: &'static str| text(&row.fields, name);
    html! {
        tr data-key=(row.key) {
            td.ended {
                time data-field="ended" { (field("ended")) }
                span.tokens {
                    span data-field="tokens_in" { (field("tokens_in")) } " → " span data-field="tokens_out" { (field("tokens_out")) }
                    (lang.pick(" 토큰", " tokens"))
                }
            }
            td.who {
                div {
                    bdi.user data-field="user" { (field("user")) }
                    bdi.prompt data-field="prompt" { (field("prompt")) }
                }
                code.guid data-field="guid" { (field("guid")) }
            }
            td.number.status data-field="status" { (field("status")) }
            td.number.tries {
                span.label { (lang.pick("시도 ", "tries ")) } span data-field="tries" { (field("tries")) }
            }
            td.number.won { span data-field="won" { (field("won")) } span.label { (lang.pick("원", " won")) } }
        }
    }
}

/// Links to the pages around. They carry ordinals, so that a page keeps its uses whatever arrives.
fn pager(before: Option<u64>, count: u64, lang: Lang) -> Markup {
    let end = before.unwrap_or(count + 1).min(count + 1);
    let older = end.saturating_sub(PAGE);
    html! {
        nav.pager aria-label=(lang.pick("사용 기록 쪽", "Pages of recorded uses")) {
            @if before.is_some() {
                a href="/" { (lang.pick("최신", "Newest")) }
                @if end + PAGE <= count { a href={ "/?before=" (end + PAGE) } { (lang.pick("← 더 새로운", "← Newer")) } }
                span.dim { (grouped(older.max(1))) "–" (grouped(end.saturating_sub(1))) " / " (grouped(count)) }
            }
            @if older > 1 { a href={ "/?before=" (older) } { (lang.pick("더 오래된 →", "Older →")) } }
        }
    }
}

fn users(rows: &[Row], lang: Lang) -> Markup {
    html! {
        section.card.users-card {
            h2 { (lang.pick("사용자별 금액", "Cost per user")) }
            p.dim.none { (lang.pick("아직 없습니다.", "None yet.")) }
            table.users data-testid="users" {
                thead { tr {
                    th scope="col" { (lang.pick("사용자", "User")) }
                    th.number scope="col" { (lang.pick("사용", "Uses")) }
                    th.number scope="col" { (lang.pick("금액 (원)", "Cost (won)")) }
                } }
                tbody #users data-row="user-row" { @for row in rows { (user_row(row)) } }
            }
            template #user-row { (user_row(&Row { key: String::new(), fields: Fields::new() })) }
        }
    }
}

fn user_row(row: &Row) -> Markup {
    let field = |name: &'static str| text(&row.fields, name);
    html! {
        tr data-key=(row.key) {
            td { bdi data-field="user" { (field("user")) } }
            td.number data-field="count" { (field("count")) }
            td.number data-field="won" { (field("won")) }
        }
    }
}

fn text<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", String::as_str)
}
