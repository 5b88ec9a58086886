//! A form from its fields to its outputs. One request is one use, however often the model is asked.
//!
//! | room | owns |
//! | --- | --- |
//! | [`fill`] | fields by the definition's rows |
//! | [`document`] | a file that has been looked into |
//! | [`desk`] | documents as templates see them |
//! | [`ask`] | the questions |
//! | [`make`] | outputs from answers |

pub(super) mod ask;
pub(crate) mod desk;
pub(super) mod document;
pub(super) mod fill;
pub(super) mod make;

use std::sync::Arc;

use aicon_protocol::aicon::{OutputKind, OutputRow as Output};
use serde_json::{Map, Value as Json};

use self::ask::{Questions, questions};
use self::desk::reading;
use self::fill::{Value, fill};
use self::make::{Made, MadeFile, MainAnswer, make};
use super::asking::{fail, whole};
use super::identity::Caller;
use super::spool::{Bounds, Content, Field, fingerprint};
use super::target::Target;
use super::ticket::{Opening, Ticket, new_use};
use super::{ServiceError, allowance, idempotency, results};
use crate::app::App;
use crate::limits::StreamSlot;
use crate::models::{Definition, FileRule, Kind, OutputRow, RESERVED, Sort};
use crate::provider::ModelRequest;
use crate::store::{Idempotency, UseKind};
use crate::usage::Ending;

/// What a form's request is besides its fields.
#[derive(Debug)]
pub struct FormRequest<'a> {
    /// The definition that it names.
    pub model: Option<&'a str>,
    /// The caller's word for it.
    pub idempotency_key: Option<&'a [u8]>,
    /// The form.
    pub fields: Vec<Field>,
}

/// What a form may hold before anybody knows which one it is.
///
/// # Errors
/// [`ServiceError::NoDefinition`]: none that the caller may use.
pub fn bounds(app: &App, caller: &Caller) -> Result<Bounds, ServiceError> {
    let usable = app
        .catalog
        .usable(Some(Sort::MultiInput), caller.client.as_ref());
    if usable.is_empty() {
        return Err(ServiceError::NoDefinition);
    }
    let rules = usable.iter().map(|definition| definition.file_rules());
    let rules: Vec<Vec<&FileRule>> = rules.collect();
    let files = rules
        .iter()
        .map(|rules| rules.iter().map(|rule| rule.max_files).sum());
    Ok(Bounds {
        text_bytes: app.settings.limits.body_bytes,
        file_bytes: rules
            .iter()
            .flatten()
            .map(|rule| rule.max_bytes)
            .max()
            .unwrap_or(0),
        files: files.max().unwrap_or(0),
    })
}

/// The definition's name, from the query or the field `model`, and all other fields.
pub(super) fn named(model: Option<&str>, fields: Vec<Field>) -> (Option<String>, Vec<Field>) {
    let mut named = model.map(str::to_owned);
    let mut others = Vec::with_capacity(fields.len());
    for field in fields {
        match field.content {
            Content::Text(text) if field.name == RESERVED => {
                named.get_or_insert(text);
            }
            content => others.push(Field { content, ..field }),
        }
    }
    (named, others)
}

/// Fills the form in and asks the model. The values of files are paths below the server's own address, see [`results`].
///
/// # Errors
/// The definition, a field, the user's limits, the store, the model, or an answer that an output cannot be made of.
pub async fn run(
    app: &App,
    caller: &Caller,
    slot: StreamSlot,
    request: FormRequest<'_>,
) -> Result<Vec<Output>, ServiceError> {
    let key = idempotency::keyed(request.idempotency_key, || {
        fingerprint(request.model, &request.fields)
    })?;
    let (model, fields) = named(request.model, request.fields);
    let target = Target::of_form(app, caller, model.as_deref())?;
    let definition = target
        .definition
        .clone()
        .ok_or(ServiceError::NoDefinition)?;
    if let Err(refusal) = allowance::check(app, &caller.user).await {
        return earlier_instead(app, caller, key.as_ref(), refusal).await;
    }
    let (input, questions) = prepare(app, &target, definition.clone(), fields).await?;
    let new = new_use(
        app,
        caller,
        UseKind::Form,
        &target.model,
        &target.provider,
        input,
        key.clone(),
    );
    let mut ticket = match Ticket::open(app, slot, new, target.client.clone(), Vec::new()).await? {
        Opening::Ticket(ticket) => ticket,
        Opening::Taken(earlier) => return replay(*earlier, key.as_ref()),
    };
    ticket.hold_back();
    ticket.begin_flush();
    let outputs = answer(app, &target, &definition, questions, &mut ticket).await?;
    let content = serde_json::to_string(&outputs).map_err(|_| ServiceError::Internal)?;
    ticket.conclude(content).await;
    if ticket.close(Ending::Completed, None).await? {
        Ok(outputs)
    } else {
        Err(ServiceError::Lapsed)
    }
}

/// Checks the fields and writes the questions, and what the ledger keeps of the fields.
async fn prepare(
    app: &App,
    target: &Target,
    definition: Arc<Definition>,
    fields: Vec<Field>,
) -> Result<(String, Questions), ServiceError> {
    let (extractor, model) = (app.extractor.clone(), target.model.clone());
    let most_pictures = app.settings.limits.images_per_message;
    reading(move || {
        let Kind::MultiInput { inputs, .. } = &definition.kind else {
            return Err(ServiceError::NoDefinition);
        };
        let values = fill(inputs, fields, &extractor)?;
        let told = inputs.iter().filter_map(|row| {
            let value = values.get(&row.param_name)?;
            told(value).map(|value| (row.param_name.clone(), value))
        });
        let input = Json::Object(told.collect::<Map<_, _>>()).to_string();
        let questions = questions(&definition, &values, &model, extractor, most_pictures)?;
        Ok((input, questions))
    })
    .await
}

/// A value as the ledger keeps it: of files their names.
fn told(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Nothing => return None,
        Value::Text(text) => text.as_str().into(),
        Value::Whole(number) => (*number).into(),
        Value::Number(number) => (*number).into(),
        Value::Documents(documents) => documents.iter().map(|document| document.told()).collect(),
    })
}

/// Asks everything and makes the outputs. On failure the row is closed.
async fn answer(
    app: &App,
    target: &Target,
    definition: &Definition,
    questions: Questions,
    ticket: &mut Ticket,
) -> Result<Vec<Output>, ServiceError> {
    let Kind::MultiInput { outputs, .. } = &definition.kind else {
        return Err(ServiceError::NoDefinition);
    };
    let main = match questions.main {
        Some(question) => Some(MainAnswer::new(put(app, target, question, ticket).await?)),
        None => None,
    };
    let mut made = Vec::with_capacity(outputs.len());
    for (row, questions) in outputs.iter().zip(questions.outputs) {
        let mut own = Vec::with_capacity(questions.asked.len());
        for question in questions.asked {
            own.push(put(app, target, question, ticket).await?);
        }
        let file_name = questions.file_name.as_deref();
        match make(row, main.as_ref(), own, &questions.entries, file_name) {
            Ok(output) => made.push(output),
            Err(problem) => {
                let output = row.param_name.clone();
                let error = ServiceError::UnusableAnswer { output, problem };
                fail(ticket, Ending::BrokenOff { status: 502 }, &error).await;
                return Err(error);
            }
        }
    }
    match keep(app, outputs, made).await {
        Ok(outputs) => Ok(outputs),
        Err(error) => {
            fail(ticket, Ending::BrokenOff { status: 503 }, &error).await;
            Err(error)
        }
    }
}

/// Puts one question.
async fn put(
    app: &App,
    target: &Target,
    question: ModelRequest,
    ticket: &mut Ticket,
) -> Result<String, ServiceError> {
    ticket.next_call(question.texts()).await;
    whole(app, &target.provider, ticket, question).await
}

/// Keeps the files, whose paths are then the outputs' values.
async fn keep(app: &App, rows: &[OutputRow], made: Vec<Made>) -> Result<Vec<Output>, ServiceError> {
    let mut outputs = Vec::with_capacity(rows.len());
    for (row, made) in rows.iter().zip(made) {
        let value = match made {
            Made::Text(text) => text,
            Made::File(MadeFile {
                name,
                media_type,
                bytes,
            }) => results::keep(app, &name, media_type, &bytes).await?,
        };
        outputs.push(Output {
            kind: row.kind,
            param_name: row.param_name.clone(),
            value,
        });
    }
    Ok(outputs)
}

async fn earlier_instead(
    app: &App,
    caller: &Caller,
    key: Option<&Idempotency>,
    refusal: ServiceError,
) -> Result<Vec<Output>, ServiceError> {
    let earlier = idempotency::earlier_instead(app, caller, key, refusal).await?;
    outputs_of(&earlier.content)
}

fn replay(
    earlier: crate::store::UseRecord,
    key: Option<&Idempotency>,
) -> Result<Vec<Output>, ServiceError> {
    outputs_of(&idempotency::settled(earlier, key)?.content)
}

fn outputs_of(content: &str) -> Result<Vec<Output>, ServiceError> {
    serde_json::from_str(content).map_err(|_| ServiceError::Internal)
}

/// Whether the output's value is a path of ours.
pub fn is_own_path(output: &Output) -> bool {
    output.kind != OutputKind::Text && output.value.starts_with(results::PATH)
}
