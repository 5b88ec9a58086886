//! What of a form outlives a reload, as text. Pure: `commands` does the keeping.

use std::rc::Rc;

use aicon_protocol::aicon::OutputKind;
use aicon_protocol::json::{ReadJson, WriteJson};

use super::form::{ChosenFile, Named, Output, Run, Value};
use crate::json::{Json, Object};

/// The values as text, with their owner: another user of the same tab does not get them.
pub fn values_text(owner: &str, values: &[Named]) -> String {
    let mut object = Object::new();
    object.text("owner", owner);
    object.objects("values", values.iter().map(value_object).collect());
    object.into_text()
}

/// The values of a text, if they are this owner's.
pub fn values_of(text: &str, owner: &str) -> Option<Vec<Named>> {
    let json = Json::parse(text)
        .ok()
        .filter(|json| json.text_of("owner").as_deref() == Some(owner))?;
    values(&json)
}

/// The runs as text.
pub fn runs_text(runs: &[Rc<Run>]) -> String {
    let run = |run: &Rc<Run>| {
        let mut object = Object::new();
        object.count("at", run.at);
        object.objects("values", run.values.iter().map(value_object).collect());
        object.objects("outputs", run.outputs.iter().map(output_object).collect());
        object
    };
    let mut object = Object::new();
    object.objects("runs", runs.iter().map(run).collect());
    object.into_text()
}

/// The runs of a text; what is none is left out.
pub fn runs_of(text: &str) -> Vec<Run> {
    let runs = Json::parse(text)
        .ok()
        .and_then(|json| json.member("runs")?.items());
    let run = |json: &Json| {
        Some(Run {
            at: json.count_of("at")?,
            values: values(json)?,
            outputs: json
                .member("outputs")?
                .items()?
                .iter()
                .filter_map(output_of)
                .collect(),
        })
    };
    runs.unwrap_or_default().iter().filter_map(run).collect()
}

fn values(json: &Json) -> Option<Vec<Named>> {
    json.member("values")?
        .items()?
        .iter()
        .map(value_of)
        .collect()
}

fn value_object((name, value): &Named) -> Object {
    let mut object = Object::new();
    object.text("name", name);
    match value {
        Value::Text(text) => object.text("text", text),
        Value::Files(files) => {
            let file = |file: &ChosenFile| {
                let mut object = Object::new();
                object.text("key", &file.key);
                object.text("name", &file.name);
                object.count("size", file.size);
                object
            };
            object.objects("files", files.iter().map(file).collect());
        }
    }
    object
}

fn value_of(json: &Json) -> Option<Named> {
    let name = json.text_of("name")?.into();
    if let Some(text) = json.text_of("text") {
        return Some((name, Value::Text(text.into())));
    }
    let file = |json: &Json| {
        Some(ChosenFile {
            key: json.text_of("key")?.into(),
            name: json.text_of("name")?.into(),
            size: json.count_of("size")?,
            is_lost: false,
        })
    };
    let files = json.member("files")?.items()?;
    let files = files.iter().filter_map(file).collect();
    Some((name, Value::Files(files)))
}

fn output_object(output: &Output) -> Object {
    let mut object = Object::new();
    object.text("name", &output.param_name);
    object.text(
        "kind",
        match output.kind {
            OutputKind::Text => "text",
            OutputKind::File => "file",
            OutputKind::Image => "image",
        },
    );
    match &output.kept {
        // The page's URL of a kept file dies with the page.
        Some(key) => object.text("kept", key),
        None => object.text("value", &output.value),
    }
    object
}

fn output_of(json: &Json) -> Option<Output> {
    let kind = OutputKind::of_name(&json.text_of("kind")?)?;
    let mut output = Output::new(
        &json.text_of("name")?,
        kind,
        &json.text_of("value").unwrap_or_default(),
    );
    output.kept = json.text_of("kept").map(Rc::from);
    Some(output)
}
