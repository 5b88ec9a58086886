//! Korean and English. [`Messages`] is a struct of texts: one that is missing in a language does not compile.

mod en;
mod ko;
mod messages;

pub use messages::Messages;

use crate::browser::{storage, window};

const KEY: &str = "aicon.locale";

/// A language of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    /// Korean.
    Ko,
    /// English.
    En,
}

impl Locale {
    /// The user's choice, else the first of the browser's languages that is ours, else Korean.
    pub fn detect() -> Self {
        let chosen = storage::local().get(KEY);
        let preferred = window().navigator().languages();
        chosen
            .into_iter()
            .chain(preferred.iter().filter_map(|language| language.as_string()))
            .find_map(|tag| Self::of(&tag))
            .unwrap_or(Self::Ko)
    }

    /// The language of a BCP 47 tag, if it is ours.
    pub fn of(tag: &str) -> Option<Self> {
        let language = tag.split('-').next().unwrap_or_default();
        [Self::Ko, Self::En]
            .into_iter()
            .find(|locale| locale.tag().eq_ignore_ascii_case(language))
    }

    /// Remembers it as the user's choice.
    pub fn remember(self) {
        storage::local().set(KEY, self.tag());
    }

    /// For the `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
        }
    }

    /// The other one, which the switch offers.
    pub fn other(self) -> Self {
        match self {
            Self::Ko => Self::En,
            Self::En => Self::Ko,
        }
    }

    /// All texts in this language.
    pub fn messages(self) -> &'static Messages {
        match self {
            Self::Ko => &ko::MESSAGES,
            Self::En => &en::MESSAGES,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Locale;

    #[test]
    fn a_region_does_not_matter_and_another_language_is_none() {
        assert_eq!(Locale::of("ko-KR"), Some(Locale::Ko));
        assert_eq!(Locale::of("EN"), Some(Locale::En));
        assert_eq!(Locale::of("kok"), None);
    }
}
