//! Choosing, uploading and removing images.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, File};

use super::super::chat::{Action, is_waiting_for_login};
use super::super::composer::{Attachment, AttachmentStatus, FileProblem, judge_file};
use super::super::turn::Archive;
use super::Commands;
use crate::api::{ApiError, Upload, attachment_formats, upload};
use crate::browser::{idb, random};

impl Commands {
    /// Takes chosen, dropped or pasted files: each is judged, kept in this browser and uploaded.
    pub fn attach(&self, files: Vec<File>) {
        let Some(owner) = self.0.owner.borrow().clone() else {
            return;
        };
        let formats = attachment_formats(&self.0.config);
        let attachments: Vec<_> = files
            .iter()
            .map(|file| {
                let key = [FILE_PREFIX, &owner.conversation, ":", &random::token()].concat();
                let size = file.size() as u64;
                let status =
                    match judge_file(&file.name(), size, self.0.config.max_file_bytes, &formats) {
                        Ok(()) => AttachmentStatus::Uploading(0),
                        Err(problem) => AttachmentStatus::Failed(problem),
                    };
                Attachment {
                    key: key.into(),
                    name: file.name().into(),
                    size,
                    preview: preview_of(file).filter(|_| file.type_().starts_with("image/")),
                    status,
                }
            })
            .collect();
        self.0.store.dispatch(Action::Attached(attachments.clone()));
        for (attachment, file) in attachments.into_iter().zip(files) {
            if let AttachmentStatus::Uploading(_) = attachment.status {
                self.upload(attachment.key, attachment.name, file.into(), true);
            }
        }
        self.keep_composer();
    }

    /// Sends an image again.
    pub fn retry_attachment(&self, key: &Rc<str>) {
        let (commands, key) = (self.clone(), key.clone());
        let state = self.0.store.get();
        let Some(name) = state
            .composer
            .attachments
            .iter()
            .find(|a| a.key == key)
            .map(|a| a.name.clone())
        else {
            return;
        };
        self.change(&key, AttachmentStatus::Uploading(0));
        spawn_local(async move {
            match kept_blob(&key).await {
                Some(blob) => commands.upload(key, name, blob, false),
                // The browser kept nothing: only choosing it anew helps.
                None => commands.change(&key, AttachmentStatus::Failed(FileProblem::Empty)),
            }
        });
    }

    /// Takes an image out, whatever its state.
    pub fn remove_attachment(&self, key: &Rc<str>) {
        if let Some(upload) = self.end_upload(key) {
            upload.abort();
        }
        self.0.store.dispatch(Action::Removed(key.clone()));
        self.keep_composer();
        let key = key.clone();
        spawn_local(async move { idb::remove_all(&key).await });
    }

    /// Uploads what waited for the login, and shows previews again.
    pub(super) fn resume_attachments(&self) {
        for attachment in &self.0.store.get().composer.attachments {
            self.show_preview(attachment.key.clone());
            if is_waiting_for_login(attachment) {
                self.retry_attachment(&attachment.key);
            }
        }
    }

    /// Makes a preview of a kept image.
    pub(super) fn show_preview(&self, key: Rc<str>) {
        let commands = self.clone();
        spawn_local(async move {
            // Other chosen files have nothing to show but their name.
            let shown = kept_blob(&key).await.filter(|blob| {
                let media_type = blob.type_();
                media_type.starts_with("image/") || media_type.contains("zip")
            });
            if let Some(url) = shown.and_then(|blob| preview_of(&blob)) {
                commands.0.store.dispatch(Action::Previewed { key, url });
            }
        });
    }

    /// Keeps the ZIP that an answer came with, beside the conversation's images.
    pub(super) async fn keep_archive(&self, key: u32, archive: Blob) {
        let Some(owner) = self.0.owner.borrow().clone() else {
            return;
        };
        let prefix = [FILE_PREFIX, &owner.conversation, ":"].concat();
        // A browser that refuses to keep it shows it until the page goes.
        let (place, _) = keep_blob(&prefix, &archive).await;
        let archive = Archive {
            key: place,
            url: preview_of(&archive),
        };
        self.0.store.dispatch(Action::Archived { key, archive });
    }

    fn upload(&self, key: Rc<str>, name: Rc<str>, blob: Blob, is_new: bool) {
        let handle = Upload::default();
        self.0
            .uploads
            .borrow_mut()
            .push((key.clone(), handle.clone()));
        let commands = self.clone();
        spawn_local(async move {
            if is_new {
                // A browser that refuses to keep it can still send it.
                idb::put(&key, &blob).await;
            }
            let on_progress = {
                let (commands, key) = (commands.clone(), key.clone());
                move |share: f64| {
                    commands.change(&key, AttachmentStatus::Uploading((share * 100.0) as u8))
                }
            };
            let Commands(inner) = &commands;
            let status = match upload(
                &inner.config,
                &inner.auth,
                &blob,
                &name,
                &handle,
                on_progress,
            )
            .await
            {
                Ok(file_id) => AttachmentStatus::Ready(file_id),
                Err(ApiError::SignedOut | ApiError::Aborted) => {
                    AttachmentStatus::Failed(FileProblem::SignedOut)
                }
                Err(ApiError::Fault(fault)) => AttachmentStatus::Failed(FileProblem::Fault(fault)),
            };
            commands.end_upload(&key);
            commands.change(&key, status);
            commands.keep_composer();
        });
    }

    fn end_upload(&self, key: &Rc<str>) -> Option<Upload> {
        let mut uploads = self.0.uploads.borrow_mut();
        let at = uploads.iter().position(|(known, _)| known == key)?;
        Some(uploads.swap_remove(at).1)
    }

    fn change(&self, key: &Rc<str>, status: AttachmentStatus) {
        self.0.store.dispatch(Action::AttachmentChanged {
            key: key.clone(),
            status,
        });
    }
}

/// Keys of kept images begin so, and go on with their conversation's ID.
pub(super) const FILE_PREFIX: &str = "file:";

/// Keeps a blob in this browser; answers its new key, and whether the browser took it.
pub(super) async fn keep_blob(prefix: &str, blob: &Blob) -> (Rc<str>, bool) {
    let key: Rc<str> = [prefix, &random::token()].concat().into();
    let is_kept = idb::put(&key, blob).await;
    (key, is_kept)
}

pub(super) async fn kept_blob(key: &str) -> Option<Blob> {
    use wasm_bindgen::JsCast;
    idb::get(key).await?.dyn_into().ok()
}

/// A URL of this page's for a blob. It lives as long as the page: turns go on showing it.
pub(super) fn preview_of(blob: &Blob) -> Option<Rc<str>> {
    web_sys::Url::create_object_url_with_blob(blob)
        .ok()
        .map(Rc::from)
}
