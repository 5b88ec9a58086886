//! The wire types' JSON without a JSON parser: a client that has one already (every browser) says how to look into its
//! values, and reads ours without paying for serde's. What it reads and writes is proven equal to serde's in this
//! crate's tests.

/// A JSON value of whichever parser.
pub trait ReadJson: Sized {
    /// The member of an object. `None`: absent, `null`, or no object.
    fn member(&self, name: &str) -> Option<Self>;
    /// The value as a text, if it is one.
    fn text(&self) -> Option<String>;
    /// The value as a number, if it is one.
    fn number(&self) -> Option<f64>;

    /// The text under `name`.
    fn text_of(&self, name: &str) -> Option<String> {
        self.member(name)?.text()
    }

    /// The whole number under `name`, not below 0.
    fn count_of(&self, name: &str) -> Option<u64> {
        self.member(name)?.number().map(|number| number as u64)
    }
}

/// Writes one JSON object, member by member.
pub trait WriteJson {
    /// Adds a text.
    fn text(&mut self, name: &str, value: &str);
    /// Adds a list of texts.
    fn texts<'a>(&mut self, name: &str, values: impl Iterator<Item = &'a str>);
}
