//! Use cases, one file each. They know neither axum nor SQL.

pub mod alive;
pub mod allowance;
mod asking;
pub mod chat;
pub mod chatting;
pub mod clients;
mod error;
pub mod exchange;
pub mod field;
pub mod form;
mod history;
pub mod idempotency;
pub mod identity;
mod image;
mod key;
pub mod ledger;
pub mod lookup;
mod metadata;
mod question;
pub mod recovery;
pub mod results;
pub mod sealing;
pub mod secret;
pub mod settlement;
pub mod spool;
pub mod sweep;
mod tally;
mod target;
mod ticket;
pub mod upload;

pub use error::ServiceError;
