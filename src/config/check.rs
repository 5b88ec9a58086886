//! From values to a [`Config`], or to the list of all that is wrong.

use std::rc::Rc;

use aicon_protocol::json::ReadJson;

use super::raw::{RawConfig, found};
use super::{
    ApiProtocol, Config, ConfigError, Expected, FormDefinition, Found, Localized, LoginConfig,
    Problem, UiType,
};
use crate::json::Json;

const DEFAULT_MAX_TEXT_LENGTH: u64 = 4_000;
const DEFAULT_MAX_FILES: u64 = 4;
const DEFAULT_MAX_FILE_BYTES: u64 = 10 * 1024 * 1024;
/// Our server sends a keep-alive each 10 s; 15 s more without one means that nobody is there (promise R9).
const DEFAULT_STREAM_IDLE_SECONDS: u64 = 25;

pub(super) fn check(raw: RawConfig) -> Result<Config, ConfigError> {
    let mut reader = Reader::new(raw, String::new());
    let config = Config {
        api_end_point: reader.end_point(),
        login: reader.login(),
        title: reader
            .localized("title")
            .unwrap_or_else(|| Localized::new("AI 모델", "AI model")),
        description: reader.localized("description").unwrap_or_default(),
        start_message: reader
            .localized("startMessage")
            .unwrap_or_else(|| Localized::new("무엇을 도와드릴까요?", "How can I help you?")),
        model: reader.optional_text("model"),
        max_text_length: reader.count("maxTextLength", 1, 10_000_000, DEFAULT_MAX_TEXT_LENGTH)
            as usize,
        max_files: reader.count("maxFiles", 0, 20, DEFAULT_MAX_FILES) as usize,
        max_file_bytes: reader.count("maxFileBytes", 1, 1 << 30, DEFAULT_MAX_FILE_BYTES),
        stream_idle_seconds: reader.count("streamIdleSeconds", 5, 600, DEFAULT_STREAM_IDLE_SECONDS)
            as u32,
        frame_origins: reader.origins("frameOrigins"),
        ui: reader.ui(),
        api_protocol: match reader.one_of("apiProtocol", &["ai", "aicon", "auto"]) {
            Some(1) => ApiProtocol::Aicon,
            Some(2) => ApiProtocol::Auto,
            _ => ApiProtocol::Ai,
        },
    };
    if reader.problems.is_empty() {
        Ok(config)
    } else {
        Err(ConfigError::Problems(reader.problems))
    }
}

/// Takes values and notes what is wrong with them; reading goes on after one, so that all are looked at.
pub(super) struct Reader {
    pub(super) raw: RawConfig,
    /// What stands before each key in a problem.
    at: String,
    pub(super) problems: Vec<Problem>,
}

impl Reader {
    pub(super) fn new(raw: RawConfig, at: String) -> Self {
        Self {
            raw,
            at,
            problems: Vec::new(),
        }
    }

    fn ui(&mut self) -> UiType {
        match self.one_of("uiType", &["chat", "multiInput"]) {
            Some(1) => UiType::MultiInput(Rc::new(FormDefinition {
                inputs: self.inputs(),
                outputs: self.outputs(),
            })),
            _ => UiType::Chat,
        }
    }

    /// Which of the words stands there, in any case.
    pub(super) fn one_of(
        &mut self,
        key: &'static str,
        words: &'static [&'static str],
    ) -> Option<usize> {
        let value = self.raw.get(key)?;
        let text = value.text().unwrap_or_default();
        let at = words
            .iter()
            .position(|word| word.eq_ignore_ascii_case(text.trim()));
        if at.is_none() {
            self.wrong(key, Expected::OneOf(words));
        }
        at
    }

    fn login(&mut self) -> Option<LoginConfig> {
        let is_off = self
            .raw
            .get("aiConLogin")
            .and_then(|value| value.text())
            .is_some_and(|text| text.trim().is_empty());
        if is_off {
            return None;
        }
        let login_url = self.url("aiConLogin", "https://aicon.or.kr/auth/login");
        let client_secret = self.secret("clientSecret");
        let aicon_api = match client_secret {
            Some(_) => self.url("aiConApiEndpoint", "https://api.aicon.or.kr/api"),
            None => self
                .optional_text("aiConApiEndpoint")
                .map(without_end_slash)
                .unwrap_or_default(),
        };
        Some(LoginConfig {
            login_url,
            aicon_api,
            client_id: self.text("clientId"),
            client_secret,
            authorization_grant: self
                .optional_text("authenGrantType")
                .unwrap_or_else(|| "authorization_code".to_owned()),
            refresh_grant: self
                .optional_text("refreshGrantType")
                .unwrap_or_else(|| "refresh_token".to_owned()),
            require_state: self.bool("requireState"),
        })
    }

    /// `/` is the page's own origin, where the server hosts the app too: paths below it then begin with nothing.
    fn end_point(&mut self) -> String {
        const KEY: &str = "apiEndPoint";
        match self.raw.get(KEY).and_then(|value| value.text()) {
            Some(text) if text.trim() == "/" => String::new(),
            _ => self.url(KEY, "https://api.provider.example"),
        }
    }

    pub(super) fn url(&mut self, key: &'static str, example: &'static str) -> String {
        let text = self
            .raw
            .get(key)
            .and_then(|value| value.text())
            .unwrap_or_default();
        if is_http_url(text.trim()) {
            return without_end_slash(text.trim().to_owned());
        }
        self.wrong(key, Expected::Url(example));
        String::new()
    }

    pub(super) fn text(&mut self, key: &'static str) -> String {
        let text = self
            .raw
            .get(key)
            .and_then(|value| value.text())
            .unwrap_or_default();
        if text.trim().is_empty() {
            self.wrong(key, Expected::Text);
        }
        text.trim().to_owned()
    }

    pub(super) fn optional_text(&mut self, key: &'static str) -> Option<String> {
        let value = self.raw.get(key)?;
        if value.text().is_some_and(|text| text.trim().is_empty()) {
            return None;
        }
        Some(self.text(key))
    }

    fn secret(&mut self, key: &'static str) -> Option<String> {
        match self.raw.get(key)?.text() {
            Some(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            None => {
                self.problems.push(Problem {
                    key: key.to_owned(),
                    found: Found::Secret,
                    expected: Expected::Text,
                });
                None
            }
        }
    }

    pub(super) fn bool(&mut self, key: &'static str) -> bool {
        let Some(value) = self.raw.get(key) else {
            return false;
        };
        if value.flag().is_none() {
            self.wrong(key, Expected::Bool);
        }
        value.flag().unwrap_or_default()
    }

    pub(super) fn count(&mut self, key: &'static str, min: u64, max: u64, default: u64) -> u64 {
        let Some(value) = self.raw.get(key) else {
            return default;
        };
        // The samples' authors write numbers as texts, too.
        let number = value
            .number()
            .filter(|number| number.trunc() == *number)
            .map(|number| number as u64);
        let count = value.text().map_or(number, |text| text.trim().parse().ok());
        match count {
            Some(count) if (min..=max).contains(&count) => count,
            _ => {
                self.wrong(key, Expected::Count { min, max });
                default
            }
        }
    }

    pub(super) fn localized(&mut self, key: &'static str) -> Option<Localized> {
        let value = self.raw.get(key)?;
        if let Some(text) = value.text() {
            return Some(Localized::same(&text));
        }
        let localized = match (value.text_of("ko"), value.text_of("en")) {
            (Some(ko), Some(en)) => Some(Localized::new(&ko, &en)),
            (Some(text), None) | (None, Some(text)) => Some(Localized::same(&text)),
            (None, None) => None,
        };
        if localized.is_none() {
            self.wrong(key, Expected::LocalizedText);
        }
        localized
    }

    fn origins(&mut self, key: &'static str) -> Vec<String> {
        let Some(value) = self.raw.get(key) else {
            return Vec::new();
        };
        let origin = |value: &Json| {
            value
                .text()
                .filter(|text| is_http_url(text))
                .map(without_end_slash)
        };
        let origins: Option<Vec<String>> = value
            .items()
            .and_then(|items| items.iter().map(origin).collect());
        if origins.is_none() {
            self.wrong(key, Expected::Origins);
        }
        origins.unwrap_or_default()
    }

    pub(super) fn wrong(&mut self, key: &'static str, expected: Expected) {
        let found = found(self.raw.get(key).as_ref());
        let key = [&self.at, key].concat();
        self.problems.push(Problem {
            key,
            found,
            expected,
        });
    }
}

fn without_end_slash(mut url: String) -> String {
    url.truncate(url.trim_end_matches('/').len());
    url
}

fn is_http_url(text: &str) -> bool {
    let rest = ["https://", "http://"].iter().find_map(|scheme| {
        let (head, rest) = text.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some(rest)
    });
    let Some(rest) = rest else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // A user in front of the host is how links pretend to be somewhere else.
    !host.is_empty()
        && !host.starts_with(':')
        && !host.contains('@')
        && !text.contains(|char: char| char.is_whitespace() || char == '\\')
}

#[cfg(test)]
mod tests {
    use super::super::{ConfigError, Expected, Found, parse};
    use super::is_http_url;
    use crate::i18n::Locale;

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

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            drop(parse(&text));
        }
    }
}
