use super::super::{ConfigError, Expected, Found, InputKind, UiType, parse, read};
use super::is_http_url;
use crate::api::{Dialect, known_dialect};
use crate::i18n::Locale;
use crate::json::Json;

#[test]
fn the_fixtures_of_the_guideline_and_the_samples_are_read_as_they_are() {
    for fixture in [
        include_str!("../../tests/wire/configs.guideline.json"),
        include_str!("../../tests/wire/configs.angular.json"),
        include_str!("../../tests/wire/appsettings.blazor.json"),
    ] {
        let config = parse(fixture).unwrap();
        assert_eq!(config.api_end_point, "https://api.provider.example");
        let login = config.login.unwrap();
        assert_eq!(login.login_url, "https://aicon.or.kr/auth/login");
        assert_eq!(login.aicon_api, "https://api.aicon.or.kr/api");
        assert_eq!(login.client_id, "Y2xpZW50LWZvci10ZXN0cw==");
        assert_eq!(login.client_secret, None);
        assert_eq!(login.authorization_grant, "authorization_code");
    }
}

#[test]
fn every_spelling_is_the_same_key() {
    for (api, login) in [
        ("aiConApiEndpoint", "aiConLogin"),
        ("aiConApiEndPoint", "aiconLogin"),
        ("aiconApiEndpoint", "kabLogin"),
        ("kABApiEndpoint", "AICONLogin"),
    ] {
        let text = format!(
            r#"{{"APIENDPOINT":"http://localhost:3000/","{api}":"https://a.example/api/","{login}":"https://a.example/login",
            "ClientID":"id=","clientsecret":"hush"}}"#
        );
        let config = parse(&text).unwrap();
        assert_eq!(config.api_end_point, "http://localhost:3000");
        let login = config.login.unwrap();
        assert_eq!(login.aicon_api, "https://a.example/api");
        assert_eq!(login.client_secret.as_deref(), Some("hush"));
    }
}

#[test]
fn all_problems_are_told_at_once_with_key_value_and_expectation() {
    let text = r#"{"apiEndPoint":"api.example","aiConLogin":"https://a.example/","maxFiles":"many","title":7}"#;
    let Err(ConfigError::Problems(problems)) = parse(text) else {
        panic!("the file is wrong")
    };
    let told: Vec<_> = problems
        .iter()
        .map(|problem| (problem.key.as_str(), problem.found.clone()))
        .collect();
    assert_eq!(
        told,
        [
            ("apiEndPoint", Found::Value("\"api.example\"".to_owned())),
            ("clientId", Found::Missing),
            ("title", Found::Value("7".to_owned())),
            ("maxFiles", Found::Value("\"many\"".to_owned())),
        ]
    );
    assert_eq!(problems[3].expected, Expected::Count { min: 0, max: 20 });
}

#[test]
fn a_secret_of_a_wrong_type_is_not_repeated() {
    let text = r#"{"apiEndPoint":"https://a.example","aiConLogin":"https://a.example","clientId":"x","clientSecret":{"k":"hush"}}"#;
    let Err(error) = parse(text) else {
        panic!("the file is wrong")
    };
    assert!(!format!("{error:?}").contains("hush"));
}

#[test]
fn an_empty_login_means_none_and_a_missing_one_is_a_problem() {
    assert_eq!(
        parse(r#"{"apiEndPoint":"http://127.0.0.1:3000","aiConLogin":""}"#)
            .unwrap()
            .login,
        None
    );
    assert!(parse(r#"{"apiEndPoint":"http://127.0.0.1:3000"}"#).is_err());
}

#[test]
fn a_slash_alone_is_the_page_s_own_origin() {
    let end_point = |value: &str| {
        let text = format!(r#"{{"apiEndPoint":"{value}","aiConLogin":""}}"#);
        parse(&text).map(|config| config.api_end_point)
    };
    assert_eq!(end_point("/").as_deref(), Ok(""));
    assert!(end_point("").is_err() && end_point("/api").is_err());
}

#[test]
fn a_web_page_and_broken_json_are_told_apart() {
    assert_eq!(parse("<!doctype html>"), Err(ConfigError::WebPage));
    assert_eq!(
        parse("{\n  \"a\" 1}"),
        Err(ConfigError::NotJson { at: Some((2, 7)) })
    );
    assert!(matches!(parse("[]"), Err(ConfigError::Problems(_))));
}

#[test]
fn texts_come_in_one_language_or_two() {
    let config = parse(
        r#"{"apiEndPoint":"https://a.example","aiConLogin":"","title":{"ko":"번역기","en":"Translator"},"description":"둘"}"#,
    );
    let config = config.unwrap();
    assert_eq!(&*config.title.get(Locale::En), "Translator");
    assert_eq!(&*config.description.get(Locale::En), "둘");
}

#[test]
fn urls_that_pretend_are_refused() {
    for url in [
        "https://",
        "http://:80",
        "https://a.example@evil.example",
        "https://a b",
        "javascript:alert(1)",
        "//a.example",
        "https:\\\\a",
    ] {
        assert!(!is_http_url(url), "{url}");
    }
}

/// A file with these members and what the server told, as the app reads both.
fn with_ui(members: &str, ui: &str) -> Result<super::super::Config, ConfigError> {
    let file = format!(r#"{{"apiEndPoint":"https://a.example","aiConLogin":""{members}}}"#);
    let (_, question) = read(&file, None)?;
    assert!(question.is_some(), "the server is asked");
    read(&file, Some(Json::parse(ui).unwrap())).map(|(config, _)| config)
}

#[test]
fn the_server_is_asked_where_the_file_leaves_it_open() {
    let question = |members: &str| {
        let file = format!(r#"{{"apiEndPoint":"https://a.example","aiConLogin":"",{members}}}"#);
        read(&file, None).unwrap().1
    };
    let rows =
        r#""inputs":[{"type":"text","paramName":"a"}],"outputs":[{"type":"text","paramName":"b"}]"#;
    assert!(question(r#""uiType":"chat""#).is_none());
    assert!(question(&format!(r#""uiType":"multiInput",{rows}"#)).is_none());
    assert!(question(rows).is_none());
    assert!(!question(r#""clientId":"x=""#).unwrap().is_certain);
    let certain = question(r#""uiType":"AUTO","clientId":"x=""#).unwrap();
    assert!(certain.is_certain);
    assert_eq!(certain.client_id.as_deref(), Some("x="));
}

#[test]
fn a_form_of_the_server_is_read_as_one_of_the_file() {
    let ui = include_str!("../../tests/wire/ui.multi-input.json");
    let config = with_ui("", ui).unwrap();
    let UiType::MultiInput(form) = config.ui else {
        panic!("a form")
    };
    let names: Vec<&str> = form.inputs.iter().map(|row| &*row.param_name).collect();
    assert_eq!(
        names,
        ["InputText", "Style", "TargetLanguage", "Count", "Documents"]
    );
    assert_eq!(&*form.inputs[0].label.get(Locale::Ko), "원문");
    assert_eq!(
        &*form.inputs[0].help.get(Locale::En),
        "Paste the text here."
    );
    assert!(form.inputs[0].required && !form.inputs[1].required);
    let InputKind::Choice(choices) = &form.inputs[2].kind else {
        panic!("a list")
    };
    assert_eq!(&*choices[1].label.get(Locale::En), "Japanese");
    assert_eq!(
        form.inputs[3].kind,
        InputKind::Number {
            min: Some(1.0),
            max: Some(2.5)
        }
    );
    let InputKind::File {
        accept,
        max_bytes,
        max_files,
    } = &form.inputs[4].kind
    else {
        panic!("files")
    };
    assert_eq!((accept.len(), *max_bytes, *max_files), (2, 1_000_000, 3));
    assert_eq!(form.outputs.len(), 2);
    assert_eq!(config.model.as_deref(), Some("wire-form"));
    assert_eq!(&*config.title.get(Locale::En), "Translator");
}

#[test]
fn a_conversation_of_the_server_brings_its_limits_and_the_file_has_the_last_word() {
    let ui = include_str!("../../tests/wire/ui.chat.json");
    let config = with_ui("", ui).unwrap();
    assert_eq!(config.ui, UiType::Chat);
    assert_eq!((config.max_files, config.max_text_length), (2, 500));
    assert!(config.is_plain_text && config.is_described);
    let formats = crate::api::attachment_formats(&config);
    assert!(
        ["pdf", "csv", "webp"]
            .iter()
            .all(|one| formats.contains(one))
    );
    assert_eq!(
        &*config.start_message.get(Locale::Ko),
        "무엇을 도와드릴까요?"
    );
    let auto = with_ui(r#","apiProtocol":"auto""#, ui).unwrap();
    assert_eq!(known_dialect(&auto), Some(Dialect::Ai));
    let config = with_ui(
        r#","maxFiles":0,"model":"mine","outputType":"markdown""#,
        ui,
    )
    .unwrap();
    assert_eq!((config.max_files, config.max_text_length), (0, 500));
    assert_eq!(config.model.as_deref(), Some("mine"));
    assert!(!config.is_plain_text);
}

#[test]
fn what_is_wrong_with_the_servers_word_is_told_like_what_is_wrong_with_the_file() {
    for (ui, key) in [
        (r#"{"title":"x"}"#, "uiType"),
        (r#"{"uiType":"form"}"#, "uiType"),
        (
            r#"{"uiType":"multiInput","outputs":[{"type":"text","paramName":"a"}]}"#,
            "inputs",
        ),
        (r#"{"uiType":"chat","maxFiles":"many"}"#, "maxFiles"),
    ] {
        let Err(ConfigError::Problems(problems)) = with_ui(r#","uiType":"auto""#, ui) else {
            panic!("{ui} is wrong")
        };
        assert_eq!(problems[0].key, key);
    }
}

#[test]
fn the_server_has_no_say_in_where_tokens_go() {
    let ui = r#"{"uiType":"chat","aiConLogin":"https://evil.example","apiEndPoint":"https://evil.example",
        "clientSecret":"x","frameOrigins":["https://evil.example"],"apiProtocol":"aicon"}"#;
    let config = with_ui("", ui).unwrap();
    assert_eq!(config.api_end_point, "https://a.example");
    assert_eq!(config.login, None);
    assert!(config.frame_origins.is_empty());
    assert_eq!(config.api_protocol, super::super::ApiProtocol::Ai);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}") {
        drop(parse(&text));
    }
}
