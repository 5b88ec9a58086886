//! The whole server over HTTP, against real sockets: no part of it is replaced. Upstreams and AICON are fakes with
//! sockets of their own.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a helper that panics fails its test, which is what it is for; what is skipped is told"
)]

mod alive;
mod allowance;
mod app;
mod auth;
mod binary;
mod chatting;
mod clients;
mod config;
mod cors;
mod definitions;
mod disk;
mod endings;
mod fake_aicon;
mod fake_recorder;
mod fake_upstream;
mod form_body;
mod forms;
mod forms_ledger;
mod generated;
mod hardening;
mod hostile_files;
mod idempotency;
mod metrics;
mod outbox;
mod postgres;
mod result_files;
mod samples;
mod scenarios;
mod settlement;
mod settlement_access;
mod site;
mod slow_readers;
mod stopping;
mod streaming;
mod tool;
mod uploads;
mod upstream_faults;
mod upstreams;
mod usage_files;
mod use_rows;
