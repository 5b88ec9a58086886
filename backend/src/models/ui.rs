//! What a front end needs to know of a definition: the keys of `configs.json`, as `GET /ui` answers them.

use serde_json::{Map, Value, json};

use super::definition::{Definition, InputKind, InputRow, Kind, Localized, OutputRow};

/// The definition in the words of `configs.json`.
pub fn ui(definition: &Definition) -> Value {
    let mut ui = Map::new();
    if !definition.title.is_empty() {
        ui.insert("title".to_owned(), text(&definition.title));
    }
    if !definition.start_message.is_empty() {
        ui.insert("startMessage".to_owned(), text(&definition.start_message));
    }
    ui.insert("model".to_owned(), json!(definition.name));
    match &definition.kind {
        Kind::Chat {
            files,
            max_text_length,
            is_markdown,
        } => {
            ui.insert("uiType".to_owned(), json!("chat"));
            ui.insert("maxFiles".to_owned(), json!(files.max_files));
            ui.insert("maxFileBytes".to_owned(), json!(files.max_bytes));
            ui.insert("accept".to_owned(), json!(files.accept));
            ui.insert("maxTextLength".to_owned(), json!(max_text_length));
            let output_type = if *is_markdown { "markdown" } else { "text" };
            ui.insert("outputType".to_owned(), json!(output_type));
        }
        Kind::MultiInput {
            inputs, outputs, ..
        } => {
            ui.insert("uiType".to_owned(), json!("multiInput"));
            ui.insert("inputs".to_owned(), inputs.iter().map(input).collect());
            ui.insert("outputs".to_owned(), outputs.iter().map(output).collect());
        }
    }
    Value::Object(ui)
}

fn input(row: &InputRow) -> Value {
    let mut value = json!({
        "paramName": row.param_name,
        "label": text(&row.label),
        "required": row.required,
    });
    if !row.help.is_empty() {
        value["help"] = text(&row.help);
    }
    match &row.kind {
        InputKind::Text {
            max_length,
            is_long,
        } => {
            value["type"] = json!(if *is_long { "longText" } else { "text" });
            value["maxLength"] = json!(max_length);
        }
        InputKind::Choice(choices) => {
            value["type"] = json!("choice");
            let choice = |choice: &super::definition::Choice| json!({ "value": choice.value, "label": text(&choice.label) });
            value["choices"] = choices.iter().map(choice).collect();
        }
        InputKind::Number { min, max } => {
            value["type"] = json!("number");
            for (key, bound) in [("min", min), ("max", max)] {
                if let Some(bound) = bound {
                    value[key] = json!(bound);
                }
            }
        }
        InputKind::File(rule) => {
            value["type"] = json!("file");
            value["accept"] = json!(rule.accept);
            value["maxBytes"] = json!(rule.max_bytes);
            value["maxFiles"] = json!(rule.max_files);
        }
    }
    value
}

fn output(row: &OutputRow) -> Value {
    json!({ "type": row.kind, "paramName": row.param_name, "label": text(&row.label) })
}

fn text(localized: &Localized) -> Value {
    if localized.ko == localized.en {
        json!(localized.ko)
    } else {
        json!({ "ko": localized.ko, "en": localized.en })
    }
}
