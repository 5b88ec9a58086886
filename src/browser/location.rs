//! The address bar.

use wasm_bindgen::JsValue;

use super::window;

/// Our own origin, which is also the redirect URI (`aicon.md` 3.1).
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// The path, `/…`.
pub fn path() -> String {
    window().location().pathname().unwrap_or_default()
}

/// The query, `?…` or empty.
pub fn query() -> String {
    window().location().search().unwrap_or_default()
}

/// The value of one query parameter, decoded.
pub fn query_value(query: &str, name: &str) -> Option<String> {
    web_sys::UrlSearchParams::new_with_str(query)
        .ok()?
        .get(name)
}

/// Percent-encodes a query value.
pub fn encode(value: &str) -> String {
    js_sys::encode_uri_component(value).into()
}

/// Puts another path into the address bar and leaves no trace of the present one.
pub fn replace(path: &str) {
    if let Ok(history) = window().history() {
        // Refused only for another origin, and every path here is ours.
        drop(history.replace_state_with_url(&JsValue::NULL, "", Some(path)));
    }
}

/// Puts another path into the address bar, so that "back" leads to the present one.
pub fn push(path: &str) {
    if let Ok(history) = window().history() {
        drop(history.push_state_with_url(&JsValue::NULL, "", Some(path)));
    }
}

/// Leaves the app.
pub fn leave_for(url: &str) {
    drop(window().location().assign(url));
}

/// Starts the app anew.
pub fn reload() {
    drop(window().location().reload());
}
