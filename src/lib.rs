//! The front end with which a company publishes its AI model on AICON: a client-only SPA.
//!
//! Data flows one way, imports the other (a room may use any room to its right):
//!
//! ```text
//! app → view → state → api → auth → config        leaves: browser, json, zip, i18n, route, markdown, protocol
//! ```
//!
//! | room | owns |
//! | --- | --- |
//! | [`app`] | start-up: config, framing, session, which page is shown |
//! | [`view`] | components only |
//! | [`state`] | pure reducers, the store, the commands that do the work |
//! | [`api`] | the provider's AI API as a client |
//! | [`auth`] | the login at AICON; the only owner of tokens |
//! | [`config`] | `configs.json` |
//! | [`i18n`] | every text, Korean and English |
//! | [`browser`] | `fetch`, storage, locks, the address bar |
//! | [`json`] | JSON by the browser's parser |
//! | [`zip`] | archives for "download all" |
//!
//! Absent on purpose: a router crate (three paths), an HTTP crate (one function), `innerHTML`, tokens anywhere but in
//! [`auth`], and texts outside of [`i18n`].

pub mod api;
pub mod app;
pub mod auth;
pub mod browser;
pub mod config;
pub mod i18n;
pub mod json;
pub mod route;
pub mod state;
pub mod view;
pub mod zip;
