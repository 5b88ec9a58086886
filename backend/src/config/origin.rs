//! Web origins as browsers send them.

use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

/// `scheme://host[:port]` exactly as a browser writes it in `Origin`: lower case, no path, no default port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Origin(String);

impl Origin {
    /// Takes what a person writes: upper case, a default port or a closing slash are put right.
    ///
    /// # Errors
    /// Says what was expected; nothing but http and https origins are taken, no path, no wildcard.
    pub fn parse(text: &str) -> Result<Self, String> {
        let refused =
            || format!("found `{text}`, expected an origin such as `https://model-1.aicon.or.kr`");
        let url = Url::parse(text.trim()).map_err(|_| refused())?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let anonymous = url.username().is_empty() && url.password().is_none();
        if !matches!(url.scheme(), "http" | "https") || !bare || !anonymous || text.contains('*') {
            return Err(refused());
        }
        Ok(Self(url.origin().ascii_serialization()))
    }

    /// The origin as it travels.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        assert_eq!(
            Origin::parse("HTTPS://Example.COM:443/").unwrap().as_str(),
            "https://example.com"
        );
        assert_eq!(
            Origin::parse("http://127.0.0.1:8080").unwrap().as_str(),
            "http://127.0.0.1:8080"
        );
    }

    #[test]
    fn what_is_not_an_origin_is_refused() {
        for text in [
            "null",
            "*",
            "https://*.example.com",
            "https://a/b",
            "ftp://a",
            "https://u@a",
            "a.example",
        ] {
            assert!(Origin::parse(text).is_err(), "{text}");
        }
    }
}
