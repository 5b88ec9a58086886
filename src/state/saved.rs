//! What outlives a reload, as text. Pure: `commands` does the keeping.

use std::rc::Rc;

use aicon_markdown::Document;
use aicon_protocol::ai::Usage;
use aicon_protocol::id::{FileId, ResponseId};
use aicon_protocol::json::{ReadJson, WriteJson};

use super::composer::{Attachment, AttachmentStatus, Composer, FileProblem};
use super::turn::{Answer, Archive, Question, Said, SentImage, Status, Turn};
use crate::api::Fault;
use crate::json::{Json, Object};

/// The conversation as text.
pub fn conversation_text(turns: &[Rc<Turn>]) -> String {
    let mut object = Object::new();
    object.objects(
        "turns",
        turns.iter().map(|turn| turn_object(&turn.said)).collect(),
    );
    object.into_text()
}

/// The conversation of a text; `None` when it is not one. An answer that was growing has been left.
pub fn conversation_of(text: &str) -> Option<Vec<Said>> {
    Json::parse(text)
        .ok()?
        .member("turns")?
        .items()?
        .iter()
        .map(said_of)
        .collect()
}

fn turn_object(said: &Said) -> Object {
    let mut object = Object::new();
    match said {
        Said::User(Question { text, images }) => {
            object.text("user", text);
            let image =
                |image: &SentImage| image_object(&image.key, &image.name, Some(&image.file_id), 0);
            object.objects("images", images.iter().map(image).collect());
        }
        Said::Assistant(Answer {
            document,
            status,
            response_id,
            usage,
            archive,
            idempotency_key,
        }) => {
            object.text("assistant", document.text());
            object.text("idempotency_key", idempotency_key);
            object.optional("archive", archive.as_ref().map(|archive| &*archive.key));
            object.optional("id", response_id.as_ref().map(ResponseId::as_str));
            match status {
                Status::Streaming => {}
                Status::Done => object.text("status", "done"),
                Status::Stopped => object.text("status", "stopped"),
                Status::Failed(fault) => object.object("fault", fault.to_object()),
            }
            if let Some(usage) = usage {
                let mut tokens = Object::new();
                tokens.count("input_tokens", usage.input_tokens);
                tokens.count("output_tokens", usage.output_tokens);
                tokens.count("total_tokens", usage.total_tokens);
                object.object("usage", tokens);
            }
        }
    }
    object
}

fn said_of(json: &Json) -> Option<Said> {
    if let Some(text) = json.text_of("user") {
        let images = json
            .member("images")
            .and_then(|images| images.items())
            .unwrap_or_default();
        let image = |json: &Json| {
            Some(SentImage {
                key: json.text_of("key")?.into(),
                name: json.text_of("name")?.into(),
                preview: None,
                file_id: FileId::new(json.text_of("file_id")?),
            })
        };
        return Some(Said::User(Question {
            text: text.into(),
            images: images.iter().filter_map(image).collect(),
        }));
    }
    let status = match (json.text_of("status").as_deref(), json.member("fault")) {
        (Some("done"), _) => Status::Done,
        (Some(_), _) => Status::Stopped,
        (None, Some(fault)) => Status::Failed(Fault::of_json(&fault)),
        (None, None) => Status::Failed(Fault::Left),
    };
    Some(Said::Assistant(Answer {
        document: Document::from_text(&json.text_of("assistant")?),
        status,
        response_id: json.text_of("id").map(ResponseId::new),
        usage: json.member("usage").map(|usage| Usage::read(&usage)),
        archive: json.text_of("archive").map(|key| Archive {
            key: key.into(),
            url: None,
        }),
        idempotency_key: json.text_of("idempotency_key").unwrap_or_default().into(),
    }))
}

/// The composer as text, with its owner: another user of the same tab does not get it.
pub fn composer_text(owner: &str, composer: &Composer) -> String {
    let attachment = |Attachment {
                          key,
                          name,
                          size,
                          status,
                          ..
                      }: &Attachment| {
        let file_id = match status {
            AttachmentStatus::Ready(file_id) => Some(file_id),
            _ => None,
        };
        image_object(key, name, file_id, *size)
    };
    let mut object = Object::new();
    object.text("owner", owner);
    object.text("draft", &composer.draft);
    object.objects(
        "attachments",
        composer.attachments.iter().map(attachment).collect(),
    );
    object.into_text()
}

/// The composer of a text, if it is this owner's. Images that had not arrived wait to be sent again.
pub fn composer_of(text: &str, owner: &str) -> Option<Composer> {
    let json = Json::parse(text)
        .ok()
        .filter(|json| json.text_of("owner").as_deref() == Some(owner))?;
    let attachment = |json: &Json| {
        Some(Attachment {
            key: json.text_of("key")?.into(),
            name: json.text_of("name")?.into(),
            size: json.count_of("size").unwrap_or_default(),
            preview: None,
            status: match json.text_of("file_id") {
                Some(file_id) => AttachmentStatus::Ready(FileId::new(file_id)),
                None => AttachmentStatus::Failed(FileProblem::SignedOut),
            },
        })
    };
    let attachments = json
        .member("attachments")?
        .items()?
        .iter()
        .filter_map(attachment)
        .collect();
    Some(Composer {
        draft: json.text_of("draft")?.into(),
        attachments,
    })
}

fn image_object(key: &str, name: &str, file_id: Option<&FileId>, size: u64) -> Object {
    let mut object = Object::new();
    object.text("key", key);
    object.text("name", name);
    object.optional("file_id", file_id.map(FileId::as_str));
    object.count("size", size);
    object
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
            Action::Sent {
                idempotency_key: "key-1".into(),
            },
            Action::Created {
                key: 1,
                id: ResponseId::new("resp_1"),
            },
            Action::Grew {
                key: 1,
                delta: "**답".to_owned(),
            },
        ] {
            chat.reduce(action);
        }
        let said = conversation_of(&conversation_text(&chat.turns)).unwrap();
        let [Said::User(question), Said::Assistant(answer)] = &said[..] else {
            panic!("two turns")
        };
        assert_eq!(
            (&*question.text, &*question.images[0].name),
            ("질문", "사진.png")
        );
        assert_eq!(question.images[0].preview, None);
        assert_eq!(
            (answer.document.text(), &answer.status),
            ("**답", &Status::Failed(Fault::Left))
        );
        assert_eq!(answer.response_id, Some(ResponseId::new("resp_1")));
        assert_eq!(&*answer.idempotency_key, "key-1");
    }

    #[test]
    fn a_draft_is_its_owners_alone() {
        let composer = Composer {
            draft: "비밀".into(),
            attachments: Vec::new(),
        };
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
