//! Documents as templates see them. A template that prints a document gets its text, or for a picture a mark, and the
//! picture then goes along with the question; what is not printed is not read.

use std::fmt;
use std::io::{Read as _, Seek as _};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aicon_documents::{Extractor, FileError, Kind, Limits, Problem, SafeName};
use minijinja::value::{Enumerator, Object, ObjectRepr};
use tokio::sync::Semaphore;

use crate::provider::Image;
use crate::service::spool::Upload;
use crate::service::{image, metadata};

/// Requests whose documents are read at the same time: each may hold a document's text and a picture in memory.
static READING: Semaphore = Semaphore::const_new(4);

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

/// Where templates of one request are filled in.
#[derive(Debug)]
pub(in crate::service) struct Desk {
    extractor: Arc<Extractor>,
    most_pictures: usize,
    found: Mutex<Found>,
}

/// What filling in one template has led to.
#[derive(Debug, Default)]
struct Found {
    pictures: Vec<Document>,
    /// Characters of all documents read so far.
    chars: usize,
    error: Option<DeskError>,
}

/// Why a document cannot be put into a question.
#[derive(Debug)]
pub(in crate::service) enum DeskError {
    /// The document.
    File(FileError),
    /// More pictures than one question may carry.
    TooManyPictures(usize),
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

    /// How the ledger names it.
    pub(in crate::service) fn told(&self) -> String {
        format!("{} ({} bytes)", self.0.name, self.0.bytes)
    }

    /// Its text, read once. `read` are the characters of all that was read before; this document's are added.
    fn text(&self, extractor: &Extractor, read: &mut usize) -> Result<&str, FileError> {
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
    fn picture(&self) -> Result<Image, FileError> {
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

impl Desk {
    pub(in crate::service) fn new(extractor: Arc<Extractor>, most_pictures: usize) -> Arc<Self> {
        Arc::new(Self {
            extractor,
            most_pictures,
            found: Mutex::default(),
        })
    }

    /// The documents as a template's value.
    pub(super) fn value(self: &Arc<Self>, documents: &[Document]) -> minijinja::Value {
        minijinja::Value::from_object(Documents {
            documents: documents.to_vec(),
            desk: self.clone(),
        })
    }

    /// What has been printed since the last time: the pictures among it, read now.
    ///
    /// # Errors
    /// A document that was printed cannot be read.
    pub(in crate::service) fn pictures(&self) -> Result<Vec<Image>, DeskError> {
        let (pictures, error) = {
            let mut found = self.found();
            (std::mem::take(&mut found.pictures), found.error.take())
        };
        if let Some(error) = error {
            return Err(error);
        }
        let pictures = pictures.iter().map(Document::picture);
        pictures.collect::<Result<_, _>>().map_err(DeskError::File)
    }

    /// What stands in a question for the document.
    pub(in crate::service) fn print(&self, document: &Document) -> String {
        if document.kind().is_image() {
            self.attach(document);
            return format!("[{}]", document.name());
        }
        let mut found = self.found();
        if found.error.is_some() {
            // The request is refused: no more need be read for it.
            return String::new();
        }
        match document.text(&self.extractor, &mut found.chars) {
            Ok(text) => text.to_owned(),
            Err(error) => {
                found.error = Some(DeskError::File(error));
                String::new()
            }
        }
    }

    fn attach(&self, document: &Document) {
        let mut found = self.found();
        if found
            .pictures
            .iter()
            .any(|known| Arc::ptr_eq(&known.0, &document.0))
        {
            return;
        }
        if found.pictures.len() >= self.most_pictures {
            found
                .error
                .get_or_insert(DeskError::TooManyPictures(self.most_pictures));
        } else {
            found.pictures.push(document.clone());
        }
    }

    fn found(&self) -> std::sync::MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs what reads documents on a thread that may block.
pub(in crate::service) async fn reading<T: Send + 'static>(
    read: impl FnOnce() -> T + Send + 'static,
) -> T {
    let _turn = READING.acquire().await;
    match tokio::task::spawn_blocking(read).await {
        Ok(read) => read,
        // As if it had happened here: the request's own layer answers it.
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

/// The limits of documents that go to a model.
pub(crate) fn limits(settings: &crate::config::Settings, file_bytes: u64) -> Limits {
    Limits {
        file_bytes,
        image_pixels: settings.limits.image_pixels,
        text_chars: settings.limits.document_chars,
        pages: settings.limits.document_pages,
        ..Limits::default()
    }
}

/// The documents of one input: a list, printed as one text, with the keys of its first document.
#[derive(Debug)]
struct Documents {
    documents: Vec<Document>,
    desk: Arc<Desk>,
}

impl Documents {
    fn only(&self, document: &Document) -> minijinja::Value {
        self.desk.value(std::slice::from_ref(document))
    }
}

impl Object for Documents {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &minijinja::Value) -> Option<minijinja::Value> {
        if let Some(place) = key.as_usize() {
            return self
                .documents
                .get(place)
                .map(|document| self.only(document));
        }
        let first = self.documents.first()?;
        match key.as_str()? {
            "name" => Some(first.name().as_str().into()),
            "stem" => Some(first.stem().into()),
            "type" => Some(first.kind().extension().into()),
            "size" => Some(first.0.bytes.into()),
            "text" => Some(self.desk.print(first).into()),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        // A list of one document would be a list of itself without end.
        Enumerator::Seq(self.documents.len())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [document] = self.documents.as_slice() {
            return f.write_str(&self.desk.print(document));
        }
        for (place, document) in self.documents.iter().enumerate() {
            let gap = if place == 0 { "" } else { "\n\n" };
            write!(
                f,
                "{gap}## {}\n\n{}",
                document.name(),
                self.desk.print(document)
            )?;
        }
        Ok(())
    }
}
