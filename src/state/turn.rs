//! What was said: questions and answers. Pure.

use std::rc::Rc;

use aicon_markdown::Document;
use aicon_protocol::ai::{ErrorCode, Usage};
use aicon_protocol::id::{FileId, ResponseId};

use crate::api::Fault;

/// One message.
#[derive(Clone, PartialEq)]
pub struct Turn {
    /// Unique in this page's life.
    pub key: u32,
    /// Whose it is, and what it says.
    pub said: Said,
}

/// See [`Turn::said`].
#[derive(Clone, PartialEq)]
pub enum Said {
    /// By the user.
    User(Question),
    /// By the model.
    Assistant(Answer),
}

/// What the user said.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// As typed.
    pub text: Rc<str>,
    /// What went along.
    pub images: Vec<SentImage>,
}

/// An image that went along.
#[derive(Clone, Debug, PartialEq)]
pub struct SentImage {
    /// The blob's key in the browser's store.
    pub key: Rc<str>,
    /// The file's name, untrusted.
    pub name: Rc<str>,
    /// A URL of this page's that shows the image.
    pub preview: Option<Rc<str>>,
    /// What the server knows it by.
    pub file_id: FileId,
}

/// What the model says.
#[derive(Clone, PartialEq)]
pub struct Answer {
    /// Markdown, growing.
    pub document: Document,
    /// How far it is.
    pub status: Status,
    /// To continue and to look it up by.
    pub response_id: Option<ResponseId>,
    /// What it cost.
    pub usage: Option<Usage>,
    /// A ZIP of processed files, from a server that answers so.
    pub archive: Option<Archive>,
    /// The same for all tries of which nothing came back, so that the server answers and meters one of them (promise R14).
    pub idempotency_key: Rc<str>,
}

/// See [`Answer::archive`].
#[derive(Clone, Debug, PartialEq)]
pub struct Archive {
    /// The blob's key in the browser's store.
    pub key: Rc<str>,
    /// A URL of this page's; `None` until the blob has been found.
    pub url: Option<Rc<str>>,
}

/// See [`Answer::status`].
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// More may come.
    Streaming,
    /// Whole.
    Done,
    /// Ended by the user.
    Stopped,
    /// Ended by a failure; what had come is kept.
    Failed(Fault),
}

impl Answer {
    /// Nothing of it has come.
    pub(super) fn empty(idempotency_key: Rc<str>) -> Self {
        Self {
            document: Document::new(),
            status: Status::Streaming,
            response_id: None,
            usage: None,
            archive: None,
            idempotency_key,
        }
    }

    /// The server may have an answer of which this page has seen nothing.
    pub(super) fn may_be_unseen(&self) -> bool {
        let is_other_message = matches!(&self.status, Status::Failed(fault) if fault.code() == Some(&ErrorCode::IdempotencyMismatch));
        self.response_id.is_none() && self.document.text().is_empty() && !is_other_message
    }

    /// Its end has come.
    pub(super) fn complete(
        &mut self,
        id: Option<ResponseId>,
        content: Option<String>,
        usage: Option<Usage>,
    ) {
        // The end's own text beats the deltas: one may have been lost on the way.
        match content {
            Some(content) if content != self.document.text() && !content.is_empty() => {
                self.document = Document::from_text(&content);
            }
            _ => self.document.finish(),
        }
        self.response_id = id.or(self.response_id.take());
        self.usage = usage;
        self.status = Status::Done;
    }
}

/// Whether a new try has to do without the earlier turns, because the server no longer has them.
pub fn has_lost_context(status: &Status) -> bool {
    matches!(status, Status::Failed(fault) if fault.code() == Some(&ErrorCode::ResponseNotFound))
}
