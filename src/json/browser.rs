use aicon_protocol::json::ReadJson;
use js_sys::{Array, JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use super::NotJson;

/// A JSON value.
pub struct Json(JsValue);

impl Json {
    /// Parses a text.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn parse(text: &str) -> Result<Self, NotJson> {
        JSON::parse(text).map(Self).map_err(|thrown| NotJson {
            at: position(&thrown, text),
        })
    }

    /// The values of a list.
    pub fn items(&self) -> Option<Vec<Self>> {
        self.0
            .dyn_ref::<Array>()
            .map(|array| array.iter().map(Self).collect())
    }

    /// The names of an object's members, in their order.
    pub fn keys(&self) -> Option<Vec<String>> {
        if Array::is_array(&self.0) {
            return None;
        }
        let object = self.0.dyn_ref::<Object>()?;
        Some(
            Object::keys(object)
                .iter()
                .filter_map(|key| key.as_string())
                .collect(),
        )
    }

    /// `true` or `false`, if it is one.
    pub fn flag(&self) -> Option<bool> {
        self.0.as_bool()
    }

    /// The value as JSON.
    pub fn to_text(&self) -> String {
        JSON::stringify(&self.0)
            .ok()
            .and_then(|text| text.as_string())
            .unwrap_or_default()
    }
}

impl ReadJson for Json {
    fn member(&self, name: &str) -> Option<Self> {
        if !self.0.is_object() {
            return None;
        }
        // What JSON made has own members only; a member of `Object.prototype` is none.
        let value = Reflect::get(&self.0, &name.into()).ok()?;
        (!value.is_undefined() && !value.is_null() && !value.is_function()).then_some(Self(value))
    }

    fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }
}

/// Browsers tell the position within a sentence, each in its own: "… line 2 column 7 …" or "… position 12 …".
fn position(thrown: &JsValue, text: &str) -> Option<(usize, usize)> {
    let message = Reflect::get(thrown, &"message".into()).ok()?.as_string()?;
    let number_after = |word: &str| -> Option<usize> {
        let mut words = message
            .split(|char: char| !char.is_ascii_alphanumeric())
            .skip_while(|found| *found != word);
        words.nth(1)?.parse().ok()
    };
    if let (Some(line), Some(column)) = (number_after("line"), number_after("column")) {
        return Some((line, column));
    }
    let before: Vec<u16> = text
        .encode_utf16()
        .take(number_after("position")?)
        .collect();
    let line_end = u16::from(b'\n');
    let line = before.iter().filter(|&&unit| unit == line_end).count() + 1;
    let column = before
        .iter()
        .rev()
        .take_while(|&&unit| unit != line_end)
        .count()
        + 1;
    Some((line, column))
}
