//! The conversation as a reducer: turns, the growing answer, the composer. Pure.

use std::rc::Rc;

use aicon_markdown::Document;
use aicon_protocol::ai::Usage;
use aicon_protocol::id::ResponseId;

use super::composer::{Attachment, AttachmentStatus, Composer, FileProblem};
use super::store::Reduce;
use super::turn::{Answer, Archive, Question, Said, SentImage, Status, Turn};

/// The conversation and what is about to be added to it.
#[derive(Clone, Default, PartialEq)]
pub struct Chat {
    /// Oldest first. A user's turn is always followed by its answer.
    pub turns: Vec<Rc<Turn>>,
    /// What the user is about to send.
    pub composer: Composer,
    next_key: u32,
}

/// What can happen.
pub enum Action {
    /// The user typed.
    Typed(Rc<str>),
    /// The user chose images, or they came back after a reload.
    Attached(Vec<Attachment>),
    /// An image is on its way, or there, or refused.
    AttachmentChanged {
        /// Which.
        key: Rc<str>,
        /// How far.
        status: AttachmentStatus,
    },
    /// A preview was made.
    Previewed {
        /// Which image, in the composer or in a turn.
        key: Rc<str>,
        /// Its URL.
        url: Rc<str>,
    },
    /// The user took an image out.
    Removed(Rc<str>),
    /// What was composed became a turn, and its answer begins.
    Sent {
        /// See [`Answer::idempotency_key`].
        idempotency_key: Rc<str>,
    },
    /// A failed or stopped answer begins anew.
    Retried {
        /// The answer's turn.
        key: u32,
        /// Used if something of the last try came back: that try is over.
        idempotency_key: Rc<str>,
    },
    /// The answer has an ID.
    Created {
        /// The answer's turn.
        key: u32,
        /// Its ID.
        id: ResponseId,
    },
    /// The answer grew.
    Grew {
        /// The answer's turn.
        key: u32,
        /// By this.
        delta: String,
    },
    /// The answer is whole.
    Completed {
        /// The answer's turn.
        key: u32,
        /// Its ID, if the end tells it.
        id: Option<ResponseId>,
        /// The whole text, if the end tells it.
        content: Option<String>,
        /// What it cost.
        usage: Option<Usage>,
    },
    /// The answer came with a ZIP.
    Archived {
        /// The answer's turn.
        key: u32,
        /// Where it is kept.
        archive: Archive,
    },
    /// The answer ended otherwise.
    Ended {
        /// The answer's turn.
        key: u32,
        /// How.
        status: Status,
    },
    /// The session ended before anything came: the message goes back to the composer.
    Unsent {
        /// The answer's turn.
        key: u32,
    },
    /// Turns came back after a reload.
    Restored(Vec<Said>),
    /// The server had more of an answer than the page had seen.
    Recovered {
        /// The answer's turn.
        key: u32,
        /// The text stored.
        content: String,
    },
    /// The user begins a new conversation; the draft stays.
    Cleared,
    /// Another user is here: nothing stays.
    Reset,
}

impl Reduce for Chat {
    type Action = Action;

    fn reduce(&mut self, action: Action) {
        match action {
            Action::Typed(text) => self.composer.draft = text,
            Action::Attached(attachments) => self.composer.attachments.extend(attachments),
            Action::AttachmentChanged { key, status } => {
                if let Some(attachment) = self.composer.attachment(&key) {
                    attachment.status = status;
                }
            }
            Action::Previewed { key, url } => self.preview(&key, url),
            Action::Removed(key) => self
                .composer
                .attachments
                .retain(|attachment| attachment.key != key),
            Action::Sent { idempotency_key } => self.send(idempotency_key),
            Action::Retried {
                key,
                idempotency_key,
            } => self.change(key, |answer| {
                let key = if answer.may_be_unseen() {
                    answer.idempotency_key.clone()
                } else {
                    idempotency_key
                };
                *answer = Answer::empty(key);
            }),
            Action::Created { key, id } => self.change(key, |answer| answer.response_id = Some(id)),
            Action::Grew { key, delta } => self.change(key, |answer| answer.document.push(&delta)),
            Action::Completed {
                key,
                id,
                content,
                usage,
            } => self.change(key, |answer| answer.complete(id, content, usage)),
            Action::Archived { key, archive } => {
                self.change(key, |answer| answer.archive = Some(archive))
            }
            Action::Ended { key, status } => self.change(key, |answer| {
                answer.document.finish();
                answer.status = status;
            }),
            Action::Unsent { key } => self.take_back(key),
            Action::Restored(said) => {
                self.turns.clear();
                said.into_iter().for_each(|said| self.push(said));
            }
            Action::Recovered { key, content } => self.change(key, |answer| {
                if content.len() > answer.document.text().len() {
                    answer.document = Document::from_text(&content);
                }
            }),
            Action::Cleared => self.turns.clear(),
            Action::Reset => {
                *self = Self {
                    next_key: self.next_key,
                    ..Self::default()
                }
            }
        }
    }
}

impl Chat {
    /// The answer that is growing.
    pub fn streaming(&self) -> Option<u32> {
        let last = self.turns.last()?;
        matches!(&last.said, Said::Assistant(answer) if answer.status == Status::Streaming)
            .then_some(last.key)
    }

    /// The answer of a turn.
    pub fn answer(&self, key: u32) -> Option<&Answer> {
        self.turns
            .iter()
            .rev()
            .find(|turn| turn.key == key)
            .and_then(|turn| match &turn.said {
                Said::Assistant(answer) => Some(answer),
                Said::User(_) => None,
            })
    }

    /// The question that an answer's turn answers, and the answer that it continues: the last one before that came
    /// about, whole or stopped.
    pub fn question_of(&self, key: u32) -> Option<(&Question, Option<&ResponseId>)> {
        let at = self.turns.iter().position(|turn| turn.key == key)?;
        let (earlier, question) = match at
            .checked_sub(1)
            .map(|before| (&self.turns[..before], &self.turns[before].said))
        {
            Some((earlier, Said::User(question))) => (earlier, question),
            _ => return None,
        };
        let previous = earlier.iter().rev().find_map(|turn| match &turn.said {
            Said::Assistant(Answer {
                status: Status::Done | Status::Stopped,
                response_id,
                ..
            }) => response_id.as_ref(),
            _ => None,
        });
        Some((question, previous))
    }

    fn push(&mut self, said: Said) {
        self.turns.push(Rc::new(Turn {
            key: self.next_key,
            said,
        }));
        self.next_key += 1;
    }

    fn send(&mut self, idempotency_key: Rc<str>) {
        let Composer { draft, attachments } = std::mem::take(&mut self.composer);
        let images = attachments
            .into_iter()
            .filter_map(
                |Attachment {
                     key,
                     name,
                     preview,
                     status,
                     ..
                 }| match status {
                    AttachmentStatus::Ready(file_id) => Some(SentImage {
                        key,
                        name,
                        preview,
                        file_id,
                    }),
                    _ => None,
                },
            )
            .collect();
        self.push(Said::User(Question {
            text: draft,
            images,
        }));
        self.push(Said::Assistant(Answer::empty(idempotency_key)));
    }

    fn take_back(&mut self, key: u32) {
        let is_last = self.turns.last().is_some_and(|turn| turn.key == key);
        if !is_last || self.turns.len() < 2 {
            return;
        }
        self.turns.pop();
        let Some(turn) = self.turns.pop() else { return };
        let Said::User(Question { text, images }) = &turn.said else {
            return;
        };
        // What the user typed meanwhile comes after it.
        let draft = if self.composer.draft.trim().is_empty() {
            text.clone()
        } else {
            [text, "\n", &*self.composer.draft].concat().into()
        };
        self.composer.draft = draft;
        let returned = images.iter().map(|image| Attachment {
            key: image.key.clone(),
            name: image.name.clone(),
            size: 0,
            preview: image.preview.clone(),
            status: AttachmentStatus::Ready(image.file_id.clone()),
        });
        self.composer.attachments.splice(0..0, returned);
    }

    fn change(&mut self, key: u32, change: impl FnOnce(&mut Answer)) {
        let turn = self.turns.iter_mut().rev().find(|turn| turn.key == key);
        if let Some(turn) = turn
            && let Said::Assistant(answer) = &mut Rc::make_mut(turn).said
        {
            change(answer);
        }
    }

    fn preview(&mut self, key: &str, url: Rc<str>) {
        if let Some(attachment) = self.composer.attachment(key) {
            attachment.preview = Some(url);
            return;
        }
        for turn in &mut self.turns {
            let is_archive = matches!(&turn.said, Said::Assistant(answer) if answer.archive.as_ref().is_some_and(|archive| &*archive.key == key));
            if is_archive
                && let Said::Assistant(answer) = &mut Rc::make_mut(turn).said
                && let Some(archive) = &mut answer.archive
            {
                archive.url = Some(url.clone());
            }
            let has_it = matches!(&turn.said, Said::User(question) if question.images.iter().any(|image| &*image.key == key));
            if has_it && let Said::User(question) = &mut Rc::make_mut(turn).said {
                question
                    .images
                    .iter_mut()
                    .filter(|image| &*image.key == key)
                    .for_each(|image| image.preview = Some(url.clone()));
            }
        }
    }
}

/// An attachment that waits for the login.
pub fn is_waiting_for_login(attachment: &Attachment) -> bool {
    matches!(
        attachment.status,
        AttachmentStatus::Failed(FileProblem::SignedOut)
    )
}

#[cfg(test)]
#[path = "chat_tests.rs"]
mod tests;
