//! The provider's AI API (`ai-api.md`), as a client: one private [`send`], a chat stream, an upload with progress, a
//! look-up; and the sample's paths beside them (`aicon.md` 5), whose forms and result files are here too.

pub mod chat;
mod dialect;
mod error;
mod files;
mod form;
mod responses;
mod send;
mod transfer;
mod upload;

pub use dialect::{Dialect, attachment_formats, has_extension, known_dialect};
pub use error::{ApiError, Fault};
pub use files::{file, file_name, is_of_api, size_of};
pub use form::{Field, FormAnswer, run_form};
pub use responses::look_up;
pub use transfer::Upload;
pub use upload::upload;

use crate::browser::location::encode;
use crate::config::Config;

/// Adds the query by which a server with several models knows which one is meant.
fn push_model(url: &mut String, config: &Config) {
    if let Some(model) = &config.model {
        url.extend(["?model=", &encode(model)]);
    }
}
