//! A form with many fields, as the app's configuration and as the server's definition of a model.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// The parameter name of the last field, a text.
pub(super) const LAST: &str = "Last";

/// The parameter name of the field for files.
pub(super) const FILES: &str = "Documents";

/// The parameter name of the one result.
pub(super) const RESULT: &str = "Result";

const CHOICES: usize = 10;
const MAX_LENGTH: usize = 4_000;

/// One field.
pub(super) struct Row {
    name: String,
    kind: Kind,
}

enum Kind {
    Text,
    LongText,
    Choice,
    Number,
    Files { count: usize, bytes: u64 },
}

/// The test handle of a field.
pub(super) fn handle(name: &str) -> String {
    format!("field-{name}")
}

/// So many fields: one for files, the rest of all other kinds by turns, a text at the end.
pub(super) fn rows(fields: usize, count: usize, bytes: u64) -> Vec<Row> {
    let row = |name: String, kind| Row { name, kind };
    let mut rows = vec![row(FILES.to_owned(), Kind::Files { count, bytes })];
    rows.extend((2..fields).map(|number| {
        let kind = match number % 4 {
            0 => Kind::LongText,
            1 => Kind::Choice,
            2 => Kind::Number,
            _ => Kind::Text,
        };
        row(format!("Field{number}"), kind)
    }));
    rows.push(row(LAST.to_owned(), Kind::Text));
    rows
}

/// `inputs` of `configs.json`.
pub(super) fn inputs(rows: &[Row]) -> Value {
    let input = |row: &Row| {
        let mut input = json!({
            "paramName": row.name,
            "type": row.kind.name(),
            "label": { "ko": format!("항목 {}", row.name), "en": row.name },
        });
        match row.kind {
            Kind::Text | Kind::LongText => input["maxLength"] = MAX_LENGTH.into(),
            Kind::Choice => input["choices"] = choices().into(),
            Kind::Number => {}
            Kind::Files { count, bytes } => {
                input["accept"] = json!(["pdf"]);
                input["maxFiles"] = count.into();
                input["maxBytes"] = bytes.into();
            }
        }
        input
    };
    rows.iter().map(input).collect()
}

/// `outputs` of `configs.json`.
pub(super) fn outputs() -> Value {
    json!([{ "type": "text", "label": "결과", "paramName": RESULT }])
}

/// The same for the server. The model `echo` answers with the prompt, which tells how many files there are and what is in them.
pub(super) fn toml(rows: &[Row]) -> String {
    let texts = rows
        .iter()
        .filter(|row| !matches!(row.kind, Kind::Files { .. }));
    let texts: String = texts.map(|row| format!("{{{{ {} }}}}", row.name)).collect();
    let mut toml = format!(
        "name = \"form\"\nkind = \"multi-input\"\nllm = \"echo\"\ntitle = \"Form\"\n\
        prompt = \"\"\"{{{{ {FILES} | length }}}} files {texts}\n\
        {{% for file in {FILES} %}}{{{{ file.name }}}}: {{{{ file.text }}}}\n{{% endfor %}}\"\"\"\n\
        [[outputs]]\ntype = \"text\"\nparam_name = \"{RESULT}\"\nlabel = \"Result\"\n"
    );
    for row in rows {
        let name = &row.name;
        // The server's words have hyphens.
        let kind = row.kind.name().replace("longText", "long-text");
        let entries = match row.kind {
            Kind::Text | Kind::LongText => format!("max_length = {MAX_LENGTH}"),
            Kind::Choice => format!("choices = {:?}", choices()),
            Kind::Number => String::new(),
            Kind::Files { count, bytes } => {
                format!("accept = [\"pdf\"]\nmax_files = {count}\nmax_bytes = {bytes}")
            }
        };
        let row = format!(
            "[[inputs]]\ntype = \"{kind}\"\nparam_name = \"{name}\"\nlabel = \"{name}\"\n{entries}\n"
        );
        toml.write_str(&row).expect("a string takes all writes");
    }
    toml
}

fn choices() -> Vec<String> {
    (1..=CHOICES)
        .map(|number| format!("choice {number}"))
        .collect()
}

impl Kind {
    fn name(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::LongText => "longText",
            Self::Choice => "choice",
            Self::Number => "number",
            Self::Files { .. } => "file",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_has_all_its_fields_and_ends_with_a_text() {
        let inputs = inputs(&rows(200, 50, 10));
        let inputs = inputs.as_array().unwrap();
        assert_eq!(inputs.len(), 200);
        assert_eq!(inputs[0]["maxFiles"], 50);
        assert_eq!(inputs[199]["paramName"], LAST);
        assert_eq!(inputs[199]["type"], "text");
    }

    #[test]
    fn the_server_reads_the_same_form() {
        let toml = toml(&rows(200, 50, 10));
        let path = std::path::Path::new("form.toml");
        let knows = |llm: &str| (llm == "echo").then_some(()).ok_or_else(Vec::new);
        let definition = aicon_backend::models::read_text(path, &toml, &knows).unwrap();
        let aicon_backend::models::Kind::MultiInput { inputs, .. } = definition.kind else {
            panic!("it is a form")
        };
        assert_eq!(inputs.len(), 200);
        assert_eq!(inputs[199].param_name, LAST);
    }
}
