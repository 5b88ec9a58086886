//! Fields by the rows of a definition: what does not fit is told by its name.

use std::collections::BTreeMap;

use aicon_documents::{Extractor, Kind};

use super::document::Document;
use crate::models::{FileRule, InputKind, InputRow};
use crate::service::field::{FieldError, FieldProblem};
use crate::service::spool::{Content, Field};

/// What a row was filled with.
#[derive(Clone, Debug)]
pub(in crate::service) enum Value {
    /// Nothing; the row is not required.
    Nothing,
    /// A text or the value of a choice.
    Text(String),
    /// A number that is whole.
    Whole(i64),
    /// Another number.
    Number(f64),
    /// Files, at least one.
    Documents(Vec<Document>),
}

/// Checks all fields. Blocks: files are looked into.
///
/// # Errors
/// The first field that is not as its row says: in the order of the rows, then those that have no row.
pub(super) fn fill(
    rows: &[InputRow],
    fields: Vec<Field>,
    extractor: &Extractor,
) -> Result<BTreeMap<String, Value>, FieldError> {
    let mut by_name: BTreeMap<String, Vec<Content>> = BTreeMap::new();
    for field in fields {
        by_name.entry(field.name).or_default().push(field.content);
    }
    let mut values = BTreeMap::new();
    for row in rows {
        let contents = by_name.remove(&row.param_name).unwrap_or_default();
        let value = value(row, contents, extractor)?;
        if row.required && matches!(value, Value::Nothing) {
            return Err(FieldError::of(row, FieldProblem::Missing));
        }
        values.insert(row.param_name.clone(), value);
    }
    match by_name.into_keys().next() {
        Some(unknown) => Err(FieldError::named(&unknown, FieldProblem::Unknown)),
        None => Ok(values),
    }
}

/// Looks into the files of a field.
///
/// # Errors
/// Too many, too large, of another type than accepted, or not what their names say.
pub(in crate::service) fn documents(
    contents: Vec<Content>,
    rule: &FileRule,
    extractor: &Extractor,
) -> Result<Vec<Document>, FieldProblem> {
    let mut documents = Vec::with_capacity(contents.len());
    for content in contents {
        let Content::File(mut upload) = content else {
            return Err(FieldProblem::NotFile);
        };
        let limit = rule.max_files;
        if documents.len() >= limit {
            return Err(FieldProblem::TooManyFiles { limit });
        }
        let limit = rule.max_bytes;
        if upload.bytes > limit {
            return Err(FieldProblem::TooManyBytes { limit });
        }
        let name = upload.name.as_str();
        let is_accepted = |kind: Kind| {
            let accepted = rule.accept.iter();
            accepted
                .filter_map(|extension| Kind::of_extension(extension))
                .any(|known| known == kind)
        };
        if !Kind::of_name(name).is_ok_and(is_accepted) {
            return Err(FieldProblem::NotAccepted {
                name: name.to_owned(),
                accept: rule.accept.clone(),
            });
        }
        let kind = extractor.check(name, &mut upload.file)?;
        documents.push(Document::new(upload, kind));
    }
    Ok(documents)
}

fn value(
    row: &InputRow,
    mut contents: Vec<Content>,
    extractor: &Extractor,
) -> Result<Value, FieldError> {
    let wrong = |problem| FieldError::of(row, problem);
    if let InputKind::File(rule) = &row.kind {
        // What a form sends for a file field that was left empty may be an empty text.
        contents.retain(|content| !matches!(content, Content::Text(text) if text.is_empty()));
        let documents = documents(contents, rule, extractor).map_err(wrong)?;
        return Ok(match documents.is_empty() {
            true => Value::Nothing,
            false => Value::Documents(documents),
        });
    }
    if contents.len() > 1 {
        return Err(wrong(FieldProblem::Repeated));
    }
    let text = match contents.pop() {
        None => return Ok(Value::Nothing),
        Some(Content::File(_)) => return Err(wrong(FieldProblem::NotText)),
        Some(Content::Text(text)) => text,
    };
    if text.trim().is_empty() {
        return Ok(Value::Nothing);
    }
    match &row.kind {
        InputKind::Text { max_length, .. } => {
            // Forms send line ends as CRLF; people count one character.
            let text = text.replace("\r\n", "\n");
            let limit = *max_length;
            match text.char_indices().nth(limit) {
                Some(_) => Err(wrong(FieldProblem::TooLong { limit })),
                None => Ok(Value::Text(text)),
            }
        }
        InputKind::Choice(choices) => {
            if choices.iter().any(|choice| choice.value == text) {
                return Ok(Value::Text(text));
            }
            let choices = choices.iter().map(|choice| choice.value.clone()).collect();
            Err(wrong(FieldProblem::NotChoice { choices }))
        }
        InputKind::Number { min, max } => number(text.trim(), *min, *max).map_err(wrong),
        InputKind::File(_) => Ok(Value::Nothing),
    }
}

fn number(text: &str, min: Option<f64>, max: Option<f64>) -> Result<Value, FieldProblem> {
    let number: f64 = text.parse().map_err(|_| FieldProblem::NotNumber)?;
    if !number.is_finite() {
        return Err(FieldProblem::NotNumber);
    }
    if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
        return Err(FieldProblem::OutOfRange { min, max });
    }
    Ok(text.parse().map_or(Value::Number(number), Value::Whole))
}
