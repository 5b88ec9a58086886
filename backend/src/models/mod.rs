//! Model definitions: what a provider says of a model in one file, checked as a whole before the server starts.
//!
//! | room | owns |
//! | --- | --- |
//! | [`definition`] | what a definition holds |
//! | [`read`] | TOML to a checked definition; each mistake with file, line, key and expectation |
//! | [`template`] | prompts with inputs by parameter name |
//! | [`ui`] | what a front end needs to know of it |

pub mod definition;
pub mod read;
pub mod template;
pub mod ui;

pub use definition::{Definition, InputKind, InputRow, Kind, OutputRow, Source};
pub use read::{DefinitionError, read_dir, read_text};
pub use template::{Prompt, PromptError};

#[cfg(test)]
mod tests;
