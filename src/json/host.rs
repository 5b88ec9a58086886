use aicon_protocol::json::ReadJson;
use serde_json::Value;

use super::NotJson;

/// A JSON value.
pub struct Json(Value);

impl Json {
    /// Parses a text.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn parse(text: &str) -> Result<Self, NotJson> {
        serde_json::from_str(text)
            .map(Self)
            .map_err(|error| NotJson {
                at: Some((error.line(), error.column())),
            })
    }

    /// The values of a list.
    pub fn items(&self) -> Option<Vec<Self>> {
        self.0
            .as_array()
            .map(|values| values.iter().cloned().map(Self).collect())
    }

    /// The names of an object's members.
    pub fn keys(&self) -> Option<Vec<String>> {
        self.0.as_object().map(|map| map.keys().cloned().collect())
    }

    /// `true` or `false`, if it is one.
    pub fn flag(&self) -> Option<bool> {
        self.0.as_bool()
    }

    /// The value as JSON.
    pub fn to_text(&self) -> String {
        self.0.to_string()
    }
}

impl ReadJson for Json {
    fn member(&self, name: &str) -> Option<Self> {
        self.0
            .get(name)
            .filter(|value| !value.is_null())
            .cloned()
            .map(Self)
    }

    fn text(&self) -> Option<String> {
        self.0.as_str().map(str::to_owned)
    }

    fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }
}
