//! Mistakes of one file, gathered so that its author reads all of them at once.

use std::fmt::Display;
use std::ops::Range;

use toml::Spanned;

/// What is wrong, and the byte at which it stands.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) at: usize,
    pub(super) problem: String,
}

/// All that was found so far.
#[derive(Debug, Default)]
pub(super) struct Mistakes(Vec<Mistake>);

/// Something that stands somewhere in the file.
pub(super) trait Place {
    fn span(&self) -> Range<usize>;
}

impl<T> Place for Spanned<T> {
    fn span(&self) -> Range<usize> {
        Self::span(self)
    }
}

impl Mistakes {
    /// Notes one: which key, and what was expected. The value of the key is then none.
    pub(super) fn add<T>(
        &mut self,
        place: &dyn Place,
        key: &str,
        expected: impl Display,
    ) -> Option<T> {
        self.0.push(Mistake {
            at: place.span().start,
            problem: format!("key `{key}`: {expected}"),
        });
        None
    }

    /// The value, if nothing was wrong; otherwise the mistakes in the order of the file.
    pub(super) fn finish<T>(mut self, value: Option<T>) -> Result<T, Vec<Mistake>> {
        self.0.sort_by_key(|mistake| mistake.at);
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self.0),
        }
    }
}

/// Where an optional value stands, if it is there.
pub(super) fn place<T>(value: &Option<Spanned<T>>) -> Option<&dyn Place> {
    value.as_ref().map(|value| value as &dyn Place)
}
