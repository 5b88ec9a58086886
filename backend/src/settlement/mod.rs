//! Settlement, pure: days to spans of time, the query's checks, pages, AICON's statement against the ledger. Nothing
//! here does any I/O but reading a statement from a reader that somebody opened.

mod days;
mod page;
mod query;
mod reconcile;
mod statement;

pub use days::{DateError, Zone, ZoneError, date};
pub use page::Page;
pub use query::{Mistake, Query};
pub use reconcile::{Difference, LedgerEntry, Reconciliation, Report, Sums};
pub use statement::{StatementEntry, StatementError, read};
