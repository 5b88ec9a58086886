//! Use cases, one file each. They know neither axum nor SQL.

pub mod chat;
pub mod clients;
mod error;
pub mod exchange;
mod history;
pub mod identity;
mod image;
pub mod lookup;
mod metadata;
pub mod recovery;
pub mod sealing;
pub mod sweep;
mod ticket;
pub mod upload;

pub use error::ServiceError;
