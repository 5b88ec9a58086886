//! What the provider answered, as the user is shown it, held against the contract (`aicon.md` 5).

use aicon_protocol::aicon::OutputKind;
use maud::{Markup, html};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::Url;

use super::markdown::{self, Subset};
use super::registration::{Kind, OutputRow, OutputType, Registration};
use crate::text::{Lang, excerpt};

/// The most characters of an error that a user is shown.
const ERROR_CHARS: usize = 1_000;

/// A whole answer that was read.
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    pub(super) body: &'a [u8],
    pub(super) took_ms: u128,
}

/// One entry of a multi-input answer.
struct Output {
    kind: Option<OutputKind>,
    param_name: String,
    value: String,
}

/// The turn of an answer, good or bad.
pub(super) fn turn(registration: &Registration, answer: &Answer<'_>, lang: Lang) -> Markup {
    let meta = format!("{} · {} ms", answer.status, answer.took_ms);
    if !(200..300).contains(&answer.status) {
        return failed(&detail(answer.body, lang), &meta, lang);
    }
    let mut notes = Vec::new();
    let content = match &registration.kind {
        Kind::Chat { output_type, .. } => message(answer.body, *output_type),
        Kind::MultiInput { outputs, .. } => {
            let run_url = &registration.model_run_url;
            results(answer.body, outputs, run_url, lang, &mut notes)
        }
    };
    match content {
        Ok(content) => html! {
            article.turn.answer data-testid="answer" data-status="done" {
                (content)
                @for note in &notes { p.note data-testid="contract-note" { (note) } }
                p.meta { (meta) }
            }
        },
        Err(expected) => {
            let wrong = lang.pick(
                "제공자의 응답이 규격과 다릅니다",
                "The provider's answer is not as the contract says",
            );
            failed(&format!("{wrong}: {expected}"), &meta, lang)
        }
    }
}

/// The turn of a request that failed. `reason` is foreign text.
pub(super) fn failed(reason: &str, meta: &str, lang: Lang) -> Markup {
    html! {
        article.turn.wrong role="alert" data-testid="answer" data-status="error" {
            h3 { (lang.pick("모델을 실행하지 못했습니다", "The model could not be run")) }
            p data-testid="detail" { bdi { (excerpt(reason, ERROR_CHARS)) } }
            p.dim { (lang.pick("입력한 내용은 그대로 있습니다.", "What you entered is still there.")) }
            p.meta { (meta) }
        }
    }
}

fn message(body: &[u8], output_type: OutputType) -> Result<Markup, &'static str> {
    let answer: Option<Value> = serde_json::from_slice(body).ok();
    let message = answer
        .as_ref()
        .and_then(|answer| answer["message"].as_str());
    let message = message.ok_or("{\"message\": \"…\"}")?;
    Ok(match output_type {
        OutputType::Markdown => html! {
            div.body data-testid="message" { (markdown::render(message, Subset::Answer)) }
        },
        OutputType::Text => html! { div.body.plain data-testid="message" { (message) } },
    })
}

fn results(
    body: &[u8],
    rows: &[OutputRow],
    run_url: &Url,
    lang: Lang,
    notes: &mut Vec<String>,
) -> Result<Markup, &'static str> {
    let entries: Vec<Value> =
        serde_json::from_slice(body).map_err(|_| "[{\"Type\", \"ParamName\", \"Value\"}, …]")?;
    let mut outputs: Vec<Output> = entries.iter().map(Output::read).collect();
    let mut shown = Vec::new();
    for row in rows {
        let place = outputs
            .iter()
            .position(|output| output.param_name == row.param_name);
        let output = place.map(|place| outputs.remove(place));
        notes.extend(complaint(row, output.as_ref(), lang));
        shown.push(html! {
            section.output data-testid={ "output-" (row.param_name) } {
                h3 { (row.label.get(lang)) }
                @if let Some(output) = output { (value(row.kind, &output.value, run_url, lang)) }
            }
        });
    }
    let unknown = lang.pick("등록되지 않은 출력", "An output that is not registered");
    let unknown = outputs
        .iter()
        .map(|output| format!("{unknown}: {}", excerpt(&output.param_name, 80)));
    notes.extend(unknown);
    Ok(html! { @for output in shown { (output) } })
}

/// How an output row and what came for it differ.
fn complaint(row: &OutputRow, output: Option<&Output>, lang: Lang) -> Option<String> {
    let complaint = match output {
        None => lang.pick("결과가 없습니다", "there is no result"),
        Some(output) if output.kind != Some(row.kind) => lang.pick(
            "Type이 등록과 다릅니다",
            "its Type is not the registered one",
        ),
        Some(output) if row.kind != OutputKind::Text && http_url(&output.value).is_none() => {
            lang.pick("Value가 URL이 아닙니다", "its Value is no URL")
        }
        Some(_) => return None,
    };
    Some(format!("{}: {complaint}", row.param_name))
}

fn value(kind: OutputKind, value: &str, run_url: &Url, lang: Lang) -> Markup {
    let url = http_url(value);
    match (kind, url) {
        (OutputKind::Text, _) => html! { div.body.plain { (value) } },
        (_, None) => html! { p.wrong { bdi { (excerpt(value, 300)) } } },
        // The page's policy loads pictures of the provider alone.
        (OutputKind::Image, Some(url)) if url.origin() == run_url.origin() => html! {
            a href=(url) target="_blank" rel="noopener noreferrer" {
                img src=(url) alt=(lang.pick("결과 이미지", "Resulting picture"));
            }
        },
        (OutputKind::Image | OutputKind::File, Some(url)) => html! {
            a.download href=(url) target="_blank" rel="noopener noreferrer" { (file_name(&url)) }
        },
    }
}

fn http_url(value: &str) -> Option<Url> {
    let url = Url::parse(value).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}

/// The last name of the path, or the whole address where there is none.
fn file_name(url: &Url) -> String {
    let last = url.path_segments().and_then(|mut names| names.next_back());
    let name = percent_decode_str(last.unwrap_or_default()).decode_utf8_lossy();
    if name.trim().is_empty() {
        excerpt(url.as_str(), 200)
    } else {
        excerpt(&name, 200)
    }
}

/// FastAPI's `detail`, a text or a list of complaints; our envelope's message; else the beginning of the body.
fn detail(body: &[u8], lang: Lang) -> String {
    let told = serde_json::from_slice::<Value>(body)
        .ok()
        .and_then(|answer| {
            let texts = match &answer["detail"] {
                Value::String(text) => vec![text.clone()],
                Value::Array(complaints) => complaints.iter().filter_map(complaint_text).collect(),
                _ => answer["error"]["message"]
                    .as_str()
                    .map(str::to_owned)
                    .into_iter()
                    .collect(),
            };
            (!texts.is_empty()).then(|| texts.join(" · "))
        });
    let text = told.unwrap_or_else(|| String::from_utf8_lossy(body).trim().to_owned());
    if text.is_empty() {
        return lang
            .pick(
                "제공자가 이유를 말하지 않았습니다.",
                "The provider gave no reason.",
            )
            .to_owned();
    }
    text
}

fn complaint_text(complaint: &Value) -> Option<String> {
    let text = complaint["msg"].as_str()?;
    let field = complaint["loc"]
        .as_array()
        .and_then(|path| path.last()?.as_str());
    Some(field.map_or_else(|| text.to_owned(), |field| format!("{field}: {text}")))
}

impl Output {
    fn read(entry: &Value) -> Self {
        let text = |key: &str| match &entry[key] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        Self {
            kind: OutputKind::of_name(&text("Type")),
            param_name: text("ParamName"),
            value: text("Value"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn registration(document: Value) -> Registration {
        let json = document.to_string();
        Registration::read(json.as_bytes(), "http://provider.example").unwrap()
    }

    fn chat(output_type: &str) -> Registration {
        registration(json!({ "startMessage": "hi", "outputType": output_type }))
    }

    fn form() -> Registration {
        registration(json!({
            "uiType": "multiInput",
            "inputs": [{ "type": "text", "label": "a", "paramName": "A" }],
            "outputs": [
                { "type": "text", "label": "Result", "paramName": "R" },
                { "type": "image", "label": "Picture", "paramName": "P" },
                { "type": "file", "label": "File", "paramName": "F" },
            ],
        }))
    }

    fn shown(registration: &Registration, status: u16, body: &str) -> String {
        let answer = Answer {
            status,
            body: body.as_bytes(),
            took_ms: 7,
        };
        turn(registration, &answer, Lang::En).0
    }

    #[test]
    fn a_message_is_shown_by_its_output_type() {
        let body = r#"{"message":"**a** <b>"}"#;
        assert!(
            shown(&chat("markdown"), 200, body).contains("<p><strong>a</strong> &lt;b&gt;</p>")
        );
        assert!(shown(&chat("text"), 200, body).contains("**a** &lt;b&gt;"));
    }

    #[test]
    fn each_output_stands_under_its_label_whatever_the_case_of_its_type() {
        let html = shown(
            &form(),
            200,
            r#"[{"Type":"FILE","ParamName":"F","Value":"https://p.example/x/%EB%B2%88%EC%97%AD.txt"},
                {"Type":"TEXT","ParamName":"R","Value":"1 < 2"},
                {"Type":"image","ParamName":"P","Value":"http://provider.example/p.png"}]"#,
        );
        for part in [
            "data-testid=\"output-R\"><h3>Result</h3><div class=\"body plain\">1 &lt; 2</div>",
            "<img src=\"http://provider.example/p.png\"",
            ">번역.txt</a>",
        ] {
            assert!(html.contains(part), "{part} is missing in {html}");
        }
        assert!(!html.contains("contract-note"), "{html}");
    }

    #[test]
    fn what_differs_from_the_registration_is_noted() {
        let html = shown(
            &form(),
            200,
            r#"[{"Type":"File","ParamName":"R","Value":"x"},{"Type":"Image","ParamName":"P","Value":"javascript:alert(1)"},
                {"Type":"Text","ParamName":"X"}]"#,
        );
        for part in [
            "R: its Type is not",
            "P: its Value is no URL",
            "F: there is no result",
            "not registered: X",
        ] {
            assert!(html.contains(part), "{part} is missing in {html}");
        }
        assert!(!html.contains("href=\"javascript"), "{html}");
    }

    #[test]
    fn a_picture_from_elsewhere_is_a_link() {
        let body =
            r#"[{"Type":"Image","ParamName":"P","Value":"https://elsewhere.example/p.png"}]"#;
        let html = shown(&form(), 200, body);
        assert!(
            !html.contains("<img") && html.contains(">p.png</a>"),
            "{html}"
        );
    }

    #[test]
    fn reasons_are_found_in_every_shape_of_an_error() {
        for (body, reason) in [
            (r#"{"detail":"no <files>"}"#, "no &lt;files&gt;"),
            (
                r#"{"detail":[{"loc":["body","prompt"],"msg":"field required"}]}"#,
                "prompt: field required",
            ),
            (
                r#"{"success":false,"error":{"code":"X","message":"too long"}}"#,
                "too long",
            ),
            ("Bad Gateway", "Bad Gateway"),
            ("", "no reason"),
        ] {
            let html = shown(&chat("text"), 422, body);
            assert!(html.contains(reason), "{reason} is missing in {html}");
            assert!(html.contains("data-status=\"error\""));
        }
    }

    #[test]
    fn a_success_of_another_shape_is_told_as_what_it_is() {
        for body in ["", "[]", r#"{"text":"a"}"#, "<html>"] {
            assert!(
                shown(&chat("text"), 200, body).contains("data-status=\"error\""),
                "{body}"
            );
        }
        assert!(shown(&form(), 200, r#"{"message":"a"}"#).contains("data-status=\"error\""));
    }
}
