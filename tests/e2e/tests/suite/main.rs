//! End to end: a real browser, the real binaries, the built bundle.
#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test fails as the test does"
)]

mod access;
mod answers;
mod attacks;
mod composer;
mod config;
mod described;
mod enrich;
mod files;
mod form;
mod form_files;
mod hosted;
mod hosting;
mod journey;
mod limits;
mod login;
mod microsite;
mod models;
mod money;
mod network;
mod safety;
mod sample;
mod session;
