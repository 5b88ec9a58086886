//! What outlives a reload, as text. Pure: `commands` does the keeping.

use std::rc::Rc;

use aicon_markdown::Document;
use aicon_protocol::ai::Usage;
use aicon_protocol::id::{FileId, ResponseId};
use serde::{Deserialize, Serialize};

use super::chat::{Answer, Question, Said, SentImage, Status, Turn};
use super::composer::{Attachment, AttachmentStatus, Composer, FileProblem};
use crate::api::Fault;

#[derive(Serialize, Deserialize)]
struct SavedConversation {
    turns: Vec<SavedTurn>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
enum SavedTurn {
    User { text: String, images: Vec<SavedImage> },
    Assistant { text: String, status: SavedStatus, id: Option<ResponseId>, usage: Option<Usage> },
}

#[derive(Serialize, Deserialize)]
struct SavedImage {
    key: String,
    name: String,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    file_id: Option<FileId>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum SavedStatus {
    Streaming,
    Done,
    Stopped,
    Failed { fault: Fault },
}

/// The conversation as text.
pub fn conversation_text(turns: &[Rc<Turn>]) -> String {
    let turns = turns.iter().map(|turn| saved_turn(&turn.said)).collect();
    // Strings, numbers and lists: there is no value that JSON cannot say.
    serde_json::to_string(&SavedConversation { turns }).unwrap_or_default()
}

/// The conversation of a text; `None` when it is not one. An answer that was growing has been left.
pub fn conversation_of(text: &str) -> Option<Vec<Said>> {
    let saved: SavedConversation = serde_json::from_str(text).ok()?;
    Some(saved.turns.into_iter().map(said_of).collect())
}

fn saved_turn(said: &Said) -> SavedTurn {
    match said {
        Said::User(Question { text, images }) => SavedTurn::User {
            text: text.to_string(),
            images: images
                .iter()
                .map(|SentImage { key, name, file_id, .. }| SavedImage {
                    key: key.to_string(),
                    name: name.to_string(),
                    size: 0,
                    file_id: Some(file_id.clone()),
                })
                .collect(),
        },
        Said::Assistant(Answer { document, status, response_id, usage }) => SavedTurn::Assistant {
            text: document.text().to_owned(),
            status: match status {
                Status::Streaming => SavedStatus::Streaming,
                Status::Done => SavedStatus::Done,
                Status::Stopped => SavedStatus::Stopped,
                Status::Failed(fault) => SavedStatus::Failed { fault: fault.clone() },
            },
            id: response_id.clone(),
            usage: *usage,
        },
    }
}

fn said_of(turn: SavedTurn) -> Said {
    match turn {
        SavedTurn::User { text, images } => Said::User(Question {
            text: text.into(),
            images: images
                .into_iter()
                .filter_map(|SavedImage { key, name, file_id, .. }| {
                    Some(SentImage { key: key.into(), name: name.into(), preview: None, file_id: file_id? })
                })
                .collect(),
        }),
        SavedTurn::Assistant { text, status, id, usage } => Said::Assistant(Answer {
            document: Document::from_text(&text),
            status: match status {
                SavedStatus::Streaming => Status::Failed(Fault::Left),
                SavedStatus::Done => Status::Done,
                SavedStatus::Stopped => Status::Stopped,
                SavedStatus::Failed { fault } => Status::Failed(fault),
            },
            response_id: id,
            usage,
        }),
    }
}

#[derive(Serialize, Deserialize)]
struct SavedComposer {
    /// Whose it is: another user of the same tab does not get it.
    owner: String,
    draft: String,
    attachments: Vec<SavedImage>,
}

/// The composer as text, with its owner.
pub fn composer_text(owner: &str, composer: &Composer) -> String {
    let attachments = composer
        .attachments
        .iter()
        .map(|Attachment { key, name, size, status, .. }| SavedImage {
            key: key.to_string(),
            name: name.to_string(),
            size: *size,
            file_id: match status {
                AttachmentStatus::Ready(file_id) => Some(file_id.clone()),
                _ => None,
            },
        })
        .collect();
    let saved = SavedComposer { owner: owner.to_owned(), draft: composer.draft.to_string(), attachments };
    serde_json::to_string(&saved).unwrap_or_default()
}

/// The composer of a text, if it is this owner's. Images that had not arrived wait to be sent again.
pub fn composer_of(text: &str, owner: &str) -> Option<Composer> {
    let saved: SavedComposer = serde_json::from_str(text).ok().filter(|saved: &SavedComposer| saved.owner == owner)?;
    let attachments = saved
        .attachments
        .into_iter()
        .map(|SavedImage { key, name, size, file_id }| Attachment {
            key: key.into(),
            name: name.into(),
            size,
            preview: None,
            status: match file_id {
                Some(file_id) => AttachmentStatus::Ready(file_id),
                None => AttachmentStatus::Failed(FileProblem::SignedOut),
            },
        })
        .collect();
    Some(Composer { draft: saved.draft.into(), attachments })
}

#[cfg(test)]
mod tests {
    use super::super::chat::{Action, Chat};
    use super::super::store::Reduce;
    use super::*;

    #[test]
    fn a_conversation_comes_back_and_a_growing_answer_counts_as_left() {
        let mut chat = Chat::default();
        let image = Attachment {
            key: "k".into(),
            name: "사진.png".into(),
            size: 9,
            preview: Some("blob:x".into()),
            status: AttachmentStatus::Ready(FileId::new("file-1")),
        };
        for action in [
            Action::Attached(vec![image]),
            Action::Typed("질문".into()),
            Action::Sent,
            Action::Created { key: 1, id: ResponseId::new("resp_1") },
            Action::Grew { key: 1, delta: "**답".to_owned() },
        ] {
            chat.reduce(action);
        }
        let said = conversation_of(&conversation_text(&chat.turns)).unwrap();
        let [Said::User(question), Said::Assistant(answer)] = &said[..] else { panic!("two turns") };
        assert_eq!((&*question.text, &*question.images[0].name), ("질문", "사진.png"));
        assert_eq!(question.images[0].preview, None);
        assert_eq!((answer.document.text(), &answer.status), ("**답", &Status::Failed(Fault::Left)));
        assert_eq!(answer.response_id, Some(ResponseId::new("resp_1")));
    }

    #[test]
    fn a_draft_is_its_owners_alone() {
        let composer = Composer { draft: "비밀".into(), attachments: Vec::new() };
        let text = composer_text("user-1", &composer);
        assert!(composer_of(&text, "user-1").unwrap() == composer);
        assert!(composer_of(&text, "user-2").is_none());
    }

    #[test]
    fn what_is_no_conversation_is_none() {
        for text in ["", "{}", "[]", r#"{"turns":[{"role":"robot"}]}"#] {
            assert!(conversation_of(text).is_none(), "{text}");
        }
    }
}
