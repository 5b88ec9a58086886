//! AICON in a box: as much of the marketplace as the contract (`aicon.md`) describes, for development, tests and
//! certification. Two servers on two origins, as in life: AICON itself and the hosting of the uploaded bundle.
//!
//! | room | holds |
//! | --- | --- |
//! | [`cli`] | flags and their environment variables |
//! | [`server`] | binds, announces, serves, stops |
//! | [`state`] | what both servers share: the registered model, users, grants, uses, faults, counters |
//! | `login`, `token`, `userinfo`, `usage` | AICON's endpoints, one file each |
//! | `grants`, `jwt` | authorization codes and refresh tokens; signing and checking of JWTs (pure) |
//! | `faults`, `control`, `console` | faults and how they are set; `/sandbox/*` for tests; the page for people |
//! | [`site`] | hosting as IIS does it: files, MIME types, `web.config` |
//!
//! Absent on purpose: a database (a sandbox forgets), passwords and sessions (anyone may be any user), and whatever
//! the contract does not know of AICON.

pub mod cli;
pub mod server;
pub mod site;
pub mod state;

mod console;
mod control;
mod faults;
mod grants;
mod jwt;
mod login;
mod page;
mod text;
mod token;
mod usage;
mod userinfo;
