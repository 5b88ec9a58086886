//! The provider's AI API (`ai-api.md`), as a client: one private [`send`], a chat stream, an upload with progress, a
//! look-up.

pub mod chat;
mod dialect;
mod error;
mod form;
mod responses;
mod send;
mod transfer;
mod upload;

pub use dialect::{Dialect, known_dialect};
pub use error::{ApiError, Fault};
pub use form::{Field, FormAnswer, run_form};
pub use responses::look_up;
pub use transfer::Upload;
pub use upload::upload;
