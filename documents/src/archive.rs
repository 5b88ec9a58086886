//! A ZIP of results, written as it goes.

use std::collections::HashSet;
use std::io::{self, Read, Write};

use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use crate::{Kind, SafeName};

/// A ZIP that is written to anything that takes bytes: nothing of it is kept in memory but the list of names. Names are
/// UTF-8.
///
/// ```
/// let mut archive = aicon_documents::Archive::new(Vec::new());
/// archive.add(&aicon_documents::SafeName::new("요약.md"), &mut "# 요약".as_bytes())?;
/// let bytes = archive.finish()?;
/// # assert!(bytes.starts_with(b"PK"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Archive<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    /// Lower case: Windows knows no other difference.
    taken: HashSet<String>,
}

impl<W: Write> Archive<W> {
    /// Writes to `target`.
    pub fn new(target: W) -> Self {
        Self {
            zip: ZipWriter::new_stream(target),
            taken: HashSet::new(),
        }
    }

    /// Adds a file of less than 4 GiB. A name that is taken gets a number: `name (2).ext`. Answers the name in the archive.
    ///
    /// # Errors
    /// `content` cannot be read, or the target takes no more.
    pub fn add(&mut self, name: &SafeName, content: &mut impl Read) -> io::Result<SafeName> {
        let name = self.free(name);
        let is_packed =
            Kind::of_name(name.as_str()).is_ok_and(|kind| kind.is_image() || kind == Kind::Pdf);
        let method = if is_packed {
            CompressionMethod::Stored
        } else {
            CompressionMethod::Deflated
        };
        let options = SimpleFileOptions::default().compression_method(method);
        self.zip.start_file(name.as_str(), options)?;
        io::copy(content, &mut self.zip)?;
        Ok(name)
    }

    /// Writes the directory; without it there is no archive.
    ///
    /// # Errors
    /// The target takes no more.
    pub fn finish(self) -> io::Result<W> {
        Ok(self.zip.finish()?.into_inner())
    }

    fn free(&mut self, name: &SafeName) -> SafeName {
        let mut free = name.clone();
        let mut number = 2;
        while !self.taken.insert(free.as_str().to_lowercase()) {
            free = name.numbered(number);
            number += 1;
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    type Files = Vec<(String, Vec<u8>)>;

    fn unpacked(bytes: Vec<u8>) -> Files {
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        (0..zip.len())
            .map(|at| {
                let mut file = zip.by_index(at).unwrap();
                let mut content = Vec::new();
                file.read_to_end(&mut content).unwrap();
                (file.name().unwrap().into_owned(), content)
            })
            .collect()
    }

    fn packed(files: &[(String, Vec<u8>)]) -> Vec<u8> {
        let mut archive = Archive::new(Vec::new());
        for (name, content) in files {
            archive
                .add(&SafeName::new(name), &mut content.as_slice())
                .unwrap();
        }
        archive.finish().unwrap()
    }

    #[test]
    fn a_taken_name_gets_a_number_in_any_case() {
        let files = ["보고.md", "보고.md", "A.txt", "a.TXT", "보고 (2).md"]
            .map(|name| (name.to_owned(), Vec::new()));
        let names: Vec<String> = unpacked(packed(&files))
            .into_iter()
            .map(|file| file.0)
            .collect();
        let expected = [
            "보고.md",
            "보고 (2).md",
            "A.txt",
            "a (2).TXT",
            "보고 (2) (2).md",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn an_archive_of_nothing_opens() {
        assert!(unpacked(packed(&[])).is_empty());
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(files in proptest::collection::vec(("\\PC{0,20}", proptest::collection::vec(any::<u8>(), 0..500)), 0..8)) {
            let out = unpacked(packed(&files));
            prop_assert_eq!(out.len(), files.len());
            let names: HashSet<&String> = out.iter().map(|(name, _)| name).collect();
            prop_assert_eq!(names.len(), files.len());
            for ((_, content), (_, unpacked)) in files.iter().zip(&out) {
                prop_assert_eq!(content, unpacked);
            }
        }
    }
}
