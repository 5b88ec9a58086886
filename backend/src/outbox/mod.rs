//! Reports of uses to AICON (`aicon.md` 6, "Record usage"): at least once, with one GUID, for ever.
//!
//! ```text
//! worker ── one lane for each client with rows that are due ── claim (lease) → send → mark
//! ```
//!
//! A lane takes rows by lease, sends so many at a time, marks the results in groups, and ends when nothing is due. Its
//! gate outlives it: when AICON fails for all rows, it shuts, and one report at a time tries whether AICON is back. What is
//! not marked, for whatever reason, is sent again when its lease has lapsed, with the same GUID.

mod backoff;
mod gate;
mod lane;
mod report;
mod results;
mod verdict;
mod worker;

pub use worker::{Outbox, run};
