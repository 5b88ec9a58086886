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

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use js_sys::Function;
use wasm_bindgen_futures::JsFuture;

/// A frame that takes longer is not waited for.
pub const LONGEST_FRAME_MS: u32 = 100;

/// A chunk that a stream holds already needs about four of them to come.
const MICROTASKS: u32 = 8;

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

/// Whether nobody can see the page: its tab is in the background.
pub fn is_hidden() -> bool {
    document().hidden()
}

/// Milliseconds since the epoch, by the user's clock, which may be wrong.
pub fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// Comes back after so many milliseconds.
pub async fn sleep(ms: u32) {
    called(ms, |_| ()).await;
}

/// Comes back before the next paint, or soon where nothing is painted: a tab in the background gets no frames.
pub async fn next_frame() {
    called(LONGEST_FRAME_MS, |callback| {
        // The timer comes where no frame does.
        drop(window().request_animation_frame(callback));
    })
    .await;
}

/// Comes back when the callback that is handed out is called, or after so many milliseconds.
pub async fn called(patience_ms: u32, mut hand_out: impl FnMut(&Function)) {
    let ms = i32::try_from(patience_ms).unwrap_or(i32::MAX);
    let window = window();
    let mut timer = None;
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        // A page always has timers, and a second answer to a promise counts for nothing.
        timer = window
            .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms)
            .ok();
        hand_out(&resolve);
    });
    drop(JsFuture::from(promise).await);
    if let Some(timer) = timer {
        window.clear_timeout_with_handle(timer);
    }
}

/// The future's value, if it comes before the browser does anything else.
pub async fn at_once<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
    let mut turns = MICROTASKS;
    poll_fn(|context| {
        if let Poll::Ready(value) = Pin::new(&mut future).poll(context) {
            return Poll::Ready(Some(value));
        }
        if turns == 0 {
            return Poll::Ready(None);
        }
        turns -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}
