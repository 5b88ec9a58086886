//! What of the composer outlives a reload, as text. Pure: `commands` does the keeping.

use aicon_protocol::id::FileId;
use aicon_protocol::json::{ReadJson, WriteJson};

use super::composer::{Attachment, AttachmentStatus, Composer, FileProblem};
use crate::json::{Json, Object};

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

/// An image of the composer or of a question.
pub(super) fn image_object(key: &str, name: &str, file_id: Option<&FileId>, size: u64) -> Object {
    let mut object = Object::new();
    object.text("key", key);
    object.text("name", name);
    object.optional("file_id", file_id.map(FileId::as_str));
    object.count("size", size);
    object
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
