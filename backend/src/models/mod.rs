//! Model definitions: what a provider says of a model in one file, checked as a whole before the server starts.
//!
//! | room | owns |
//! | --- | --- |
//! | [`catalog`] | all of them, and which one a request is for |
//! | [`definition`] | what a definition holds |
//! | [`read`] | TOML to a checked definition; each mistake with file, line, key and expectation |
//! | [`template`] | prompts with inputs by parameter name |
//! | [`ui`] | what a front end needs to know of it |

pub mod catalog;
pub mod definition;
pub mod read;
pub mod template;
pub mod ui;

pub use catalog::{Catalog, Sort};
pub use definition::{
    Definition, FileContent, FileRule, InputKind, InputRow, Kind, OutputRow, ResultFile, Source,
};
pub use read::{DefinitionError, DefinitionErrors, KnowsLlm, READABLE, read_dir, read_text};
pub(crate) use read::{FILE, RESERVED};
pub use template::{Prompt, PromptError};

#[cfg(test)]
mod tests;
