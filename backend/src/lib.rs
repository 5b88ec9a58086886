//! The companion server of an AICON model: the AI API (`/ai/*`), uploads, the login exchange.
//!
//! ```text
//! main → server → router → http → service → store | provider          config: read once, by main
//! ```
//!
//! | room | owns |
//! | --- | --- |
//! | [`config`] | file, environment and flags to one checked [`config::Settings`] |
//! | [`server`] | sockets: accept loop, time limits of heads and of stalled writes, graceful stop |
//! | [`router`] | every route on one page |
//! | [`http`] | axum: decode, call a service, encode; the envelope, CORS, limits |
//! | [`service`] | one use case each: chat, form, upload, result files, look-up, sign-in, token exchange, sweep |
//! | [`provider`] | neutral request to an upstream's HTTP, its bytes to [`provider::ProviderEvent`]s |
//! | [`store`] | SQL and blobs |
//! | [`usage`] | prices, token counts, what AICON is told of a use; pure |
//! | [`outbox`] | reports of uses to AICON, by lease, again and again |
//! | [`models`] | model definitions: what a provider says of a model in one file; pure |
//! | [`settlement`] | pure: days, queries, pages, AICON's statement against the ledger |
//! | [`metrics`] | figures of the running server, labels from closed sets |
//! | [`limits`] | requests a minute, streams at the same time |
//!
//! Absent on purpose: an answer held back (each delta leaves as it comes), a task between upstream and client (dropping
//! the body drops the upstream call), a transaction across a network call, upstream texts in answers or logs.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod http;
pub mod id;
pub mod limits;
pub mod metrics;
pub mod models;
pub mod outbox;
pub mod provider;
pub mod router;
pub mod server;
pub mod service;
pub mod settlement;
mod silence;
pub mod store;
pub mod telemetry;
mod turn;
pub mod usage;
