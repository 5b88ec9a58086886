//! The provider's AI API (`ai-api.md`), as a client: one private [`send`], a chat stream, an upload with progress, a
//! look-up.

pub mod chat;
mod error;
mod responses;
mod send;
mod upload;

pub use error::{ApiError, Fault};
pub use responses::look_up;
pub use upload::{Upload, upload};
