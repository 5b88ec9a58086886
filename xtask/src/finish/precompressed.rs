//! Each file once more as brotli and gzip, for `aicon-backend serve --site` and other hosts that send what lies beside a file.
//! AICON's IIS does not: the upload ZIP goes without.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use super::packed;
use crate::{
    error::{Error, Result},
    site,
};

/// What has a hash in its name: the page and the configuration may be edited in place, and what lies beside them would not
/// follow.
const PLAIN: &[&str] = &["css", "js", "svg", "wasm"];

/// Writes `FILE.br` and `FILE.gz` beside the files of `dir` that shrink.
///
/// # Errors
/// When a file cannot be read or written.
pub(super) fn write_all(dir: &Path) -> Result<()> {
    for file in site::files_below(dir) {
        let kind = file.extension().and_then(OsStr::to_str);
        if !kind.is_some_and(|kind| PLAIN.contains(&kind)) {
            continue;
        }
        let bytes = fs::read(&file).map_err(Error::path("read", &file))?;
        for (end, packed) in [(BROTLI, brotli(&bytes)), (GZIP, packed::gzip(&bytes))] {
            if packed.len() < bytes.len() {
                let path = beside(&file, end);
                fs::write(&path, packed).map_err(Error::path("write", &path))?;
            }
        }
    }
    Ok(())
}

/// Whether a file is a packed one that lies beside its plain one.
pub(crate) fn is_one(file: &Path) -> bool {
    let end = file.extension().and_then(OsStr::to_str);
    end.is_some_and(|end| [BROTLI, GZIP].contains(&end)) && file.with_extension("").is_file()
}

/// At the highest level.
pub(crate) fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    let written = brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &parameters);
    written.expect("writing to a vector cannot fail");
    compressed
}

const BROTLI: &str = "br";
const GZIP: &str = "gz";

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(end);
    name.into()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn what_shrinks_and_is_never_edited_lies_packed_beside_its_plain_file() {
        let dir = tempfile::tempdir().unwrap();
        let text = "aicon ".repeat(100);
        for (name, content) in [
            ("a.css", text.as_str()),
            ("short.js", "1"),
            ("index.html", &text),
            ("configs.json", &text),
            ("a_bg.bin", &text),
        ] {
            fs::write(dir.path().join(name), content).unwrap();
        }
        write_all(dir.path()).unwrap();
        let packed: Vec<_> = site::files_below(dir.path())
            .into_iter()
            .filter(|file| is_one(file))
            .collect();
        assert_eq!(
            packed,
            ["a.css.br", "a.css.gz"].map(|name| dir.path().join(name))
        );
        let mut unpacked = [String::new(), String::new()];
        let brotli = fs::read(&packed[0]).unwrap();
        brotli::Decompressor::new(&brotli[..], 4096)
            .read_to_string(&mut unpacked[0])
            .unwrap();
        let gzip = fs::read(&packed[1]).unwrap();
        flate2::read::GzDecoder::new(&gzip[..])
            .read_to_string(&mut unpacked[1])
            .unwrap();
        assert_eq!(unpacked, [text.clone(), text]);
    }
}
