//! The upload ZIP: the same bundle gives the same bytes.

use std::{
    fs::{self, File},
    io::{Cursor, Write as _},
    path::{Path, PathBuf},
};

use zip::{CompressionMethod, DateTime, ZipWriter, result::ZipError, write::SimpleFileOptions};

use crate::{
    error::{Error, Result},
    finish::precompressed,
    site,
};

/// Packs all files below `directory`, but for those that lie packed beside others, into `archive`, with the files of `directory` at the ZIP's root, in the order of their
/// names and with one fixed time (ZIP's earliest, 1980-01-01).
///
/// # Errors
/// When a file cannot be read, or the archive cannot be written.
pub(crate) fn pack(directory: &Path, archive: &Path) -> Result<()> {
    let bytes = packed(directory).map_err(|error| Error::path("pack", directory)(error.into()))?;
    // Written aside and renamed: an interrupted run leaves no half archive that someone might upload.
    let aside = archive.with_extension("zip.part");
    let mut file = File::create(&aside).map_err(Error::path("create", &aside))?;
    file.write_all(&bytes)
        .map_err(Error::path("write", &aside))?;
    fs::rename(&aside, archive).map_err(Error::path("write", archive))
}

fn packed(directory: &Path) -> std::result::Result<Vec<u8>, ZipError> {
    let mut names: Vec<(String, PathBuf)> = site::files_below(directory)
        .into_iter()
        .filter(|file| !precompressed::is_one(file))
        .map(|file| (name_in_zip(directory, &file), file))
        .collect();
    names.sort();
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, file) in names {
        zip.start_file(name, options)?;
        zip.write_all(&fs::read(file)?)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// The path relative to `directory`, with slashes on every system (APPNOTE 4.4.17.1).
pub(crate) fn name_in_zip(directory: &Path, file: &Path) -> String {
    let relative = file.strip_prefix(directory).unwrap_or(file);
    relative
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use zip::ZipArchive;

    use super::*;

    fn bundle(order: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("configs")).unwrap();
        for name in order {
            fs::write(dir.path().join(name), name.repeat(50)).unwrap();
        }
        dir
    }

    #[test]
    fn two_runs_give_the_same_bytes_whatever_the_times_and_the_order_on_disk() {
        let first = bundle(&["web.config", "index.html", "configs/configs.json"]);
        let second = bundle(&["configs/configs.json", "index.html", "web.config"]);
        let old = File::options()
            .write(true)
            .open(second.path().join("index.html"))
            .unwrap();
        old.set_modified(
            std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000),
        )
        .unwrap();
        assert_eq!(
            packed(first.path()).unwrap(),
            packed(second.path()).unwrap()
        );
    }

    #[test]
    fn files_lie_at_the_root_sorted_and_read_back_as_they_were() {
        let dir = bundle(&[
            "web.config",
            "index.html",
            "index.html.br",
            "configs/configs.json",
        ]);
        let archive = dir.path().join("out.zip");
        let bundle_dir = dir.path().join("configs");
        pack(dir.path(), &archive).unwrap();
        let mut zip = ZipArchive::new(File::open(&archive).unwrap()).unwrap();
        let names: Vec<String> = (0..zip.len())
            .map(|index| zip.by_index(index).unwrap().name().unwrap().into_owned())
            .collect();
        assert_eq!(names, ["configs/configs.json", "index.html", "web.config"]);
        let mut text = String::new();
        zip.by_name("configs/configs.json")
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(
            text,
            fs::read_to_string(bundle_dir.join("configs.json")).unwrap()
        );
    }
}
