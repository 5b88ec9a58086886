//! The whole server over HTTP, against real sockets: no part of it is replaced. Upstreams and AICON are fakes with
//! sockets of their own.

mod app;
mod auth;
mod config;
mod cors;
mod fake_aicon;
mod fake_upstream;
mod hardening;
mod scenarios;
mod stopping;
mod uploads;
mod upstreams;
