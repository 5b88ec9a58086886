//! A message as it may be put to a model: its fields, checked, and what is made of the answer.

use std::sync::Arc;

use aicon_documents::{Extractor, Format};

use super::Said;
use crate::app::App;
use crate::models::{Definition, FileRule, Kind, READABLE};
use crate::provider::Image;
use crate::service::ServiceError;
use crate::service::field::{FieldError, FieldProblem};
use crate::service::form::ask::refuse;
use crate::service::form::desk::Desk;
use crate::service::form::document::Document;
use crate::service::form::fill::documents;
use crate::service::form::make::{MadeFile, written, zipped};
use crate::service::spool::{Content, Field};

/// The archive's name, as the official sample calls it.
const ARCHIVE: &str = "processed_files.zip";

/// What a message may hold.
pub(super) struct Rule {
    pub(super) files: FileRule,
    pub(super) max_text_length: usize,
    pub(super) format: Format,
}

/// A message that has been checked.
pub(super) struct Message {
    prompt: String,
    format: Format,
    documents: Vec<Document>,
}

impl Message {
    /// Checks the fields. Texts that nobody knows are left alone, as the contract asks of a reader; a file that would be lost
    /// is told.
    pub(super) fn read(
        fields: Vec<Field>,
        rule: &Rule,
        extractor: &Arc<Extractor>,
    ) -> Result<Self, ServiceError> {
        let (mut prompt, mut format, mut files) = (None, None, Vec::new());
        for Field { name, content } in fields {
            let wrong = |problem| ServiceError::from(FieldError::named(&name, problem));
            match (name.as_str(), content) {
                ("prompt" | "output_format", Content::File(_)) => {
                    return Err(wrong(FieldProblem::NotText));
                }
                ("prompt", Content::Text(text)) if prompt.is_none() => prompt = Some(text),
                ("output_format", Content::Text(text)) if format.is_none() => format = Some(text),
                ("prompt" | "output_format", Content::Text(_)) => {
                    return Err(wrong(FieldProblem::Repeated));
                }
                // What a form sends for a file field that was left empty may be an empty text.
                ("files", Content::Text(text)) if text.is_empty() => {}
                ("files", content) => files.push(content),
                (_, Content::File(_)) => return Err(wrong(FieldProblem::Unknown)),
                (_, Content::Text(_)) => {}
            }
        }
        let prompt = prompt.filter(|prompt| !prompt.trim().is_empty());
        let prompt = prompt.ok_or_else(|| FieldError::named("prompt", FieldProblem::Missing))?;
        FieldError::too_long(
            "prompt",
            &prompt.replace("\r\n", "\n"),
            rule.max_text_length,
        )?;
        let documents = documents(files, &rule.files, extractor);
        Ok(Self {
            prompt,
            format: match format
                .as_deref()
                .map(str::trim)
                .filter(|format| !format.is_empty())
            {
                Some(format) => output_format(format)?,
                None => rule.format,
            },
            documents: documents.map_err(|problem| FieldError::named("files", problem))?,
        })
    }

    /// Whether files came with it.
    pub(super) fn has_files(&self) -> bool {
        !self.documents.is_empty()
    }

    /// The prompt, and after it what the files hold.
    pub(super) fn question(&self, desk: &Arc<Desk>) -> Result<(String, Vec<Image>), ServiceError> {
        let mut text = self.prompt.clone();
        for document in &self.documents {
            let content = desk.print(document);
            text.push_str(&format!("\n\n## {}\n\n{content}", document.name()));
        }
        let images = desk.pictures().map_err(|error| refuse("files", error))?;
        Ok((text, images))
    }

    /// What the ledger keeps: the prompt and the names of the files.
    pub(super) fn told(&self) -> String {
        let files = self
            .documents
            .iter()
            .map(|document| format!("\n[{}]", document.told()));
        std::iter::once(self.prompt.clone()).chain(files).collect()
    }

    pub(super) fn said(&self, answer: String) -> Result<Said, ServiceError> {
        if self.documents.is_empty() {
            return Ok(Said::Message(answer));
        }
        let name = match self.documents.as_slice() {
            [only] => only.stem(),
            _ => "result",
        };
        let name = format!("{name}.{}", self.format.kind().extension());
        let archive = written(&name, &answer, self.format)
            .and_then(|file| zipped(ARCHIVE, vec![file]))
            .map_err(|problem| ServiceError::UnusableAnswer {
                output: "output_format".to_owned(),
                problem,
            })?;
        let MadeFile {
            name,
            media_type,
            bytes,
        } = archive;
        Ok(Said::Archive {
            name: name.as_str().to_owned(),
            media_type,
            bytes,
        })
    }
}

fn output_format(text: &str) -> Result<Format, FieldError> {
    let extension = text.trim_start_matches('.').to_ascii_lowercase();
    Format::of_extension(&extension).ok_or_else(|| {
        let formats = Format::ALL.map(|format| format.kind().extension()).to_vec();
        FieldError::named("output_format", FieldProblem::NotWritable { formats })
    })
}

/// By the definition; without one as much as `/ai/chat` and `/ai/upload` take together.
pub(super) fn rule(app: &App, definition: Option<&Definition>) -> Rule {
    if let Some(Kind::Chat {
        files,
        max_text_length,
        is_markdown,
    }) = definition.map(|definition| &definition.kind)
    {
        return Rule {
            files: files.clone(),
            max_text_length: *max_text_length,
            format: if *is_markdown {
                Format::Markdown
            } else {
                Format::Text
            },
        };
    }
    let limits = &app.settings.limits;
    Rule {
        files: FileRule {
            accept: READABLE.map(str::to_owned).to_vec(),
            max_bytes: limits.upload_bytes as u64,
            max_files: limits.images_per_message,
        },
        max_text_length: usize::MAX,
        format: Format::Markdown,
    }
}
