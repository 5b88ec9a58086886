//! The whole server over HTTP, against real sockets: no part of it is replaced. Upstreams and AICON are fakes with
//! sockets of their own.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that panics fails its test, which is what it is for"
)]

mod app;
mod auth;
mod binary;
mod config;
mod cors;
mod disk;
mod endings;
mod fake_aicon;
mod fake_upstream;
mod hardening;
mod scenarios;
mod slow_readers;
mod stopping;
mod uploads;
mod upstream_faults;
mod upstreams;
