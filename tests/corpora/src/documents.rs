//! Markdown that people wrote.

use std::fs;

use crate::{is_long, package};

/// How many a run takes that is not to be long.
const SHORT: usize = 40;

/// The read-me files of the packages that this project uses, with the packages' names, by name. The short list holds every
/// n-th of the whole.
///
/// # Panics
///
/// When cargo does not tell where they are.
pub fn read_me_files() -> Vec<(String, String)> {
    let foreign = package::all().iter().filter(|package| package.is_foreign());
    let mut files: Vec<(String, String)> = foreign
        .filter_map(|package| {
            let text = fs::read_to_string(package.folder().join("README.md")).ok()?;
            Some((format!("{} {}", package.name, package.version), text))
        })
        .collect();
    files.sort();
    assert!(files.len() > 100, "{} files", files.len());
    if !is_long() {
        let step = files.len().div_ceil(SHORT);
        files = files.into_iter().step_by(step).collect();
    }
    files
}
