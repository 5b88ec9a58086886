//! A file that has been looked into, and is read when it is needed.

use std::fmt;
use std::io::{Read as _, Seek as _};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aicon_documents::{Extractor, FileError, Kind, Problem, SafeName};

use crate::provider::Image;
use crate::service::spool::Upload;
use crate::service::{image, metadata};

/// A file that has been looked into. Cheap to clone.
#[derive(Clone)]
pub(in crate::service) struct Document(Arc<Inner>);

struct Inner {
    name: SafeName,
    kind: Kind,
    bytes: u64,
    file: Mutex<std::fs::File>,
    text: OnceLock<String>,
}

impl Document {
    pub(super) fn new(upload: Upload, kind: Kind) -> Self {
        Self(Arc::new(Inner {
            name: upload.name,
            kind,
            bytes: upload.bytes,
            file: Mutex::new(upload.file),
            text: OnceLock::new(),
        }))
    }

    pub(in crate::service) fn name(&self) -> &SafeName {
        &self.0.name
    }

    pub(in crate::service) fn kind(&self) -> Kind {
        self.0.kind
    }

    pub(super) fn bytes(&self) -> u64 {
        self.0.bytes
    }

    /// Whether both are the same upload.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// How the ledger names it.
    pub(in crate::service) fn told(&self) -> String {
        format!("{} ({} bytes)", self.0.name, self.0.bytes)
    }

    /// Its text, read once. `read` are the characters of all that was read before; this document's are added.
    pub(super) fn text(&self, extractor: &Extractor, read: &mut usize) -> Result<&str, FileError> {
        if let Some(text) = self.0.text.get() {
            return Ok(text);
        }
        let mut file = self.0.file.lock().unwrap_or_else(PoisonError::into_inner);
        let text = extractor.text(self.0.name.as_str(), self.0.kind, &mut file)?;
        let limit = extractor.limits().text_chars;
        *read += text.chars().count();
        if *read > limit {
            return Err(self.wrong(Problem::TooMuchText { limit }));
        }
        Ok(self.0.text.get_or_init(|| text))
    }

    /// The picture without its metadata. Blocks.
    pub(super) fn picture(&self) -> Result<Image, FileError> {
        let mut file = self.0.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = Vec::new();
        let read = file.rewind().and_then(|()| file.read_to_end(&mut bytes));
        read.map_err(|error| self.wrong(Problem::Io(error)))?;
        let header = image::header(&bytes).ok_or_else(|| self.wrong(Problem::Damaged))?;
        let bytes = bytes::Bytes::from(bytes);
        Ok(Image {
            media_type: header.media_type.to_owned(),
            bytes: metadata::without(header.media_type, bytes.clone()).unwrap_or(bytes),
            width: header.width,
            height: header.height,
        })
    }

    fn wrong(&self, problem: Problem) -> FileError {
        FileError {
            name: self.0.name.clone(),
            problem,
        }
    }

    pub(in crate::service) fn stem(&self) -> &str {
        let name = self.0.name.as_str();
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({})", self.0.kind)
    }
}
