//! TOML to checked definitions.
//!
//! | room | owns |
//! | --- | --- |
//! | [`raw`] | the file's shape |
//! | [`check`] | a whole definition |
//! | [`inputs`], [`outputs`] | its rows |
//! | [`mistakes`] | what is wrong where |

mod check;
mod inputs;
mod mistakes;
mod outputs;
mod raw;

use std::path::{Path, PathBuf};

use super::definition::Definition;
use mistakes::Mistake;

pub use inputs::READABLE;
pub(crate) use inputs::RESERVED;
pub(crate) use outputs::FILE;

/// Whether an LLM can be asked; if not, which can.
pub type KnowsLlm<'a> = &'a dyn Fn(&str) -> Result<(), Vec<String>>;

/// One thing that keeps a definition from being one.
#[derive(Debug, thiserror::Error)]
pub enum DefinitionError {
    /// The folder or a file cannot be read.
    #[error("failed to read `{}`: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A mistake.
    #[error("{}, line {line}: {problem}", path.display())]
    Mistake {
        /// Which file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// Key, what was found and what is expected.
        problem: String,
    },
}

/// Everything that is wrong, a line for each.
#[derive(Debug)]
pub struct DefinitionErrors(pub Vec<DefinitionError>);

impl std::error::Error for DefinitionErrors {}

impl std::fmt::Display for DefinitionErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failed to read the model definitions:")?;
        for error in &self.0 {
            write!(f, "\n  {error}")?;
        }
        Ok(())
    }
}

/// Reads all `*.toml` of a folder, in the order of their names.
///
/// # Errors
/// All mistakes of all files, and the folder or a file that cannot be read.
pub fn read_dir(folder: &Path, knows: KnowsLlm<'_>) -> Result<Vec<Definition>, DefinitionErrors> {
    let paths = paths(folder).map_err(|error| DefinitionErrors(vec![error]))?;
    let mut definitions: Vec<Definition> = Vec::new();
    let mut errors = Vec::new();
    for path in paths {
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(source) => {
                errors.push(DefinitionError::File { path, source });
                continue;
            }
        };
        match read(&path, &text, knows, &definitions) {
            Ok(definition) => definitions.push(definition),
            Err(DefinitionErrors(found)) => errors.extend(found),
        }
    }
    if errors.is_empty() {
        Ok(definitions)
    } else {
        Err(DefinitionErrors(errors))
    }
}

/// Reads one definition; `path` is for the errors.
///
/// # Errors
/// Its mistakes.
pub fn read_text(
    path: &Path,
    text: &str,
    knows: KnowsLlm<'_>,
) -> Result<Definition, DefinitionErrors> {
    read(path, text, knows, &[])
}

fn paths(folder: &Path) -> Result<Vec<PathBuf>, DefinitionError> {
    let failed = |source| DefinitionError::File {
        path: folder.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn read(
    path: &Path,
    text: &str,
    knows: KnowsLlm<'_>,
    others: &[Definition],
) -> Result<Definition, DefinitionErrors> {
    let tell = |Mistake { at, problem }| DefinitionError::Mistake {
        path: path.to_owned(),
        line: text[..at.min(text.len())].matches('\n').count() + 1,
        problem,
    };
    let raw: raw::Raw = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let problem = with_key(text, at, error.message());
        DefinitionErrors(vec![tell(Mistake { at, problem })])
    })?;
    check::check(raw, knows, others)
        .map_err(|mistakes| DefinitionErrors(mistakes.into_iter().map(tell).collect()))
}

/// The parser's words, with the key of the line where they do not name it.
fn with_key(text: &str, at: usize, message: &str) -> String {
    let before = text.get(..at).unwrap_or_default();
    let key = before.rsplit('\n').find_map(|line| {
        let (key, _) = line.split_once('=')?;
        let key = key.trim();
        let is_key = |char: char| char.is_ascii_alphanumeric() || "_-.\"".contains(char);
        (!key.is_empty() && key.chars().all(is_key)).then_some(key)
    });
    match key {
        Some(key) if !message.contains("field `") => format!("key `{key}`: {message}"),
        _ => message.to_owned(),
    }
}
