//! Documents as templates see them. A template that prints a document gets its text, or for a picture a mark, and the
//! picture then goes along with the question; what is not printed is not read.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aicon_documents::{Extractor, FileError, Limits};
use minijinja::value::{Enumerator, Object, ObjectRepr};
use tokio::sync::Semaphore;

use super::document::Document;
use crate::provider::Image;

/// Requests whose documents are read at the same time: each may hold a document's text and a picture in memory.
static READING: Semaphore = Semaphore::const_new(4);

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
        if found.pictures.iter().any(|known| known.is(document)) {
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
            "size" => Some(first.bytes().into()),
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
