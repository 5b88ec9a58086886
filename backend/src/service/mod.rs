//! Use cases, one file each. They know neither axum nor SQL.

pub mod alive;
pub mod allowance;
pub mod chat;
pub mod clients;
mod error;
pub mod exchange;
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
pub mod sealing;
pub mod secret;
pub mod settlement;
pub mod sweep;
mod tally;
mod ticket;
pub mod upload;

pub use error::ServiceError;
