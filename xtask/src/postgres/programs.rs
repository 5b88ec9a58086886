//! Where the distributions keep PostgreSQL's programs.

use std::{fs, path::Path, path::PathBuf};

use crate::setup;

/// Directories with one directory of each installed version, and what follows after the version.
const VERSIONED: [(&str, &str, &str); 4] = [
    // Debian and its relatives
    ("/usr/lib/postgresql", "", "bin"),
    // Red Hat's, from the project's own packages
    ("/usr", "pgsql-", "bin"),
    // Homebrew, on both kinds of machines
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
];
/// All that we call.
const PROGRAMS: [&str; 4] = ["postgres", "initdb", "pg_ctl", "pg_isready"];

/// The directory of the newest complete PostgreSQL of this machine; the one on the `PATH` comes first.
pub(crate) fn find() -> Option<PathBuf> {
    let on_path = setup::find_program("postgres").and_then(|file| {
        let file = fs::canonicalize(file).ok()?;
        Some(file.parent()?.to_owned())
    });
    on_path
        .into_iter()
        .chain(installed())
        .find(|bin| PROGRAMS.iter().all(|program| bin.join(program).is_file()))
}

fn installed() -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = VERSIONED
        .iter()
        .flat_map(|(parent, prefix, below)| versions(Path::new(parent), prefix, below))
        .collect();
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, bin)| bin).collect()
}

fn versions(parent: &Path, prefix: &str, below: &str) -> Vec<(u32, PathBuf)> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let version = name.strip_prefix(prefix)?.split('.').next()?.parse().ok()?;
            Some((version, entry.path().join(below)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers_and_other_directories_are_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["9.6", "15", "share"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        let mut found = versions(dir.path(), "", "bin");
        found.sort();
        let expected = [(9, "9.6/bin"), (15, "15/bin")].map(|(v, at)| (v, dir.path().join(at)));
        assert_eq!(found, expected);
    }
}
