//! The store, on each engine: SQLite in a directory of the test's own, PostgreSQL where `AICON_TEST_POSTGRES` names one.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a helper that panics fails its test; what is skipped is told"
)]

mod blobs;
mod engines;
mod failures;
mod ledger;
mod model;
mod outbox;
mod results;
mod uses;
