//! What only a browser shows: its JSON, its storage, its locks, the address bar, the composer.
//!
//! Runs in headless Chrome by `cargo xtask test --only browser`. Whole journeys over HTTP are in `tests/e2e/`.

#![cfg(target_arch = "wasm32")]
#![expect(
    clippy::unwrap_used,
    reason = "clippy does not take these tests for tests"
)]

mod browser;
mod composer;
mod config;
mod login;
mod support;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
