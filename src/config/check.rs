//! From values to a [`Config`], or to the list of all that is wrong.

use std::rc::Rc;

use aicon_protocol::json::ReadJson;

use super::raw::{RawConfig, found};
use super::{
    ApiProtocol, Config, ConfigError, Expected, FormDefinition, Found, Localized, LoginConfig,
    Problem, Question, UiType,
};
use crate::json::Json;

const DEFAULT_MAX_TEXT_LENGTH: u64 = 4_000;
const DEFAULT_MAX_FILES: u64 = 4;
const DEFAULT_MAX_FILE_BYTES: u64 = 10 * 1024 * 1024;
/// Our server sends a keep-alive each 10 s; 15 s more without one means that nobody is there (promise R9).
const DEFAULT_STREAM_IDLE_SECONDS: u64 = 25;

/// The config, and what to ask the server before it counts.
pub(super) fn check(raw: RawConfig) -> Result<(Config, Option<Question>), ConfigError> {
    let mut reader = Reader::new(raw, String::new());
    let (ui, certainty) = reader.ui();
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
        accept: reader.extensions(),
        is_described: reader.raw.has_ui(),
        max_file_bytes: reader.count("maxFileBytes", 1, 1 << 30, DEFAULT_MAX_FILE_BYTES),
        stream_idle_seconds: reader.count("streamIdleSeconds", 5, 600, DEFAULT_STREAM_IDLE_SECONDS)
            as u32,
        frame_origins: reader.origins("frameOrigins"),
        ui,
        is_plain_text: reader.one_of("outputType", &["markdown", "text"]) == Some(1),
        api_protocol: match reader.one_of("apiProtocol", &["ai", "aicon", "auto"]) {
            Some(1) => ApiProtocol::Aicon,
            Some(2) => ApiProtocol::Auto,
            _ => ApiProtocol::Ai,
        },
    };
    if !reader.problems.is_empty() {
        return Err(ConfigError::Problems(reader.problems));
    }
    let client_id = reader.raw.get("clientId").and_then(|id| id.text());
    let question = certainty.map(|is_certain| Question {
        client_id: client_id.filter(|id| !id.is_empty()),
        is_certain,
    });
    Ok((config, question))
}

/// Takes values and notes what is wrong with them; reading goes on after one, so that all are looked at.
pub(super) struct Reader {
    pub(super) raw: RawConfig,
    /// What stands before each key in a problem.
    pub(super) at: String,
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

    /// What the user meets, and, where the server is asked for it, whether the file says so.
    fn ui(&mut self) -> (UiType, Option<bool>) {
        let has_rows = ["inputs", "outputs"].map(|key| self.raw.own(key).is_some());
        let own = self.one_of("uiType", &["chat", "multiInput", "auto"]);
        let certainty = match own {
            Some(0 | 1) => None,
            None if has_rows != [false; 2] => None,
            own => Some(own.is_some()),
        };
        const KINDS: &[&str] = &["chat", "multiInput"];
        let told = self.raw.told("uiType");
        let kind = match certainty {
            None => own.unwrap_or(1),
            Some(_) if told.is_none() && self.raw.has_ui() => {
                self.wrong_value("uiType", None, Expected::OneOf(KINDS));
                0
            }
            Some(_) => self.word("uiType", told, KINDS).unwrap_or_default(),
        };
        let (is_form, [has_inputs, has_outputs]) = (kind == 1, has_rows);
        // The file's own rows are looked at even where the server has not said yet what they belong to.
        let inputs = (is_form || has_inputs).then(|| self.inputs());
        let outputs = (is_form || has_outputs).then(|| self.outputs());
        let ui = match (inputs, outputs) {
            (Some(inputs), Some(outputs)) if is_form => {
                UiType::MultiInput(Rc::new(FormDefinition { inputs, outputs }))
            }
            _ => UiType::Chat,
        };
        (ui, certainty)
    }

    /// Which of the words stands there, in any case.
    pub(super) fn one_of(
        &mut self,
        key: &'static str,
        words: &'static [&'static str],
    ) -> Option<usize> {
        self.word(key, self.raw.get(key), words)
    }

    fn word(
        &mut self,
        key: &'static str,
        value: Option<Json>,
        words: &'static [&'static str],
    ) -> Option<usize> {
        let text = value.as_ref()?.text().unwrap_or_default();
        let at = words
            .iter()
            .position(|word| word.eq_ignore_ascii_case(text.trim()));
        if at.is_none() {
            self.wrong_value(key, value.as_ref(), Expected::OneOf(words));
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
        self.wrong_value(key, self.raw.get(key).as_ref(), expected);
    }

    fn wrong_value(&mut self, key: &'static str, value: Option<&Json>, expected: Expected) {
        let found = found(value);
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
#[path = "check_tests.rs"]
mod tests;
