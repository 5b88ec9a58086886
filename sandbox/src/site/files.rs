//! The bundle's files: from a directory, read at each request, or from a ZIP, unpacked in memory at the start.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use super::SiteError;

/// Bytes that a ZIP may unpack to.
const MAX_UNPACKED_BYTES: u64 = 256 * 1024 * 1024;

/// Where the files come from.
#[derive(Debug)]
pub(super) enum Files {
    /// No bundle was given.
    None,
    /// A directory.
    Directory(PathBuf),
    /// A ZIP: files by lower-case path, and the directories above them.
    Zip {
        files: BTreeMap<String, Vec<u8>>,
        directories: BTreeSet<String>,
    },
}

impl Files {
    pub(super) fn open(path: &Path) -> Result<Self, SiteError> {
        let read_error = |source| SiteError::Read {
            path: path.to_owned(),
            source,
        };
        if fs::metadata(path).map_err(read_error)?.is_dir() {
            return Ok(Self::Directory(fs::canonicalize(path).map_err(read_error)?));
        }
        let bytes = fs::read(path).map_err(read_error)?;
        unpack(&bytes).map_err(|reason| SiteError::Zip {
            path: path.to_owned(),
            reason,
        })
    }

    /// The bytes of a file. The path has been checked: names joined by `/`, none of them empty, `.` or `..`.
    pub(super) fn read(&self, path: &str) -> Option<Vec<u8>> {
        match self {
            Self::None => None,
            Self::Directory(root) => fs::read(find(root, path)?).ok(),
            Self::Zip { files, .. } => files.get(&path.to_lowercase()).cloned(),
        }
    }

    /// Whether the path is a directory; the empty one is the root.
    pub(super) fn is_directory(&self, path: &str) -> bool {
        match self {
            Self::None => path.is_empty(),
            Self::Directory(root) => find(root, path).is_some_and(|found| found.is_dir()),
            Self::Zip { directories, .. } => {
                path.is_empty() || directories.contains(&path.to_lowercase())
            }
        }
    }
}

/// Walks name by name, because the case need not fit, and refuses what a symbolic link leads out of the root.
fn find(root: &Path, path: &str) -> Option<PathBuf> {
    let mut found = root.to_owned();
    for name in path.split('/').filter(|name| !name.is_empty()) {
        let exact = found.join(name);
        found = if exact.symlink_metadata().is_ok() {
            exact
        } else {
            find_without_case(&found, name)?
        };
    }
    let found = fs::canonicalize(found).ok()?;
    found.starts_with(root).then_some(found)
}

fn find_without_case(directory: &Path, name: &str) -> Option<PathBuf> {
    let name = name.to_lowercase();
    let mut entries = fs::read_dir(directory).ok()?.filter_map(Result::ok);
    entries
        .find(|entry| {
            entry
                .file_name()
                .to_str()
                .is_some_and(|entry| entry.to_lowercase() == name)
        })
        .map(|entry| entry.path())
}

fn unpack(bytes: &[u8]) -> Result<Files, String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let mut files = BTreeMap::new();
    let mut directories = BTreeSet::new();
    let mut budget = MAX_UNPACKED_BYTES;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| error.to_string())?;
        let name = safe_name(&entry.name().map_err(|error| error.to_string())?)?;
        if entry.is_symlink() {
            return Err(format!("`{name}` is a symbolic link"));
        }
        add_parents(&name, &mut directories);
        if entry.is_dir() {
            directories.insert(name);
            continue;
        }
        // The size that the entry claims is not to be trusted: one byte over the budget is enough to know.
        let mut content = Vec::new();
        entry
            .by_ref()
            .take(budget + 1)
            .read_to_end(&mut content)
            .map_err(|error| format!("`{name}`: {error}"))?;
        budget = budget
            .checked_sub(content.len() as u64)
            .ok_or("it unpacks to more than 256 MiB")?;
        if files.insert(name.clone(), content).is_some() {
            return Err(format!(
                "`{name}` is in it twice (names are compared without case)"
            ));
        }
    }
    if let Some(name) = files.keys().find(|name| directories.contains(*name)) {
        return Err(format!("`{name}` is both a file and a folder"));
    }
    Ok(Files::Zip { files, directories })
}

/// The lower-case path of an entry, without the slash that marks a folder.
fn safe_name(name: &str) -> Result<String, String> {
    let path = name.strip_suffix('/').unwrap_or(name);
    let is_bad = |part: &str| matches!(part, "" | "." | "..") || part.contains(['\\', ':', '\0']);
    if path.split('/').any(is_bad) {
        return Err(format!("`{}` is not a safe name", name.escape_default()));
    }
    Ok(path.to_lowercase())
}

fn add_parents(name: &str, directories: &mut BTreeSet<String>) {
    for (slash, _) in name.match_indices('/') {
        directories.insert(name[..slash].to_owned());
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn zip(names: &[&str]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for name in names {
            writer
                .start_file(*name, SimpleFileOptions::default())
                .unwrap();
            writer.write_all(b"content").unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn files_and_folders_are_found_without_case() {
        let files = unpack(&zip(&["index.html", "Assets/Deep/App.JS"])).unwrap();
        assert_eq!(
            files.read("assets/deep/app.js").as_deref(),
            Some(&b"content"[..])
        );
        assert!(files.is_directory("assets/DEEP"));
        assert!(!files.is_directory("index.html"));
    }

    #[test]
    fn names_that_lead_out_are_refused() {
        for name in [
            "../a",
            "a/../../b",
            "/etc/passwd",
            "a\\..\\b",
            "C:/a",
            "a//b",
        ] {
            assert!(unpack(&zip(&[name])).is_err(), "{name}");
        }
    }

    #[test]
    fn a_name_twice_but_for_case_is_refused() {
        assert!(unpack(&zip(&["a.js", "A.js"])).is_err());
        assert!(unpack(&zip(&["a", "a/b"])).is_err());
    }

    #[test]
    fn a_symbolic_link_is_refused() {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer
            .add_symlink("link", "/etc/passwd", SimpleFileOptions::default())
            .unwrap();
        assert!(unpack(&writer.finish().unwrap().into_inner()).is_err());
    }

    #[test]
    fn garbage_is_no_zip() {
        assert!(unpack(b"garbage").is_err());
    }
}
