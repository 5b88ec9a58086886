//! The file as people write it: comments, a byte order mark, trailing commas, every spelling of the official samples,
//! and the Blazor sample's nesting.

use aicon_protocol::json::ReadJson;

use super::{ConfigError, Expected, Found, Problem};
use crate::json::Json;

/// Spellings that the guideline and the samples use, in lower case, first ours (`aicon.md` 2).
const SPELLINGS: [(&str, &[&str]); 4] = [
    ("paramName", &["paramname", "parametername"]),
    ("aiConApiEndpoint", &["aiconapiendpoint", "kabapiendpoint"]),
    ("aiConLogin", &["aiconlogin", "kablogin"]),
    ("authenGrantType", &["authengranttype", "authngranttype"]),
];

/// The Blazor sample's nesting.
const NEST: &str = "DomainSettings";

/// What the server's `/ui` may tell; what the file says of these counts more.
const TOLD_KEYS: [&str; 11] = [
    "accept",
    "title",
    "description",
    "startMessage",
    "model",
    "maxTextLength",
    "maxFiles",
    "maxFileBytes",
    "outputType",
    "inputs",
    "outputs",
];

/// The file's keys and values, whatever their spelling.
pub(super) struct RawConfig {
    /// The nest's members come before those around it.
    objects: Vec<Json>,
    /// What the server told.
    ui: Option<Json>,
}

impl RawConfig {
    /// A row of a list.
    pub(super) fn row(row: Json) -> Self {
        Self {
            objects: vec![row],
            ui: None,
        }
    }

    /// With what the server told.
    pub(super) fn with_ui(mut self, ui: Option<Json>) -> Self {
        self.ui = ui;
        self
    }

    /// A row that is a text.
    pub(super) fn as_text(&self) -> Option<String> {
        self.objects.first()?.text()
    }

    /// The value of `key`, from the file, else from the server; `null` counts as absent.
    pub(super) fn get(&self, key: &'static str) -> Option<Json> {
        let told = || self.told(key).filter(|_| TOLD_KEYS.contains(&key));
        self.own(key).or_else(told)
    }

    /// Whether the server told anything.
    pub(super) fn has_ui(&self) -> bool {
        self.ui.is_some()
    }

    /// The value of `key` from the server.
    pub(super) fn told(&self, key: &'static str) -> Option<Json> {
        self.ui.as_ref()?.member(key)
    }

    /// The value of `key` from the file.
    pub(super) fn own(&self, key: &'static str) -> Option<Json> {
        let spelled = SPELLINGS
            .iter()
            .find(|(known, _)| *known == key)
            .map(|(_, spellings)| *spellings);
        let matches = |found: &str| match spelled {
            Some(spellings) => spellings
                .iter()
                .any(|spelling| spelling.eq_ignore_ascii_case(found)),
            None => key.eq_ignore_ascii_case(found),
        };
        let member = |object: &Json| {
            object
                .keys()?
                .iter()
                .filter(|found| matches(found))
                .find_map(|found| object.member(found))
        };
        self.objects.iter().find_map(member)
    }
}

pub(super) fn read(text: &str) -> Result<RawConfig, ConfigError> {
    let root = root(text)?;
    let nest = root.keys().unwrap_or_default();
    let nest = nest.iter().find(|key| key.eq_ignore_ascii_case(NEST));
    let nest = nest
        .and_then(|key| root.member(key))
        .filter(|nest| nest.keys().is_some());
    Ok(RawConfig {
        objects: nest.into_iter().chain([root]).collect(),
        ui: None,
    })
}

/// The text as one object.
pub(super) fn root(text: &str) -> Result<Json, ConfigError> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('<') {
        return Err(ConfigError::WebPage);
    }
    let root = Json::parse(&without_comments(text))
        .map_err(|error| ConfigError::NotJson { at: error.at })?;
    if root.keys().is_some() {
        return Ok(root);
    }
    Err(ConfigError::Problems(vec![Problem {
        key: "{ }".to_owned(),
        found: found(Some(&root)),
        expected: Expected::Object,
    }]))
}

/// What a wrong value looks like to its author.
pub(super) fn found(value: Option<&Json>) -> Found {
    const READABLE: usize = 80;
    match value {
        None => Found::Missing,
        Some(value) if value.text().is_some_and(|text| text.trim().is_empty()) => Found::Empty,
        Some(value) => {
            let text = value.to_text();
            let mut short: String = text.chars().take(READABLE).collect();
            if short.len() < text.len() {
                short.push('…');
            }
            Found::Value(short)
        }
    }
}

/// Blanks out `//` and `/* */` comments and commas before a closing bracket; every line and column stays in place, so
/// that an error's position is right.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let mut in_string = false;
    let mut pending_comma: Option<usize> = None;
    while let Some(char) = rest.next() {
        if in_string {
            out.push(char);
            match char {
                '\\' => out.extend(rest.next()),
                '"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match (char, rest.peek()) {
            ('/', Some('/')) => {
                out.push(' ');
                while let Some(char) = rest.next_if(|&char| char != '\n') {
                    blank(char, &mut out);
                }
                continue;
            }
            ('/', Some('*')) => {
                out.push(' ');
                let mut before = ' ';
                for char in rest.by_ref() {
                    blank(char, &mut out);
                    if before == '*' && char == '/' {
                        break;
                    }
                    before = char;
                }
                continue;
            }
            _ => {}
        }
        match char {
            ',' => pending_comma = Some(out.len()),
            '}' | ']' => {
                if let Some(comma) = pending_comma.take() {
                    out.replace_range(comma..=comma, " ");
                }
            }
            char if char.is_whitespace() => {}
            _ => pending_comma = None,
        }
        in_string = char == '"';
        out.push(char);
    }
    out
}

fn blank(char: char, out: &mut String) {
    out.push(if char == '\n' { '\n' } else { ' ' });
}

#[cfg(test)]
mod tests {
    use aicon_protocol::json::ReadJson;

    use super::without_comments;
    use crate::json::Json;

    #[test]
    fn comments_go_and_positions_stay() {
        let text = "{ // one\n  \"a\": \"//no\", /* two\n three */ \"b\": \"\\\"/*\",\n}";
        let blanked = without_comments(text);
        assert_eq!(blanked.lines().count(), text.lines().count());
        let json = Json::parse(&blanked).unwrap();
        assert_eq!(json.text_of("a").unwrap(), "//no");
        assert_eq!(json.text_of("b").unwrap(), "\"/*");
    }

    #[test]
    fn a_comma_before_a_bracket_is_forgiven_and_one_between_values_is_kept() {
        let json = Json::parse(&without_comments("[1, [2 , ] , 3,\n]")).unwrap();
        assert_eq!(json.to_text(), "[1,[2],3]");
    }

    #[test]
    fn an_open_comment_or_string_ends_with_the_text() {
        without_comments("{ /* never closed");
        without_comments("{ \"never closed \\");
    }
}
