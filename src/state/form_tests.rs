use super::super::form_check::FieldProblem;
use super::super::form_saved::{runs_of, runs_text, values_of, values_text};
use super::*;
use crate::config::{Choice, Localized, OutputRow};

fn row(param_name: &str, required: bool, kind: InputKind) -> InputRow {
    InputRow {
        param_name: param_name.into(),
        label: Localized::same(param_name),
        help: Localized::default(),
        required,
        kind,
    }
}

fn form() -> Form {
    let text = InputKind::Text {
        max_length: 5,
        is_long: false,
    };
    let file = InputKind::File {
        accept: vec!["csv".into(), "pdf".into()],
        max_bytes: 10,
        max_files: 2,
    };
    let choice = Choice {
        value: "ko".into(),
        label: Localized::same("한국어"),
    };
    let number = InputKind::Number {
        min: Some(1.0),
        max: Some(2.5),
    };
    Form::new(Rc::new(FormDefinition {
        inputs: vec![
            row("text", true, text),
            row("files", false, file),
            row("to", false, InputKind::Choice(vec![choice])),
            row("number", false, number),
        ],
        outputs: vec![OutputRow {
            param_name: "out".into(),
            label: Localized::same("out"),
            kind: OutputKind::Text,
        }],
    }))
}

fn file(name: &str, size: u64) -> ChosenFile {
    ChosenFile {
        key: name.into(),
        name: name.into(),
        size,
        is_lost: false,
    }
}

fn problem_of_files(files: Vec<ChosenFile>) -> Option<FieldProblem> {
    let mut form = form();
    form.reduce(FormAction::Chosen(1, files));
    form.problem(1)
}

fn problem_of_text(row: usize, text: &str) -> Option<FieldProblem> {
    let mut form = form();
    form.reduce(FormAction::Entered(row, text.into()));
    form.problem(row)
}

#[test]
fn each_field_says_what_is_wrong_with_it() {
    assert_eq!(problem_of_text(0, "  "), Some(FieldProblem::Required));
    assert_eq!(problem_of_text(0, "안녕하세요"), None);
    assert_eq!(
        problem_of_text(0, "안녕하세요!"),
        Some(FieldProblem::TooLong(1))
    );
    assert_eq!(problem_of_text(2, ""), None);
    assert_eq!(problem_of_text(2, "ko"), None);
    assert_eq!(problem_of_text(2, "xx"), Some(FieldProblem::Required));
    for (text, problem) in [
        ("1", None),
        ("2.5", None),
        ("0.9", Some(FieldProblem::TooSmall(1.0))),
        ("3", Some(FieldProblem::TooLarge(2.5))),
        ("two", Some(FieldProblem::NotANumber)),
        ("inf", Some(FieldProblem::NotANumber)),
        ("1e3", Some(FieldProblem::NotANumber)),
    ] {
        assert_eq!(problem_of_text(3, text), problem, "{text}");
    }
    assert_eq!(problem_of_files(vec![file("표.CSV", 10)]), None);
    assert_eq!(
        problem_of_files(vec![file("a.exe", 1)]),
        Some(FieldProblem::WrongType("a.exe".into()))
    );
    assert_eq!(
        problem_of_files(vec![file("a.pdf", 11)]),
        Some(FieldProblem::TooBig("a.pdf".into(), 10))
    );
    assert_eq!(
        problem_of_files(vec![file("a.pdf", 0)]),
        Some(FieldProblem::Empty("a.pdf".into()))
    );
    let three = ["a.pdf", "b.pdf", "c.pdf"].map(|name| file(name, 1)).into();
    assert_eq!(problem_of_files(three), Some(FieldProblem::TooManyFiles(2)));
}

#[test]
fn the_first_wrong_field_is_found_and_a_run_clears_the_marks() {
    let mut form = form();
    assert_eq!(form.first_problem(), Some(0));
    form.reduce(FormAction::Checked);
    form.reduce(FormAction::Entered(0, "hi".into()));
    assert_eq!(form.first_problem(), None);
    form.reduce(FormAction::Started);
    assert!(form.is_running());
    form.reduce(FormAction::Finished(Run {
        at: 1,
        values: form.named_values(),
        outputs: vec![Output::new("out", OutputKind::Text, "**hi**")],
    }));
    assert!(!form.is_running() && !form.is_checked);
    assert_eq!(form.values[0], Value::Text("hi".into()));
}

#[test]
fn a_failed_or_cancelled_run_keeps_every_value() {
    let mut form = form();
    form.reduce(FormAction::Entered(0, "hi".into()));
    form.reduce(FormAction::Chosen(1, vec![file("a.pdf", 1)]));
    let before = form.values.clone();
    form.reduce(FormAction::Started);
    form.reduce(FormAction::Failed(Some(Fault::Network)));
    assert!(form.values == before && form.fault == Some(Fault::Network));
    form.reduce(FormAction::Progressed(Progress::Working));
    assert!(!form.is_running(), "a late sign of progress is nothing");
}

#[test]
fn values_and_runs_come_back_and_only_to_their_owner() {
    let mut form = form();
    form.reduce(FormAction::Entered(0, "값".into()));
    form.reduce(FormAction::Chosen(1, vec![file("보고서.pdf", 1)]));
    let text = values_text("a", &form.named_values());
    assert_eq!(values_of(&text, "a").unwrap(), form.named_values());
    assert!(values_of(&text, "b").is_none());
    let mut archive = Output::new("", OutputKind::File, "blob:x");
    archive.kept = Some("k".into());
    let run = Run {
        at: 7,
        values: form.named_values(),
        outputs: vec![Output::new("out", OutputKind::Text, "글"), archive],
    };
    let runs = runs_of(&runs_text(&[Rc::new(run)]));
    assert_eq!((runs[0].at, &*runs[0].outputs[0].value), (7, "글"));
    assert_eq!(&*runs[0].outputs[1].value, "");
    assert_eq!(runs[0].outputs[1].kept.as_deref(), Some("k"));
}

#[test]
fn values_of_another_definition_find_their_fields_by_name_and_do_not_change_a_fields_kind() {
    let mut form = form();
    let names: Vec<Rc<str>> = form
        .named_values()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    form.reduce(FormAction::Restored(vec![
        (names[0].clone(), Value::Files(vec![file("a.pdf", 1)])),
        (names[1].clone(), Value::Text("x".into())),
        ("gone".into(), Value::Text("x".into())),
    ]));
    assert!(form.values == Form::new(form.definition.clone()).values);
    // The last field was the first one when the value was kept.
    let last = names.len() - 1;
    form.reduce(FormAction::Restored(vec![(
        names[last].clone(),
        Value::Text("7".into()),
    )]));
    assert_eq!(form.values[last], Value::Text("7".into()));
}

#[test]
fn a_files_share_is_told_by_where_the_transfer_stands_in_the_body() {
    // Two files of 1000 bytes, 300 bytes of heads and boundaries.
    let sizes = [1_000, 1_000];
    assert_eq!(sent_percents(&sizes, 0, 2_300), [0, 0]);
    assert_eq!(sent_percents(&sizes, 600, 2_300), [50, 0]);
    assert_eq!(sent_percents(&sizes, 1_100, 2_300), [100, 0]);
    assert_eq!(sent_percents(&sizes, 1_700, 2_300), [100, 50]);
    assert_eq!(sent_percents(&sizes, 2_300, 2_300), [100, 100]);
    assert_eq!(sent_percents(&[0], 10, 20), [100]);
    assert!(sent_percents(&[], 10, 20).is_empty());
}

#[test]
fn who_looks_at_a_run_goes_on_looking_at_it_while_another_is_forgotten() {
    let mut form = form();
    for at in 1..=3 {
        form.reduce(FormAction::Finished(Run {
            at,
            values: Vec::new(),
            outputs: Vec::new(),
        }));
    }
    form.reduce(FormAction::Shown(1));
    form.reduce(FormAction::RunForgotten(0));
    assert_eq!(form.shown_run().unwrap().at, 2);
    form.reduce(FormAction::RunForgotten(0));
    assert_eq!(form.shown_run().unwrap().at, 1);
    form.reduce(FormAction::RunForgotten(7));
    form.reduce(FormAction::RunForgotten(0));
    assert!(form.shown_run().is_none());
}

#[test]
fn the_last_word_about_a_file_counts() {
    let mut form = form();
    form.reduce(FormAction::Measured("u".into(), FileFacts::Size(3)));
    form.reduce(FormAction::Measured("u".into(), FileFacts::Gone));
    assert_eq!(form.facts_of("u"), Some(FileFacts::Gone));
    assert_eq!(form.facts_of("v"), None);
}
