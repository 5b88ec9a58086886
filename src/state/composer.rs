//! What the user is about to send: the draft and the chosen images. Pure.

use std::rc::Rc;

use aicon_protocol::id::FileId;

use crate::api::Fault;
use crate::config::Config;

/// What the user is about to send.
#[derive(Clone, Default, PartialEq)]
pub struct Composer {
    /// The text, as typed.
    pub draft: Rc<str>,
    /// The images, in the order of choosing.
    pub attachments: Vec<Attachment>,
}

/// A chosen image.
#[derive(Clone, PartialEq)]
pub struct Attachment {
    /// Unique; the blob's key in the browser's store.
    pub key: Rc<str>,
    /// The file's name, untrusted.
    pub name: Rc<str>,
    /// Bytes.
    pub size: u64,
    /// A URL of this page's that shows the image.
    pub preview: Option<Rc<str>>,
    /// How far it is.
    pub status: AttachmentStatus,
}

/// See [`Attachment::status`].
#[derive(Clone, PartialEq)]
pub enum AttachmentStatus {
    /// On its way; percent sent.
    Uploading(u8),
    /// On the server.
    Ready(FileId),
    /// Not sent, or refused.
    Failed(FileProblem),
}

/// Why an image cannot be sent.
#[derive(Clone, Debug, PartialEq)]
pub enum FileProblem {
    /// Larger than the limit, in bytes.
    TooBig(u64),
    /// No format that the API takes.
    WrongType,
    /// No bytes in it.
    Empty,
    /// The upload failed.
    Fault(Fault),
    /// The session ended before it was sent; it is sent again after the login.
    SignedOut,
}

impl FileProblem {
    /// Whether another try may help.
    pub fn can_retry(&self) -> bool {
        match self {
            Self::TooBig(_) | Self::WrongType | Self::Empty => false,
            Self::SignedOut => true,
            Self::Fault(Fault::Told { status, .. }) => *status >= 429,
            Self::Fault(_) => true,
        }
    }
}

/// Why a message cannot be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// Nothing but white space.
    Blank,
    /// This many characters more than the limit.
    TooLong(usize),
    /// An image is on its way.
    Uploading,
    /// An image failed: it has to be removed or sent again.
    FailedAttachment,
    /// More images than allowed.
    TooManyFiles,
}

impl Composer {
    /// Why it cannot be sent; `None`: it can.
    pub fn blocked(&self, config: &Config) -> Option<Blocked> {
        let length = self.draft.chars().count();
        if length > config.max_text_length {
            return Some(Blocked::TooLong(length - config.max_text_length));
        }
        if self.attachments.len() > config.max_files {
            return Some(Blocked::TooManyFiles);
        }
        let is = |wanted: fn(&AttachmentStatus) -> bool| {
            self.attachments.iter().any(|a| wanted(&a.status))
        };
        if is(|status| matches!(status, AttachmentStatus::Failed(_))) {
            return Some(Blocked::FailedAttachment);
        }
        if is(|status| matches!(status, AttachmentStatus::Uploading(_))) {
            return Some(Blocked::Uploading);
        }
        self.draft.trim().is_empty().then_some(Blocked::Blank)
    }

    pub(super) fn attachment(&mut self, key: &str) -> Option<&mut Attachment> {
        self.attachments
            .iter_mut()
            .find(|attachment| &*attachment.key == key)
    }
}

/// What can be said of a file before it is sent. Its content is the server's to judge.
pub fn judge_file(
    name: &str,
    size: u64,
    max_bytes: u64,
    formats: &[&str],
) -> Result<(), FileProblem> {
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension)
        .unwrap_or_default();
    if !formats
        .iter()
        .any(|format| format.eq_ignore_ascii_case(extension))
    {
        return Err(FileProblem::WrongType);
    }
    if size == 0 {
        return Err(FileProblem::Empty);
    }
    if size > max_bytes {
        Err(FileProblem::TooBig(max_bytes))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        let text =
            r#"{"apiEndPoint":"https://a.example","aiConLogin":"","maxTextLength":5,"maxFiles":1}"#;
        crate::config::parse(text).unwrap()
    }

    fn judge(name: &str, size: u64, max_bytes: u64) -> Result<(), FileProblem> {
        judge_file(
            name,
            size,
            max_bytes,
            &crate::api::attachment_formats(&config()),
        )
    }

    fn attachment(status: AttachmentStatus) -> Attachment {
        Attachment {
            key: "k".into(),
            name: "a.png".into(),
            size: 1,
            preview: None,
            status,
        }
    }

    #[test]
    fn the_limit_counts_characters_and_not_bytes() {
        let composer = Composer {
            draft: "안녕하세요".into(),
            ..Composer::default()
        };
        assert_eq!(composer.blocked(&config()), None);
        let composer = Composer {
            draft: "안녕하세요!?".into(),
            ..Composer::default()
        };
        assert_eq!(composer.blocked(&config()), Some(Blocked::TooLong(2)));
    }

    #[test]
    fn a_blank_draft_an_upload_and_a_failed_image_block() {
        let with = |draft: &str, attachments| {
            Composer {
                draft: draft.into(),
                attachments,
            }
            .blocked(&config())
        };
        assert_eq!(with(" \n", vec![]), Some(Blocked::Blank));
        assert_eq!(
            with("a", vec![attachment(AttachmentStatus::Uploading(1))]),
            Some(Blocked::Uploading)
        );
        let failed = attachment(AttachmentStatus::Failed(FileProblem::Empty));
        assert_eq!(
            with("a", vec![failed.clone()]),
            Some(Blocked::FailedAttachment)
        );
        assert_eq!(
            with("a", vec![failed.clone(), failed]),
            Some(Blocked::TooManyFiles)
        );
        assert_eq!(
            with(
                "a",
                vec![attachment(AttachmentStatus::Ready(FileId::new("f")))]
            ),
            None
        );
    }

    #[test]
    fn files_are_judged_by_name_and_size() {
        assert_eq!(judge("a.PNG", 10, 10), Ok(()));
        assert_eq!(judge("사진.jpeg", 11, 10), Err(FileProblem::TooBig(10)));
        assert_eq!(judge("a.png", 0, 10), Err(FileProblem::Empty));
        for name in ["a.exe", "png", "a.png.exe", "a."] {
            assert_eq!(judge(name, 1, 10), Err(FileProblem::WrongType), "{name}");
        }
    }
}
