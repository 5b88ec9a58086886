//! A form's fields as they come in: texts in memory, files on the disk, each within bounds.
//!
//! A file has no name there (`O_TMPFILE`, or deleted as soon as it is open): after a refusal, an abort or a crash nothing of
//! it is left. Memory is that of the chunk under way, however large the files are.

use std::fs::File;
use std::path::{Path, PathBuf};

use aicon_documents::SafeName;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

use super::ServiceError;
use super::field::{FieldError, FieldProblem};

/// Fields of one form at most; a definition's rows are far fewer.
const MOST_FIELDS: usize = 2_000;

/// What a form may hold before anybody knows which one it is.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of all texts and names.
    pub text_bytes: usize,
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Files.
    pub files: usize,
}

/// Takes a form's fields in.
#[derive(Debug)]
pub struct Spool {
    directory: PathBuf,
    bounds: Bounds,
    is_repeatable: bool,
    fields: Vec<Field>,
    text_bytes: usize,
    files: usize,
}

/// One field.
#[derive(Debug)]
pub struct Field {
    /// Its parameter name.
    pub name: String,
    /// What is in it.
    pub content: Content,
}

/// See [`Field::content`].
#[derive(Debug)]
pub enum Content {
    /// A text.
    Text(String),
    /// A file.
    File(Upload),
}

/// A file on the disk.
#[derive(Debug)]
pub struct Upload {
    /// As the sender calls it.
    pub name: SafeName,
    /// Size.
    pub bytes: u64,
    /// Its content; the position is anywhere.
    pub file: File,
    /// SHA-256 of its content, by which a repeated request is known; absent where it cannot be repeated.
    pub digest: Option<[u8; 32]>,
}

/// The folder of uploads below the data directory.
pub fn directory(data: &Path) -> PathBuf {
    data.join("spool")
}

impl Spool {
    /// Keeps files in the folder, which must be there. A request that its sender may repeat is one with an idempotency key.
    pub fn new(directory: PathBuf, bounds: Bounds, is_repeatable: bool) -> Self {
        Self {
            directory,
            bounds,
            is_repeatable,
            fields: Vec::new(),
            text_bytes: 0,
            files: 0,
        }
    }

    /// Takes a field in; `file_name` makes it a file. A file without name and content is what browsers send for a field that
    /// was left empty: there is none.
    ///
    /// # Errors
    /// A bound is passed, a text is not UTF-8, the body breaks off, or the disk takes no more.
    pub async fn take(
        &mut self,
        name: &str,
        file_name: Option<&str>,
        chunks: impl Stream<Item = Result<Bytes, ServiceError>> + Unpin,
    ) -> Result<(), ServiceError> {
        self.count_text(name.len())?;
        if self.fields.len() >= MOST_FIELDS {
            return Err(ServiceError::PayloadTooLarge { limit: MOST_FIELDS });
        }
        let content = match file_name {
            None => Content::Text(self.text(name, chunks).await?),
            Some(file_name) => {
                let upload = self.file(name, file_name, chunks).await?;
                if upload.bytes == 0 && file_name.is_empty() {
                    return Ok(());
                }
                self.files += 1;
                Content::File(upload)
            }
        };
        self.fields.push(Field {
            name: name.to_owned(),
            content,
        });
        Ok(())
    }

    /// All fields, in the order in which they came.
    pub fn into_fields(self) -> Vec<Field> {
        self.fields
    }

    async fn text(
        &mut self,
        name: &str,
        mut chunks: impl Stream<Item = Result<Bytes, ServiceError>> + Unpin,
    ) -> Result<String, ServiceError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = chunks.next().await.transpose()? {
            self.count_text(chunk.len())?;
            bytes.extend_from_slice(&chunk);
        }
        String::from_utf8(bytes).map_err(|_| FieldError::named(name, FieldProblem::NotUtf8).into())
    }

    async fn file(
        &mut self,
        name: &str,
        file_name: &str,
        mut chunks: impl Stream<Item = Result<Bytes, ServiceError>> + Unpin,
    ) -> Result<Upload, ServiceError> {
        let refuse = |problem| ServiceError::from(FieldError::named(name, problem));
        let limit = self.bounds.files;
        if self.files >= limit && !file_name.is_empty() {
            return Err(refuse(FieldProblem::TooManyFiles { limit }));
        }
        let file = tempfile::tempfile_in(&self.directory).map_err(ServiceError::Disk)?;
        let mut file = tokio::fs::File::from_std(file);
        let (mut bytes, mut digest) = (0_u64, self.is_repeatable.then(Sha256::new));
        while let Some(chunk) = chunks.next().await.transpose()? {
            bytes += chunk.len() as u64;
            let limit = self.bounds.file_bytes;
            if bytes > limit {
                return Err(refuse(FieldProblem::TooManyBytes { limit }));
            }
            if let Some(digest) = &mut digest {
                digest.update(&chunk);
            }
            file.write_all(&chunk).await.map_err(ServiceError::Disk)?;
        }
        file.flush().await.map_err(ServiceError::Disk)?;
        Ok(Upload {
            name: SafeName::new(file_name),
            bytes,
            file: file.into_std().await,
            digest: digest.map(|digest| digest.finalize().into()),
        })
    }

    fn count_text(&mut self, bytes: usize) -> Result<(), ServiceError> {
        self.text_bytes += bytes;
        let limit = self.bounds.text_bytes;
        if self.text_bytes > limit {
            return Err(ServiceError::PayloadTooLarge { limit });
        }
        Ok(())
    }
}

/// A digest of all that is asked of a model.
pub(super) fn fingerprint(model: Option<&str>, fields: &[Field]) -> String {
    let mut digest = Sha256::new();
    let mut add = |bytes: &[u8]| {
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    };
    add(model.unwrap_or_default().as_bytes());
    for field in fields {
        add(field.name.as_bytes());
        match &field.content {
            Content::Text(text) => add(text.as_bytes()),
            Content::File(upload) => {
                add(upload.name.as_str().as_bytes());
                add(&upload.digest.unwrap_or_default());
            }
        }
    }
    hex::encode(digest.finalize())
}
