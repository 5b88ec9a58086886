//! The experiments that are short enough for every test run. The binaries come from `AICON_BACKEND` and `AICON_SANDBOX`.

mod crash;
mod faults;
mod stopping;
