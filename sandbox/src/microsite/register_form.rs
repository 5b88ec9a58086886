//! The fields of AICON's registration page, those that the guideline names (`aicon.md` 1).

use aicon_protocol::aicon::OutputKind;
use axum::response::Response;
use maud::{Markup, html};

use super::entered::Entered;
use super::registration::{InputRow, Localized, OutputRow, OutputType};
use crate::page::scripted_page;
use crate::state::Sandbox;
use crate::text::{Lang, excerpt};

/// AICON's list of output types, as far as it is known.
const OUTPUT_TYPES: [(OutputType, &str); 2] = [
    (OutputType::Text, "1. Text"),
    (OutputType::Markdown, "3. Markdown (rich text)"),
];

/// The page, with what was wrong with the fields.
pub(super) fn register_page(
    sandbox: &Sandbox,
    entered: &Entered,
    problem: Option<&str>,
    lang: Lang,
) -> Response {
    let body = html! {
        section.card {
            h1 { (lang.pick("타입 2 모델 등록", "Register a model of type 2")) }
            p.dim { (lang.pick(
                "AICON 마이크로사이트: 제공자는 아래 항목과 API만 준비하고, 화면은 AICON이 제공합니다.",
                "AICON microsite: the provider brings these fields and its API, AICON the pages.",
            )) }
            @if let Some(problem) = problem {
                p.verdict.bad role="alert" data-testid="register-problem" { bdi { (excerpt(problem, 600)) } }
            }
            (import_form(sandbox, lang))
        }
        (form(sandbox, entered, lang))
    };
    let title = lang.pick("타입 2 모델 등록", "Register a model of type 2");
    scripted_page(lang, title, "/microsite/register.js", "", body)
}

fn import_form(sandbox: &Sandbox, lang: Lang) -> Markup {
    let url = format!("{}/ui", sandbox.provider.lock().url());
    html! {
        form.inline method="post" action="/microsite/import" {
            label.grow { (lang.pick("제공자의 정의 (GET /ui)", "The provider's definition (GET /ui)"))
                input type="url" name="url" required value=(url) data-testid="import-url";
            }
            button data-testid="import" { (lang.pick("가져오기", "Import")) }
        }
    }
}

fn form(sandbox: &Sandbox, entered: &Entered, lang: Lang) -> Markup {
    let base = sandbox.provider.lock().url().to_owned();
    let kinds = [
        (
            "chat",
            lang.pick("채팅 타입", "Chatting type"),
            entered.is_chat,
        ),
        (
            "multi-input",
            lang.pick("멀티 입력 타입", "Multi-input type"),
            !entered.is_chat,
        ),
    ];
    html! {
        form.card.stack.register #register method="post" action="/microsite/register" {
            fieldset.choices { legend { (lang.pick("타입", "Type")) }
                @for (value, name, checked) in kinds {
                    label.row { input type="radio" name="kind" value=(value) checked[checked] data-testid={ "kind-" (value) }; (name) }
                }
            }
            label.field { (lang.pick("모델 이름", "Title")) input type="text" name="title" value=(entered.title); }
            label.field { (lang.pick("시작 메시지 (굵게 **, 기울임 *, 목록 -, 링크 [ ]( ))", "Start message (bold **, italic *, lists -, links [ ]( ))"))
                textarea name="start_message" rows="3" data-testid="start_message" { (entered.start_message) }
            }
            (chat_fields(entered, lang))
            (row_fields(entered, lang))
            label.field { (lang.pick("모델 실행 URL", "Model run URL"))
                input type="url" name="model_run_url" required value=(entered.model_run_url) data-testid="model_run_url";
            }
            dl.urls {
                dt { "is-alive" } dd { code { (base) "/api/Provider/is-alive" } }
                dt { (lang.pick("정산", "Settlement")) } dd { code { (base) "/api/Provider/get-usage-for-settlement" } }
            }
            div.actions { button.main data-testid="register" { (lang.pick("등록", "Register")) } a href="/" { (lang.pick("콘솔", "Console")) } }
        }
    }
}

fn chat_fields(entered: &Entered, lang: Lang) -> Markup {
    html! {
        div.pair.chat-only {
            label.field { (lang.pick("첨부 파일 수", "Number of files")) input type="number" name="max_files" min="0" max="100" value=(entered.max_files); }
            label.field { (lang.pick("최대 글자 수", "Maximum text length")) input type="number" name="max_text_length" min="1" value=(entered.max_text_length); }
            label.field { (lang.pick("출력 타입", "Output type"))
                select name="answer_type" data-testid="answer_type" { @for (value, name) in OUTPUT_TYPES {
                    option value=(value.as_str()) selected[value == entered.output_type] { (name) }
                } }
            }
        }
    }
}

fn row_fields(entered: &Entered, lang: Lang) -> Markup {
    let blank = Localized::None;
    let input = InputRow {
        is_file: false,
        is_required: true,
        label: blank.clone(),
        param_name: String::new(),
    };
    let output = OutputRow {
        kind: OutputKind::Text,
        label: blank,
        param_name: String::new(),
    };
    html! {
        fieldset.rows.form-only { legend { (lang.pick("입력", "Input rows")) }
            div #inputs { @for row in &entered.inputs { (input_row(row, lang)) } }
            template #input-row { (input_row(&input, lang)) }
            button.add type="button" data-add="input" data-testid="add-input" { "+ " (lang.pick("추가", "Add")) }
        }
        fieldset.rows.form-only { legend { (lang.pick("출력", "Output rows")) }
            div #outputs { @for row in &entered.outputs { (output_row(row, lang)) } }
            template #output-row { (output_row(&output, lang)) }
            button.add type="button" data-add="output" data-testid="add-output" { "+ " (lang.pick("추가", "Add")) }
        }
    }
}

fn input_row(row: &InputRow, lang: Lang) -> Markup {
    html! {
        div.row-of-form {
            label { (lang.pick("타입", "Type")) select name="input_type" {
                option value="text" selected[!row.is_file] { (lang.pick("텍스트", "Text")) }
                option value="file" selected[row.is_file] { (lang.pick("파일", "File")) }
            } }
            label { (lang.pick("필수", "Required")) select name="input_required" {
                option value="yes" selected[row.is_required] { (lang.pick("예", "Yes")) }
                option value="no" selected[!row.is_required] { (lang.pick("아니요", "No")) }
            } }
            (names("input", row.label.get(lang), &row.param_name, lang))
        }
    }
}

fn output_row(row: &OutputRow, lang: Lang) -> Markup {
    let kinds = [
        (OutputKind::Text, "text", lang.pick("텍스트", "Text")),
        (OutputKind::File, "file", lang.pick("파일", "File")),
        (OutputKind::Image, "image", lang.pick("이미지", "Image")),
    ];
    html! {
        div.row-of-form {
            label { (lang.pick("타입", "Type")) select name="output_type" { @for (kind, value, name) in kinds {
                option value=(value) selected[kind == row.kind] { (name) }
            } } }
            (names("output", row.label.get(lang), &row.param_name, lang))
        }
    }
}

fn names(side: &str, label: &str, param_name: &str, lang: Lang) -> Markup {
    html! {
        label.grow { (lang.pick("레이블", "Label")) input type="text" name={ (side) "_label" } value=(label); }
        label.grow { (lang.pick("파라미터 이름", "Parameter name")) input type="text" name={ (side) "_param" } value=(param_name); }
        button.remove type="button" data-remove aria-label=(lang.pick("행 삭제", "Remove the row")) { "×" }
    }
}
