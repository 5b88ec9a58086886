//! Running a multi-input model (`aicon.md` 5).

use std::rc::Rc;

use aicon_protocol::aicon::{OutputKind, OutputRow};
use aicon_protocol::json::ReadJson;
use web_sys::Blob;

use super::dialect::{Dialect, in_dialect};
use super::transfer::{Form, Part, transfer};
use super::{ApiError, Fault, Upload, push_model};
use crate::auth::Auth;
use crate::config::Config;
use crate::json::Json;

/// What is sent under one parameter name; a name may come several times.
pub enum Field {
    /// As typed.
    Text(Rc<str>),
    /// A file and its name.
    File(Blob, Rc<str>),
}

/// What came back.
pub enum FormAnswer {
    /// One for each output row.
    Rows(Vec<OutputRow>),
    /// A ZIP of processed files, as the official sample answers when files were sent.
    Archive(Blob),
}

/// Sends the form. `on_progress` is told bytes sent and bytes in all. Runs with the same key are one use, where the server is one of
/// ours (promise R14).
///
/// # Errors
/// As every call.
pub async fn run_form(
    config: &Config,
    auth: &Auth,
    fields: &[(Rc<str>, Field)],
    idempotency_key: &str,
    handle: &Upload,
    on_progress: impl Fn(f64, f64) + Clone + 'static,
) -> Result<FormAnswer, ApiError> {
    let answer = in_dialect(config, async |dialect| {
        let mut url = config.api_end_point.clone();
        url.push_str(match dialect {
            Dialect::Ai => "/api/Provider/chat-multi-input",
            Dialect::Sample => "/chat-type-2",
        });
        push_model(&mut url, config);
        let parts: Vec<_> = fields.iter().map(part).collect();
        let form = Form {
            url: &url,
            parts: &parts,
            idempotency_key: config.is_described.then_some(idempotency_key),
        };
        transfer(auth, form, handle, on_progress.clone()).await
    })
    .await?;
    if answer.is_archive() {
        return Ok(FormAnswer::Archive(answer.body));
    }
    let rows = Json::parse(&answer.text().await)
        .ok()
        .and_then(|json| json.items()?.iter().map(output_row).collect());
    rows.map(FormAnswer::Rows)
        .ok_or(ApiError::Fault(Fault::Unreadable))
}

fn part((name, field): &(Rc<str>, Field)) -> (&str, Part<'_>) {
    match field {
        Field::Text(text) => (name, Part::Text(text)),
        Field::File(file, file_name) => (name, Part::File(file, file_name)),
    }
}

fn output_row(json: &Json) -> Option<OutputRow> {
    // The samples write the members' names with a capital, other back ends after them without.
    let text = |name: &str| {
        let mut small = name.to_owned();
        small[..1].make_ascii_lowercase();
        json.member(name).or_else(|| json.member(&small))
    };
    let kind = OutputKind::of_name(&text("Type")?.text()?)?;
    let value = text("Value");
    Some(OutputRow {
        kind,
        param_name: text("ParamName")?.text()?,
        // A value that is no text, a number for one, is shown as it stands.
        value: value.map_or_else(String::new, |value| {
            value.text().unwrap_or_else(|| value.to_text())
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_samples_answer_is_read_in_any_case() {
        let text = include_str!("../../tests/wire/multi-input.answer.json");
        let rows: Vec<_> = Json::parse(text)
            .unwrap()
            .items()
            .unwrap()
            .iter()
            .filter_map(output_row)
            .collect();
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row.kind, &*row.param_name))
            .collect();
        assert_eq!(
            told,
            [
                (OutputKind::Text, "TranslateResult"),
                (OutputKind::Text, "TranslateGuid"),
                (OutputKind::File, "Report"),
                (OutputKind::Image, "Preview"),
            ]
        );
        assert!(rows.iter().all(|row| !row.value.is_empty()));
        let small = Json::parse(r#"{"type":"TEXT","paramName":"n","value":7}"#).unwrap();
        assert_eq!(output_row(&small).unwrap().value, "7");
        assert!(output_row(&Json::parse(r#"{"Type":"Video","ParamName":"n"}"#).unwrap()).is_none());
    }
}
