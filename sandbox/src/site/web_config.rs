//! The part of `web.config` that front ends use: MIME types, rewrite rules, response headers.
//!
//! What IIS has beyond that is passed over where it cannot change an answer that matters here, and an error in
//! `<rewrite>`, where passing over would make the sandbox kinder than AICON.

mod cache;
mod element;

use regex::{Regex, RegexBuilder};

use super::mime::MimeChange;
use cache::CacheRule;
use element::Element;

/// What a `web.config` asks for.
#[derive(Debug, Default)]
pub(super) struct WebConfig {
    pub(super) mime_changes: Vec<MimeChange>,
    pub(super) rules: Vec<RewriteRule>,
    pub(super) added_headers: Vec<(String, String)>,
    pub(super) removed_headers: Vec<String>,
    cache_rules: Vec<CacheRule>,
}

/// A `<rule>` that rewrites to a fixed path, or stops when it has no target.
#[derive(Debug)]
pub(super) struct RewriteRule {
    pattern: Regex,
    is_negated: bool,
    conditions: Vec<Condition>,
    matches_any: bool,
    target: Option<String>,
    stops: bool,
}

#[derive(Debug)]
struct Condition {
    test: Test,
    is_negated: bool,
}

#[derive(Debug)]
enum Test {
    IsFile,
    IsDirectory,
    RequestUri(Regex),
}

/// What a request is, as far as conditions ask.
#[derive(Clone, Copy, Debug)]
pub(super) struct Requested<'a> {
    /// Decoded, without the leading slash.
    pub(super) path: &'a str,
    pub(super) is_file: bool,
    pub(super) is_directory: bool,
}

/// Why IIS would answer 500.19, or the sandbox cannot follow.
#[derive(Debug, thiserror::Error)]
pub(super) enum WebConfigError {
    #[error("failed to read `web.config`: {0}")]
    Xml(String),
    #[error("`<{element}>` lacks the attribute `{attribute}`")]
    MissingAttribute {
        element: String,
        attribute: &'static str,
    },
    #[error("`{0}` is beyond what the sandbox understands of `<rewrite>`")]
    Unsupported(String),
    #[error("`{pattern}` is no pattern: {reason}")]
    Pattern { pattern: String, reason: String },
    #[error("`{0}` is no time span of the form [days.]hours:minutes:seconds")]
    TimeSpan(String),
    #[error("the response header `{0}` is added twice")]
    DuplicateHeader(String),
}

impl WebConfig {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, WebConfigError> {
        let text =
            std::str::from_utf8(bytes).map_err(|error| WebConfigError::Xml(error.to_string()))?;
        let root = element::parse(text)?;
        let mut config = Self::default();
        for (path, server) in web_servers(&root) {
            config.read_caching(path, server)?;
            // Of what IIS lets a part of the site have for itself, only the caching matters to a bundle.
            if !path.is_empty() {
                continue;
            }
            config.read_static_content(server)?;
            config.read_headers(server)?;
            for rule in server
                .descend(&["rewrite", "rules"])
                .flat_map(|rules| &rules.children)
            {
                config.rules.extend(RewriteRule::read(rule)?);
            }
        }
        Ok(config)
    }

    /// Where a request is led, if a rule leads it elsewhere: a path without the leading slash.
    pub(super) fn rewrite(&self, requested: Requested<'_>) -> Option<&str> {
        for rule in self.rules.iter().filter(|rule| rule.applies(requested)) {
            if let Some(target) = &rule.target {
                return Some(target);
            }
            if rule.stops {
                return None;
            }
        }
        None
    }

    /// `Cache-Control` of a file, if the site sends one.
    pub(super) fn cache_control(&self, path: &str) -> Option<&str> {
        CacheRule::header_of(&self.cache_rules, path)
    }

    fn read_caching(&mut self, path: &str, server: &Element) -> Result<(), WebConfigError> {
        for cache in server.descend(&["staticContent", "clientCache"]) {
            self.cache_rules.extend(CacheRule::read(path, cache)?);
        }
        Ok(())
    }

    fn read_static_content(&mut self, server: &Element) -> Result<(), WebConfigError> {
        for entry in server
            .descend(&["staticContent"])
            .flat_map(|content| &content.children)
        {
            let change = match entry.name.as_str() {
                "mimeMap" => MimeChange::Add {
                    extension: entry.required("fileExtension")?.to_owned(),
                    kind: entry.required("mimeType")?.to_owned(),
                },
                "remove" => MimeChange::Remove {
                    extension: entry.required("fileExtension")?.to_owned(),
                },
                "clear" => MimeChange::Clear,
                _ => continue,
            };
            self.mime_changes.push(change);
        }
        Ok(())
    }

    fn read_headers(&mut self, server: &Element) -> Result<(), WebConfigError> {
        for entry in server
            .descend(&["httpProtocol", "customHeaders"])
            .flat_map(|headers| &headers.children)
        {
            match entry.name.as_str() {
                "add" => {
                    let name = entry.required("name")?;
                    if self
                        .added_headers
                        .iter()
                        .any(|(known, _)| known.eq_ignore_ascii_case(name))
                    {
                        return Err(WebConfigError::DuplicateHeader(name.to_owned()));
                    }
                    self.added_headers
                        .push((name.to_owned(), entry.required("value")?.to_owned()));
                }
                "remove" => self
                    .removed_headers
                    .push(entry.required("name")?.to_owned()),
                "clear" => self.added_headers.clear(),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Each `<system.webServer>` with the path of its `<location>`; empty for the whole site.
fn web_servers(root: &Element) -> impl Iterator<Item = (&str, &Element)> {
    let of_locations = root
        .children
        .iter()
        .filter(|element| element.name == "location")
        .flat_map(|location| {
            let path = location
                .attribute("path")
                .filter(|&path| path != ".")
                .unwrap_or_default();
            location.children.iter().map(move |child| (path, child))
        });
    let of_site = root.children.iter().map(|child| ("", child));
    of_site
        .chain(of_locations)
        .filter(|(_, element)| element.name == "system.webServer")
}

impl RewriteRule {
    /// Nothing for a rule that is switched off, and for `<clear/>`.
    fn read(rule: &Element) -> Result<Option<Self>, WebConfigError> {
        if rule.name == "clear"
            || rule.name == "remove"
            || rule.attribute("enabled") == Some("false")
        {
            return Ok(None);
        }
        if rule.name != "rule"
            || rule
                .attribute("patternSyntax")
                .is_some_and(|syntax| syntax != "ECMAScript")
        {
            return Err(WebConfigError::Unsupported(rule.to_string()));
        }
        let Some(pattern) = rule.child("match") else {
            return Err(WebConfigError::MissingAttribute {
                element: "rule".to_owned(),
                attribute: "match",
            });
        };
        let conditions = rule.child("conditions");
        let tests = conditions.map_or(&[][..], |conditions| &conditions.children);
        let (target, stops) = read_action(rule)?;
        Ok(Some(Self {
            pattern: compile(pattern, pattern.required("url")?)?,
            is_negated: pattern.is_true("negate"),
            conditions: tests
                .iter()
                .map(Condition::read)
                .collect::<Result<_, _>>()?,
            matches_any: conditions
                .is_some_and(|list| list.attribute("logicalGrouping") == Some("MatchAny")),
            target,
            stops: stops || rule.is_true("stopProcessing"),
        }))
    }

    fn applies(&self, requested: Requested<'_>) -> bool {
        if self.pattern.is_match(requested.path) == self.is_negated {
            return false;
        }
        let mut met = self
            .conditions
            .iter()
            .map(|condition| condition.is_met(requested));
        match (self.conditions.is_empty(), self.matches_any) {
            (true, _) => true,
            (false, true) => met.any(|is_met| is_met),
            (false, false) => met.all(|is_met| is_met),
        }
    }
}

fn read_action(rule: &Element) -> Result<(Option<String>, bool), WebConfigError> {
    let Some(action) = rule.child("action") else {
        return Err(WebConfigError::MissingAttribute {
            element: "rule".to_owned(),
            attribute: "action",
        });
    };
    match action.attribute("type") {
        Some("None") => Ok((None, true)),
        Some("Rewrite") => {
            let url = action.required("url")?;
            if url.contains(['{', '?']) || url.contains("://") {
                return Err(WebConfigError::Unsupported(action.to_string()));
            }
            Ok((
                Some(
                    url.trim_start_matches(['~', '.'])
                        .trim_start_matches('/')
                        .to_owned(),
                ),
                true,
            ))
        }
        _ => Err(WebConfigError::Unsupported(action.to_string())),
    }
}

impl Condition {
    fn read(condition: &Element) -> Result<Self, WebConfigError> {
        let is_negated = condition.is_true("negate");
        let test = match (
            condition.required("input")?,
            condition.attribute("matchType"),
        ) {
            ("{REQUEST_FILENAME}", Some("IsFile")) => Test::IsFile,
            ("{REQUEST_FILENAME}", Some("IsDirectory")) => Test::IsDirectory,
            ("{REQUEST_URI}" | "{PATH_INFO}" | "{URL}", None | Some("Pattern")) => {
                Test::RequestUri(compile(condition, condition.required("pattern")?)?)
            }
            _ => return Err(WebConfigError::Unsupported(condition.to_string())),
        };
        Ok(Self { test, is_negated })
    }

    fn is_met(&self, requested: Requested<'_>) -> bool {
        let is_true = match &self.test {
            Test::IsFile => requested.is_file,
            Test::IsDirectory => requested.is_directory,
            Test::RequestUri(pattern) => pattern.is_match(&format!("/{}", requested.path)),
        };
        is_true != self.is_negated
    }
}

/// Patterns ignore case unless they say otherwise.
fn compile(element: &Element, pattern: &str) -> Result<Regex, WebConfigError> {
    RegexBuilder::new(pattern)
        .case_insensitive(element.attribute("ignoreCase") != Some("false"))
        .build()
        .map_err(|error| WebConfigError::Pattern {
            pattern: pattern.to_owned(),
            reason: error.to_string(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMON: &str = r#"<?xml version="1.0" encoding="utf-8"?>
        <configuration><system.webServer>
          <staticContent><remove fileExtension=".wasm" /><mimeMap fileExtension=".wasm" mimeType="application/wasm" /></staticContent>
          <httpProtocol><customHeaders><add name="X-Test" value="a &amp; b" /><remove name="X-Powered-By" /></customHeaders></httpProtocol>
          <rewrite><rules><rule name="app" stopProcessing="true">
            <match url=".*" />
            <conditions logicalGrouping="MatchAll">
              <add input="{REQUEST_FILENAME}" matchType="IsFile" negate="true" />
              <add input="{REQUEST_FILENAME}" matchType="IsDirectory" negate="true" />
              <add input="{REQUEST_URI}" pattern="^/(api)" negate="true" />
            </conditions>
            <action type="Rewrite" url="/index.html" />
          </rule></rules></rewrite>
        </system.webServer></configuration>"#;

    fn requested(path: &str) -> Requested<'_> {
        Requested {
            path,
            is_file: false,
            is_directory: false,
        }
    }

    #[test]
    fn the_common_form_leads_every_path_that_is_no_file_to_the_app() {
        let config = WebConfig::parse(COMMON.as_bytes()).unwrap();
        assert_eq!(config.rewrite(requested("chat")), Some("index.html"));
        assert_eq!(config.rewrite(requested("API/x")), None);
        assert_eq!(
            config.rewrite(Requested {
                is_file: true,
                ..requested("app.js")
            }),
            None
        );
        assert_eq!(
            config.rewrite(Requested {
                is_directory: true,
                ..requested("assets")
            }),
            None
        );
    }

    #[test]
    fn mime_types_and_headers_are_read() {
        let config = WebConfig::parse(COMMON.as_bytes()).unwrap();
        assert_eq!(config.mime_changes.len(), 2);
        assert_eq!(
            config.added_headers,
            [("X-Test".to_owned(), "a & b".to_owned())]
        );
        assert_eq!(config.removed_headers, ["X-Powered-By"]);
    }

    #[test]
    fn a_location_for_the_whole_site_counts_and_another_does_not() {
        let inner = r#"<system.webServer><staticContent><mimeMap fileExtension=".a" mimeType="b/c"/></staticContent></system.webServer>"#;
        let config = |path: &str| {
            let text = format!(
                r#"<configuration><location path="{path}">{inner}</location></configuration>"#
            );
            WebConfig::parse(text.as_bytes()).unwrap()
        };
        assert_eq!(config(".").mime_changes.len(), 1);
        assert_eq!(config("sub").mime_changes.len(), 0);
    }

    #[test]
    fn caching_is_that_of_the_most_specific_location() {
        let server = |cache: &str| {
            format!(
                "<system.webServer><staticContent><clientCache {cache} /></staticContent></system.webServer>"
            )
        };
        let text = format!(
            r#"<configuration>{}<location path="configs">{}</location><location path="index.html">{}</location></configuration>"#,
            server(
                r#"cacheControlMode="UseMaxAge" cacheControlMaxAge="1.00:00:00" cacheControlCustom="public""#
            ),
            server(r#"cacheControlMode="DisableCache""#),
            server(r#"cacheControlMode="NoControl""#),
        );
        let config = WebConfig::parse(text.as_bytes()).unwrap();
        assert_eq!(config.cache_control("app.js"), Some("public,max-age=86400"));
        assert_eq!(
            config.cache_control("Configs/configs.json"),
            Some("no-cache")
        );
        assert_eq!(
            config.cache_control("configs.json"),
            Some("public,max-age=86400")
        );
        assert_eq!(config.cache_control("index.html"), None);
        assert_eq!(WebConfig::default().cache_control("app.js"), None);
    }

    #[test]
    fn what_cannot_be_followed_is_an_error() {
        for rules in [
            r#"<rule name="r"><match url="(" /><action type="Rewrite" url="/" /></rule>"#,
            r#"<rule name="r"><match url=".*" /><action type="Redirect" url="/x" /></rule>"#,
            r#"<rule name="r"><match url=".*" /><action type="Rewrite" url="/{R:1}" /></rule>"#,
            r#"<rule name="r"><action type="None" /></rule>"#,
            r#"<rule name="r"><match url=".*" /><conditions><add input="{HTTP_HOST}" pattern="x" /></conditions><action type="None" /></rule>"#,
        ] {
            let text = format!(
                "<configuration><system.webServer><rewrite><rules>{rules}</rules></rewrite></system.webServer></configuration>"
            );
            assert!(WebConfig::parse(text.as_bytes()).is_err(), "{rules}");
        }
    }

    #[test]
    fn broken_xml_is_an_error() {
        for text in [
            "",
            "<configuration>",
            "<configuration></wrong>",
            "no xml",
            "<a b></a>",
        ] {
            assert!(WebConfig::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
