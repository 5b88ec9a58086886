use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, Clipboard, ClipboardItem};

/// Puts a text on the clipboard, and beside it what programs that know formats take in its place; says whether that worked.
/// Where the browser cannot take both (or refuses the HTML), it is the text alone.
///
/// To be called while the browser handles a click: later it refuses.
pub async fn copy(text: String, html: Option<String>) -> bool {
    let Some(clipboard) = clipboard() else {
        return false;
    };
    if let Some(html) = html
        && let Ok(item) = item(&text, &html)
        && JsFuture::from(clipboard.write(&js_sys::Array::of1(&item)))
            .await
            .is_ok()
    {
        return true;
    }
    JsFuture::from(clipboard.write_text(&text)).await.is_ok()
}

/// Absent outside of secure contexts, though the binding's type does not say so.
fn clipboard() -> Option<Clipboard> {
    let clipboard = web_sys::window()?.navigator().clipboard();
    (!clipboard.is_undefined()).then_some(clipboard)
}

fn item(text: &str, html: &str) -> Result<ClipboardItem, JsValue> {
    let formats = js_sys::Object::new();
    for (format, content) in [("text/plain", text), ("text/html", html)] {
        let options = BlobPropertyBag::new();
        options.set_type(format);
        let parts = js_sys::Array::of1(&content.into());
        let blob = Blob::new_with_str_sequence_and_options(&parts, &options)?;
        js_sys::Reflect::set(&formats, &format.into(), &blob)?;
    }
    ClipboardItem::new_with_record_from_str_to_blob_promise(&formats)
}
