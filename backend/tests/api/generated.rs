//! Any valid definition is a form whose every input reaches the model and whose every output is answered; any invalid one is
//! told by its key. Over the real server, with the model that gives back what it was asked.

use std::path::Path;

use aicon_backend::models::{DefinitionErrors, read_text};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use crate::app::json_of;
use crate::form_body::FormBody;
use crate::forms::{defined, post};

/// What a Korean company writes.
const KOREAN: &str =
    "회의는 금요일 오후 세 시에 본사 대회의실에서 합니다. 참석 여부를 알려 주세요.";

/// An input: its keys, what it is filled with, and what of that is seen in the question.
#[derive(Clone, Debug)]
struct Input {
    keys: String,
    filled: Filled,
    is_required: bool,
}

#[derive(Clone, Debug)]
enum Filled {
    Nothing,
    Text(String),
    Files(Vec<(String, Vec<u8>, String)>),
}

/// An output: its keys, and whether its value is the answer to all inputs.
#[derive(Clone, Debug)]
enum Output {
    Answer,
    Member(String),
    Own,
    File(&'static str),
    Zip,
    Image,
}

fn inputs() -> impl Strategy<Value = Vec<Input>> {
    let text = "[가-힣a-z<>&\"'{}%]{1,20}";
    let keys = |keys: String, filled: Filled, is_required: bool| Input {
        keys,
        filled,
        is_required,
    };
    let row = prop_oneof![
        (text, any::<bool>()).prop_map(move |(text, required)| {
            keys("type = \"text\"".to_owned(), Filled::Text(text), required)
        }),
        ("[가-힣]{1,9}\n[a-z]{1,9}", 20..50_usize).prop_map(move |(text, length)| {
            keys(
                format!("type = \"long-text\"\nmax_length = {length}"),
                Filled::Text(text),
                true,
            )
        }),
        (
            prop::collection::btree_set("[가-힣]{1,6}", 1..5),
            any::<prop::sample::Index>()
        )
            .prop_map(move |(choices, place)| {
                let choices: Vec<String> = choices.into_iter().collect();
                let filled = Filled::Text(place.get(&choices).clone());
                keys(
                    format!("type = \"choice\"\nchoices = {choices:?}"),
                    filled,
                    true,
                )
            }),
        (-1000..1000_i64).prop_map(move |number| {
            let bounds = format!("type = \"number\"\nmin = {}\nmax = {number}", number - 1);
            keys(bounds, Filled::Text(number.to_string()), true)
        }),
        (prop::collection::vec(("[가-힣]{1,5}", "[가-힣]{1,30}", any::<bool>()), 1..4)).prop_map(
            move |files| {
                let count = files.len();
                let files = files.into_iter().map(|(name, text, is_cp949)| {
                    let (bytes, text) = if is_cp949 {
                        (cp949(KOREAN), KOREAN.to_owned())
                    } else {
                        (text.as_bytes().to_vec(), text)
                    };
                    (format!("{name}.txt"), bytes, text)
                });
                let filled = Filled::Files(files.collect());
                keys(
                    format!("type = \"file\"\nmax_files = {count}"),
                    filled,
                    true,
                )
            }
        ),
        Just(keys("type = \"file\"".to_owned(), Filled::Nothing, false)),
        Just(keys("type = \"number\"".to_owned(), Filled::Nothing, false)),
    ];
    prop::collection::vec(row, 1..8)
}

/// CP949, which is told by how likely its text is as Korean.
fn cp949(text: &str) -> Vec<u8> {
    let (bytes, _, is_wrong) = encoding_rs::EUC_KR.encode(text);
    assert!(!is_wrong, "{text}");
    bytes.into_owned()
}

fn outputs() -> impl Strategy<Value = Vec<Output>> {
    let row = prop_oneof![
        Just(Output::Answer),
        "[가-힣a-z ]{1,8}[a-z]".prop_map(Output::Member),
        Just(Output::Own),
        prop_oneof![Just("txt"), Just("md"), Just("csv")].prop_map(Output::File),
        Just(Output::Zip),
        Just(Output::Image),
    ];
    prop::collection::vec(row, 1..6).prop_map(|mut outputs| {
        // Where some are members of the answer, the others are none of it.
        if outputs
            .iter()
            .any(|output| matches!(output, Output::Member(_)))
        {
            for output in &mut outputs {
                if matches!(output, Output::Answer | Output::File(_)) {
                    *output = Output::Own;
                }
            }
        } else {
            outputs.push(Output::Answer);
        }
        outputs
    })
}

/// The definition's text; a ZIP needs a file input.
fn toml(inputs: &[Input], outputs: &[Output]) -> String {
    let all: String = (0..inputs.len())
        .map(|at| format!("[{{{{ In{at} }}}}]\n"))
        .collect();
    let mut toml =
        format!("name = \"any\"\nkind = \"multi-input\"\nllm = \"echo\"\nprompt = '''\n{all}'''\n");
    for (at, input) in inputs.iter().enumerate() {
        let Input {
            keys, is_required, ..
        } = input;
        toml.push_str(&format!(
            "[[inputs]]\nparam_name = \"In{at}\"\nrequired = {is_required}\n{keys}\n"
        ));
    }
    for (at, output) in outputs.iter().enumerate() {
        let keys = match output {
            Output::Answer => "type = \"text\"".to_owned(),
            Output::Member(name) => format!("type = \"text\"\nfield = {name:?}"),
            Output::Own => format!("type = \"text\"\nprompt = '''own\n{all}'''"),
            Output::File(extension) => {
                format!("type = \"file\"\nfile_name = \"결과 {{{{ In0 }}}}.{extension}\"")
            }
            Output::Zip => match file_input(inputs) {
                Some(input) => format!(
                    "type = \"file\"\neach = \"In{input}\"\nprompt = \"{{{{ file }}}}\"\nfile_name = \"a.zip\"\nentry_name = \"{{{{ file.stem }}}}.md\""
                ),
                None => format!("type = \"text\"\nprompt = '''own\n{all}'''"),
            },
            Output::Image => {
                "type = \"image\"\nprompt = \"https://example.com/{{ 1 if In0 else 2 }}.png\""
                    .to_owned()
            }
        };
        toml.push_str(&format!("[[outputs]]\nparam_name = \"Out{at}\"\n{keys}\n"));
    }
    toml
}

fn file_input(inputs: &[Input]) -> Option<usize> {
    let is_files = |input: &Input| input.keys.starts_with("type = \"file\"");
    inputs.iter().position(is_files)
}

fn form(inputs: &[Input]) -> FormBody {
    let fields = inputs.iter().enumerate();
    fields.fold(FormBody::new(), |form, (at, input)| match &input.filled {
        Filled::Nothing => form,
        Filled::Text(text) => form.text(&format!("In{at}"), text),
        Filled::Files(files) => files.iter().fold(form, |form, (name, bytes, _)| {
            form.file(&format!("In{at}"), name, bytes)
        }),
    })
}

/// What of an input must be seen.
fn seen(input: &Input) -> Vec<&str> {
    match &input.filled {
        Filled::Nothing => Vec::new(),
        Filled::Text(text) => vec![text],
        Filled::Files(files) => files.iter().map(|(.., text)| text.as_str()).collect(),
    }
}

async fn check(inputs: &[Input], outputs: &[Output]) {
    let toml = toml(inputs, outputs);
    let (app, _folder) = defined(&toml).await;
    let ui = json_of(app.get("/ui").await).await;
    for (key, prefix, count) in [
        ("inputs", "In", inputs.len()),
        ("outputs", "Out", outputs.len()),
    ] {
        let names = ui[key]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["paramName"].clone());
        let expected = (0..count).map(|at| Value::from(format!("{prefix}{at}")));
        assert_eq!(
            names.collect::<Vec<_>>(),
            expected.collect::<Vec<_>>(),
            "{toml}"
        );
    }
    let response = post(&app, "/chat-type-2", form(inputs)).await;
    let status = response.status();
    let answered = json_of(response).await;
    assert_eq!(status, 200, "{toml}\n{answered}");
    let answered = answered.as_array().unwrap();
    assert_eq!(answered.len(), outputs.len());
    for (at, (row, output)) in answered.iter().zip(outputs).enumerate() {
        assert_eq!(row["ParamName"], format!("Out{at}"));
        let value = row["Value"].as_str().unwrap().to_owned();
        let text = match output {
            Output::Answer | Output::Member(_) | Output::Own => value,
            Output::File("csv") | Output::Image => continue,
            Output::File(_) => String::from_utf8(app.download(&value).await).unwrap(),
            Output::Zip if file_input(inputs).is_none() => value,
            Output::Zip => {
                let bytes = app.download(&value).await;
                assert!(bytes.starts_with(b"PK"));
                continue;
            }
        };
        for part in inputs.iter().flat_map(seen) {
            assert!(text.contains(part), "{part} in Out{at}: {text}\n{toml}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_valid_definition_is_a_form_whose_inputs_all_arrive_and_whose_outputs_are_all_answered()
{
    let runtime = tokio::runtime::Handle::current();
    let run = move || {
        let config = Config {
            cases: 24,
            failure_persistence: None,
            ..Config::default()
        };
        let checked = TestRunner::new(config).run(&(inputs(), outputs()), |(inputs, outputs)| {
            runtime.block_on(check(&inputs, &outputs));
            Ok(())
        });
        checked.unwrap();
    };
    tokio::task::spawn_blocking(run).await.unwrap();
}

/// What a mistake does to a definition, and the key that must be told.
type Mistake = (fn(&str) -> String, &'static str);

/// One of those that people make.
fn mistakes() -> impl Strategy<Value = Mistake> {
    let mistakes: [Mistake; 12] = [
        (
            |toml| toml.replacen("name = \"any\"", "name = \" \"", 1),
            "name",
        ),
        (
            |toml| toml.replacen("name = \"any\"", "name = \"demo\"", 1),
            "name",
        ),
        (|toml| toml.replacen("name = \"any\"\n", "", 1), "name"),
        (
            |toml| toml.replacen("\"multi-input\"", "\"form\"", 1),
            "kind",
        ),
        (
            |toml| toml.replacen("llm = \"echo\"", "llm = \"nobody\"", 1),
            "llm",
        ),
        (
            |toml| toml.replacen("llm = \"echo\"", "max_text_length = 5", 1),
            "max_text_length",
        ),
        (|toml| toml.replacen("{{ In0 }}", "{{ Out }}", 1), "prompt"),
        (|toml| toml.replacen("{{ In0 }}", "{{ In0", 1), "prompt"),
        (
            |toml| toml.replacen("param_name = \"In0\"", "param_name = \"1n\"", 1),
            "param_name",
        ),
        (
            |toml| {
                toml.replacen(
                    "param_name = \"In0\"",
                    "param_name = \"In0\"\nmax_width = 1",
                    1,
                )
            },
            "max_width",
        ),
        (|toml| format!("{toml}type_ = 1\n"), "type_"),
        (
            |toml| format!("{toml}[[outputs]]\nparam_name = \"Out0\"\ntype = \"text\"\n"),
            "param_name",
        ),
    ];
    (0..mistakes.len()).prop_map(move |place| mistakes[place])
}

#[test]
fn any_invalid_definition_is_told_by_its_key() {
    let knows = |llm: &str| match llm {
        "demo" | "echo" => Ok(()),
        _ => Err(vec!["demo".to_owned(), "echo".to_owned()]),
    };
    let strategy = (inputs(), outputs(), mistakes());
    let checked = TestRunner::default().run(&strategy, |(inputs, outputs, (wrong, key))| {
        let toml = toml(&inputs, &outputs);
        prop_assert!(
            read_text(Path::new("any.toml"), &toml, &knows).is_ok(),
            "{toml}"
        );
        let Err(DefinitionErrors(errors)) = read_text(Path::new("any.toml"), &wrong(&toml), &knows)
        else {
            panic!("{key} is wrong")
        };
        let is_told = errors
            .iter()
            .any(|error| error.to_string().contains(&format!("`{key}`")));
        prop_assert!(is_told, "{key}: {errors:?}");
        Ok(())
    });
    checked.unwrap();
}
