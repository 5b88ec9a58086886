//! Whether a use can be lost. Load runs against the real back end and AICON's sandbox; servers are killed at random
//! moments; afterwards the ledger, the settlement, the sandbox and what the clients saw must agree.
//!
//! Rooms, in reading order: [`run`] is the whole experiment; [`world`] the servers of one run, made of [`servers`];
//! [`load`] the callers, each chatting through [`chat`]; [`facts`] collects what is left, and [`audit`], which is pure,
//! judges it. The seed decides what is asked and when a server dies, not how the machine's threads run: a seed that has
//! found something is likely to find it again, no more.

pub mod audit;
pub mod chat;
pub mod error;
pub mod facts;
pub mod load;
pub mod run;
pub mod servers;
pub mod wait;
pub mod world;

pub use error::{Error, Result};
