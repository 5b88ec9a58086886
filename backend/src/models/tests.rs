use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Result<Definition, String> {
    let knows = |llm: &str| match llm {
        "demo" => Ok(()),
        _ => Err(vec!["demo".to_owned()]),
    };
    read_text(Path::new("model.toml"), text, &knows).map_err(|DefinitionErrors(errors)| {
        let lines = errors.iter().map(ToString::to_string);
        lines.collect::<Vec<_>>().join("\n")
    })
}

const TRANSLATOR: &str = r#"
name = "translator"
kind = "multi-input"
title = { ko = "번역기", en = "Translator" }
prompt = "Translate into {{ TargetLanguage }}: {{ InputText }}"

[[inputs]]
type = "long-text"
required = true
param_name = "InputText"
label = { ko = "원문", en = "Text" }

[[inputs]]
type = "choice"
param_name = "TargetLanguage"
choices = ["ko", { value = "en", label = "English" }]

[[outputs]]
type = "text"
param_name = "TranslateResult"

[[outputs]]
type = "file"
param_name = "ResultFile"
file_name = "{{ TargetLanguage }}.md"
"#;

#[test]
fn the_translator_of_the_official_sample_is_a_definition() {
    let definition = read(TRANSLATOR).unwrap();
    let Kind::MultiInput {
        inputs,
        outputs,
        prompt: Some(prompt),
    } = &definition.kind
    else {
        panic!("multi-input with a prompt")
    };
    assert!(inputs[0].required && !inputs[1].required);
    assert_eq!(inputs[1].label.ko, "TargetLanguage");
    assert!(matches!(outputs[1].source, Source::Answer));
    let values = [("InputText", "안녕"), ("TargetLanguage", "en")]
        .map(|(name, value)| (name.to_owned(), minijinja::Value::from(value)));
    let filled = prompt.fill(&BTreeMap::from(values)).unwrap();
    assert_eq!(filled, "Translate into en: 안녕");
    let told = ui::ui(&definition);
    assert_eq!(told["uiType"], "multiInput");
    assert_eq!(told["inputs"][1]["choices"][1]["label"], "English");
    assert_eq!(told["title"]["ko"], "번역기");
}

#[test]
fn front_ends_are_told_what_the_app_reads_in_its_own_tests() {
    for (definition, told) in [
        (
            include_str!("../../../tests/wire/ui.multi-input.toml"),
            include_str!("../../../tests/wire/ui.multi-input.json"),
        ),
        (
            include_str!("../../../tests/wire/ui.chat.toml"),
            include_str!("../../../tests/wire/ui.chat.json"),
        ),
    ] {
        let told: serde_json::Value = serde_json::from_str(told).unwrap();
        assert_eq!(ui::ui(&read(definition).unwrap()), told);
    }
}

#[test]
fn every_mistake_is_told_with_file_line_key_and_expectation() {
    for (from, to, line, part) in [
        (
            "kind = \"multi-input\"",
            "kind = \"form\"",
            3,
            "multi-input",
        ),
        ("title =", "titel =", 4, "titel"),
        (
            "{{ InputText }}",
            "{{ Input }}",
            5,
            "key `prompt`: unknown input `Input`",
        ),
        ("{{ InputText }}", "{{ InputText", 5, "key `prompt`"),
        ("\"long-text\"", "\"list\"", 8, "long-text"),
        (
            "param_name = \"TargetLanguage\"",
            "param_name = \"InputText\"",
            15,
            "another input",
        ),
        (
            "param_name = \"TargetLanguage\"",
            "param_name = \"2nd language\"",
            15,
            "key `param_name`: found `2nd language`",
        ),
        (
            "choices = [\"ko\", { value = \"en\", label = \"English\" }]",
            "choices = []",
            16,
            "key `choices`",
        ),
        (
            "type = \"choice\"",
            "type = \"number\"",
            16,
            "key `choices`: an input of this type has none",
        ),
        (
            "\"long-text\"",
            "\"file\"\nmax_length = 5",
            9,
            "key `max_length`: an input of this type has none",
        ),
        (
            "kind = \"multi-input\"",
            "kind = \"multi-input\"\nllm = \"gpt-9\"",
            4,
            "key `llm`: no provider has the model `gpt-9`; expected one of demo",
        ),
        (
            "name = \"translator\"",
            "name = \"demo\"",
            2,
            "key `name`: `demo` is an LLM's name",
        ),
        (
            "InputText }}",
            "InputText }}\"\nclients = [\"a\", \" \"]\nstart_message = \"",
            6,
            "key `clients`",
        ),
        (
            " {{ InputText }}",
            "",
            10,
            "key `param_name`: no prompt names the input",
        ),
        (
            "param_name = \"InputText\"",
            "param_name = \"model\"",
            10,
            "key `param_name`: `model` names the definition",
        ),
        (
            "type = \"text\"\nparam_name",
            "type = \"image\"\nfile_name = \"a.md\"\nparam_name",
            20,
            "key `file_name`: only an output of type `file` has it",
        ),
        (
            "param_name = \"TranslateResult\"",
            "param_name = \"TranslateResult\"\neach = \"InputText\"\nprompt = \"{{ file }}\"",
            21,
            "key `each`: expected an input of type `file`",
        ),
        (
            "{{ TargetLanguage }}.md",
            "result.exe",
            25,
            "key `file_name`: expected a name that ends in one of",
        ),
        ("required = true", "required = 1", 9, "expected a boolean"),
    ] {
        let text = TRANSLATOR.replacen(from, to, 1);
        assert_ne!(text, TRANSLATOR, "{from}");
        let error = read(&text).unwrap_err();
        // A mistake can lead to others: an input whose name is wrong is none that a prompt may name.
        let is_told = |told: &str| {
            told.starts_with(&format!("model.toml, line {line}: ")) && told.contains(part)
        };
        assert!(error.lines().any(is_told), "line {line}, {part}: {error}");
    }
}

#[test]
fn what_front_ends_are_told_is_what_the_app_reads() {
    for (toml, json) in [
        (
            include_str!("../../../tests/wire/ui.chat.toml"),
            include_str!("../../../tests/wire/ui.chat.json"),
        ),
        (
            include_str!("../../../tests/wire/ui.multi-input.toml"),
            include_str!("../../../tests/wire/ui.multi-input.json"),
        ),
    ] {
        let golden: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(ui::ui(&read(toml).unwrap()), golden);
    }
}

#[test]
fn a_form_without_a_prompt_and_a_chat_with_inputs_are_mistakes() {
    let without = TRANSLATOR.replace("prompt = \"Translate", "llm = \"Translate");
    assert!(
        read(&without)
            .unwrap_err()
            .contains("key `prompt`: expected one here or one for the whole")
    );
    let chat = "name = \"c\"\nkind = \"chat\"\nmax_files = 0\n";
    assert!(matches!(
        read(chat).unwrap().kind,
        Kind::Chat {
            files: FileRule { max_files: 0, .. },
            is_markdown: true,
            ..
        }
    ));
    let with_prompt = format!("{chat}prompt = \"hi\"\n");
    assert!(
        read(&with_prompt)
            .unwrap_err()
            .contains("line 4: key `prompt`: only a model of kind `multi-input`")
    );
}

/// Rows of a definition: a type with its keys, and a value that the field takes.
fn input_rows() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let row = prop_oneof![
        Just(("type = \"text\"", "a")),
        Just(("type = \"long-text\"\nmax_length = 10", "줄\n줄")),
        Just(("type = \"choice\"\nchoices = [\"x\", \"y\"]", "x")),
        Just(("type = \"number\"\nmin = 0\nmax = 2.5", "1")),
        Just(("type = \"file\"\naccept = [\".CSV\"]", "a,b")),
    ];
    prop::collection::vec(row, 1..12)
}

proptest! {
    #[test]
    fn every_input_of_a_valid_definition_reaches_the_template_and_every_output_is_told(
        rows in input_rows(),
        outputs in 1..8_usize,
    ) {
        let mut text = "name = \"m\"\nkind = \"multi-input\"\nprompt = '''".to_owned();
        for at in 0..rows.len() {
            text.push_str(&format!("[{{{{ Input{at} }}}}]"));
        }
        text.push_str("'''\n");
        for (at, (keys, _)) in rows.iter().enumerate() {
            text.push_str(&format!("[[inputs]]\n{keys}\nparam_name = \"Input{at}\"\n"));
        }
        for at in 0..outputs {
            text.push_str(&format!("[[outputs]]\ntype = \"text\"\nparam_name = \"Output{at}\"\n"));
        }
        let definition = read(&text).unwrap();
        let Kind::MultiInput { prompt: Some(prompt), .. } = &definition.kind else {
            panic!("multi-input with a prompt")
        };
        let values = rows.iter().enumerate().map(|(at, (_, value))| {
            (format!("Input{at}"), minijinja::Value::from(*value))
        });
        let filled = prompt.fill(&values.collect()).unwrap();
        let expected: String = rows.iter().map(|(_, value)| format!("[{value}]")).collect();
        prop_assert_eq!(filled, expected);
        let told = ui::ui(&definition);
        prop_assert_eq!(told["inputs"].as_array().unwrap().len(), rows.len());
        prop_assert_eq!(told["outputs"].as_array().unwrap().len(), outputs);
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,300}") {
        drop(read(&text));
    }

    #[test]
    fn no_cut_of_a_definition_makes_it_panic(end in 0..TRANSLATOR.len()) {
        if let Some(text) = TRANSLATOR.get(..end) {
            drop(read(text));
        }
    }
}
