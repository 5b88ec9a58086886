use aicon_microsite::config::{ConfigError, Found, parse};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn the_fixtures_are_read_by_the_browsers_parser() {
    for fixture in [
        include_str!("../wire/configs.guideline.json"),
        include_str!("../wire/configs.angular.json"),
        include_str!("../wire/appsettings.blazor.json"),
    ] {
        let config = parse(fixture).unwrap();
        assert_eq!(config.api_end_point, "https://api.provider.example");
        assert_eq!(config.login.unwrap().client_id, "Y2xpZW50LWZvci10ZXN0cw==");
    }
}

#[wasm_bindgen_test]
fn the_place_of_a_mistake_is_told() {
    assert_eq!(
        parse("{\n  \"a\" 1}"),
        Err(ConfigError::NotJson { at: Some((2, 7)) })
    );
}

#[wasm_bindgen_test]
fn wrong_values_are_told_as_they_stand_in_the_file() {
    let Err(ConfigError::Problems(problems)) =
        parse(r#"{"apiEndPoint":["x"],"aiConLogin":"","maxFiles":1.5}"#)
    else {
        panic!("the file is wrong");
    };
    let told: Vec<_> = problems
        .iter()
        .map(|problem| (problem.key.as_str(), problem.found.clone()))
        .collect();
    assert_eq!(
        told,
        [
            ("apiEndPoint", Found::Value("[\"x\"]".to_owned())),
            ("maxFiles", Found::Value("1.5".to_owned())),
        ]
    );
}

#[wasm_bindgen_test]
fn a_key_that_every_object_inherits_is_not_one_of_the_files() {
    let text = r#"{"apiEndPoint":"https://a.example","aiConLogin":"","toString":1,"__proto__":{"model":"x"}}"#;
    assert_eq!(parse(text).unwrap().model, None);
}
