//! The experiments that are short enough for every test run. The binaries come from `AICON_BACKEND` and `AICON_SANDBOX`.

use tokio::sync::RwLock;

/// Held for writing by the experiment that measures times, for reading by the others.
static MACHINE: RwLock<()> = RwLock::const_new(());

mod crash;
mod faults;
mod stopping;
