//! `<clientCache>`: how long browsers may keep a file, for the site and for parts of it.

use super::WebConfigError;
use super::element::Element;

/// What IIS sends as `Cache-Control` below a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CacheRule {
    /// Lower case; empty for the whole site.
    path: String,
    header: Option<String>,
}

impl CacheRule {
    /// The rule of a `<clientCache>`; nothing when it does not set the mode.
    pub(super) fn read(path: &str, cache: &Element) -> Result<Option<Self>, WebConfigError> {
        let custom = cache
            .attribute("cacheControlCustom")
            .filter(|custom| !custom.is_empty());
        let header = match cache.attribute("cacheControlMode") {
            None => return Ok(None),
            Some("NoControl") => custom.map(str::to_owned),
            Some("DisableCache") => Some("no-cache".to_owned()),
            Some("UseMaxAge") => {
                let age = format!(
                    "max-age={}",
                    seconds(cache.required("cacheControlMaxAge")?)?
                );
                Some(custom.map_or_else(|| age.clone(), |custom| format!("{custom},{age}")))
            }
            Some(_) => return Err(WebConfigError::Unsupported(cache.to_string())),
        };
        Ok(Some(Self {
            path: path.trim_matches('/').to_lowercase(),
            header,
        }))
    }

    /// `Cache-Control` of a file by the most specific rule.
    pub(super) fn header_of<'a>(rules: &'a [Self], path: &str) -> Option<&'a str> {
        let path = path.to_lowercase();
        let fitting = rules.iter().filter(|rule| rule.covers(&path));
        fitting
            .max_by_key(|rule| rule.path.len())?
            .header
            .as_deref()
    }

    fn covers(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.path.as_str());
        self.path.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// .NET's `[days.]hours:minutes:seconds`.
fn seconds(span: &str) -> Result<u64, WebConfigError> {
    let (days, time) = span.split_once('.').unwrap_or(("0", span));
    let parts: Option<Vec<u64>> = [days]
        .into_iter()
        .chain(time.split(':'))
        .map(|part| part.parse().ok())
        .collect();
    match parts.as_deref() {
        Some(&[days, hours @ 0..24, minutes @ 0..60, seconds @ 0..60]) => {
            Ok(((days.min(100_000) * 24 + hours) * 60 + minutes) * 60 + seconds)
        }
        _ => Err(WebConfigError::TimeSpan(span.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_those_of_dot_net() {
        assert_eq!(seconds("365.00:00:00").unwrap(), 31_536_000);
        assert_eq!(seconds("01:02:03").unwrap(), 3_723);
        for wrong in ["", "1", "24:00:00", "1.2", "00:60:00", "a.00:00:00"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
