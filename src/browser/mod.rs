//! The browser's own services behind small functions: a leaf, so that every other room can be read (and most of it
//! tested) without a DOM.

pub mod frame;
pub mod http;
pub mod idb;
pub mod location;
pub mod lock;
pub mod policy;
pub mod random;
pub mod storage;
pub mod theme;
pub mod worker;

use wasm_bindgen::prelude::*;

/// The page's window.
pub fn window() -> web_sys::Window {
    #[expect(
        clippy::unwrap_used,
        reason = "the SPA runs in a page, never in a worker"
    )]
    web_sys::window().unwrap()
}

/// The page's document.
pub fn document() -> web_sys::Document {
    #[expect(clippy::unwrap_used, reason = "a page always has a document")]
    window().document().unwrap()
}

/// Milliseconds since the epoch, by the user's clock, which may be wrong.
pub fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// Comes back after so many milliseconds.
pub async fn sleep(ms: u32) {
    let ms = i32::try_from(ms).unwrap_or(i32::MAX);
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        // A page always has timers.
        drop(window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms));
    });
    drop(wasm_bindgen_futures::JsFuture::from(promise).await);
}

/// Runs `work` before the next paint, or soon where nothing is painted (a tab in the background gets no frames).
pub fn before_paint(work: impl FnOnce() + 'static) {
    let hidden = document().visibility_state() == web_sys::VisibilityState::Hidden;
    let callback = Closure::once_into_js(work);
    let callback: &js_sys::Function = callback.unchecked_ref();
    let asked = if hidden {
        window().set_timeout_with_callback_and_timeout_and_arguments_0(callback, 50)
    } else {
        window().request_animation_frame(callback)
    };
    if asked.is_err() {
        // No frame and no timer: better now than never.
        drop(callback.call0(&JsValue::NULL));
    }
}
