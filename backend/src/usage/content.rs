//! How much of prompt and answer AICON is sent (`parameterInfo`).

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `whole` (what the contract says), `off`, or a number of characters, of the prompt and of the answer each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContentLimit {
    /// All of it.
    #[default]
    Whole,
    /// Empty texts.
    Off,
    /// The first so many characters, at least 1.
    Characters(u32),
}

impl ContentLimit {
    /// As a row keeps it: absent for all of it, 0 for nothing.
    pub fn column(self) -> Option<u32> {
        match self {
            Self::Whole => None,
            Self::Off => Some(0),
            Self::Characters(most) => Some(most),
        }
    }

    /// See [`ContentLimit::column`].
    pub fn from_column(column: Option<u32>) -> Self {
        match column {
            None => Self::Whole,
            Some(0) => Self::Off,
            Some(most) => Self::Characters(most),
        }
    }

    /// The beginning of the text that may be sent; a character is never cut in two.
    pub fn cut(self, mut text: String) -> String {
        let most = match self {
            Self::Whole => return text,
            Self::Off => 0,
            Self::Characters(most) => most as usize,
        };
        if let Some((end, _)) = text.char_indices().nth(most) {
            text.truncate(end);
        }
        text
    }
}

impl std::fmt::Display for ContentLimit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole => f.write_str("whole"),
            Self::Off => f.write_str("off"),
            Self::Characters(most) => write!(f, "{most}"),
        }
    }
}

impl FromStr for ContentLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "whole" => Ok(Self::Whole),
            "off" => Ok(Self::Off),
            other => other
                .parse()
                .map(|most| Self::from_column(Some(most)))
                .map_err(|_| {
                    format!("found `{text}`, expected `whole`, `off` or a number of characters")
                }),
        }
    }
}

impl Serialize for ContentLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Characters(most) => serializer.serialize_u32(*most),
            named => serializer.collect_str(named),
        }
    }
}

impl<'de> Deserialize<'de> for ContentLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "expected `whole`, `off` or a number of characters"
        )]
        enum Raw {
            Number(u32),
            Text(String),
        }
        match Raw::deserialize(deserializer)? {
            Raw::Number(most) => Ok(Self::from_column(Some(most))),
            Raw::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_is_read_from_words_and_numbers() {
        for (json, limit) in [
            ("\"whole\"", ContentLimit::Whole),
            ("\"off\"", ContentLimit::Off),
            ("0", ContentLimit::Off),
            ("12", ContentLimit::Characters(12)),
        ] {
            assert_eq!(serde_json::from_str::<ContentLimit>(json).unwrap(), limit);
        }
        assert!(serde_json::from_str::<ContentLimit>("-1").is_err());
        assert!(
            "some"
                .parse::<ContentLimit>()
                .unwrap_err()
                .contains("a number")
        );
    }

    proptest! {
        #[test]
        fn a_cut_text_is_a_beginning_of_so_many_characters(text in ".{0,40}", most in 0..50_u32) {
            let cut = ContentLimit::from_column(Some(most)).cut(text.clone());
            prop_assert!(text.starts_with(&cut));
            prop_assert_eq!(cut.chars().count(), text.chars().count().min(most as usize));
            prop_assert_eq!(ContentLimit::Whole.cut(text.clone()), text);
        }
    }
}
