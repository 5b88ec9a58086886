//! A message of AICON's chatting type (`aicon.md` 5): one question with files, one answer, whole.

use std::sync::Arc;

use aicon_documents::Format;

use super::asking::whole;
use super::field::{FieldError, FieldProblem};
use super::form::FormRequest;
use super::form::ask::{refuse, turn};
use super::form::desk::{Desk, Document, reading};
use super::form::fill::documents;
use super::form::make::{MadeFile, written, zipped};
use super::identity::Caller;
use super::spool::{Bounds, Content, Field, fingerprint};
use super::target::Target;
use super::ticket::{Opening, Ticket};
use super::{ServiceError, allowance, idempotency};
use crate::app::App;
use crate::id;
use crate::limits::StreamSlot;
use crate::models::{Definition, FileRule, Kind, READABLE, Sort};
use crate::provider::{ModelRequest, Wanted};
use crate::store::{NewUse, UseKind};
use crate::usage::Ending;

/// The archive's name, as the official sample calls it.
const ARCHIVE: &str = "processed_files.zip";

/// What the user gets.
#[derive(Debug)]
pub enum Said {
    /// To a message without files.
    Message(String),
    /// To one with files: a ZIP with the answer as a file.
    Archive {
        /// Its name.
        name: String,
        /// Its media type.
        media_type: &'static str,
        /// Its content.
        bytes: Vec<u8>,
    },
}

/// What a message may hold.
struct Rule {
    files: FileRule,
    max_text_length: usize,
    format: Format,
}

/// A message that has been checked.
struct Message {
    prompt: String,
    format: Format,
    documents: Vec<Document>,
}

/// What a message may hold before anybody knows its definition.
pub fn bounds(app: &App, caller: &Caller) -> Bounds {
    let usable = app.catalog.usable(Some(Sort::Chat), caller.client.as_ref());
    let mut rules: Vec<_> = usable
        .into_iter()
        .map(|definition| rule(app, Some(definition)).files)
        .collect();
    // A message may name an LLM instead of a definition.
    rules.push(rule(app, None).files);
    Bounds {
        text_bytes: app.settings.limits.body_bytes,
        file_bytes: rules.iter().map(|rule| rule.max_bytes).max().unwrap_or(0),
        files: rules.iter().map(|rule| rule.max_files).max().unwrap_or(0),
    }
}

/// Asks the model.
///
/// # Errors
/// A field, the model, the user's limits, the store, or the model's answer.
pub async fn run(
    app: &App,
    caller: &Caller,
    slot: StreamSlot,
    request: FormRequest<'_>,
) -> Result<Said, ServiceError> {
    let key = idempotency::keyed(request.idempotency_key, || {
        fingerprint(request.model, &request.fields)
    })?;
    let (model, fields) = super::form::named(request.model, request.fields);
    let target = Target::of_chat(app, caller, model.as_deref())?;
    let system = target.system()?;
    let rule = rule(app, target.definition.as_deref());
    let (extractor, most) = (
        app.extractor.clone(),
        app.settings.limits.images_per_message,
    );
    let desk_extractor = extractor.clone();
    let (message, question) = reading(move || {
        let message = Message::read(fields, &rule, &extractor)?;
        let question = message.question(&Desk::new(desk_extractor, most))?;
        Ok::<_, ServiceError>((message, question))
    })
    .await?;
    let (text, images) = question;
    if let Err(refusal) = allowance::check(app, &caller.user).await {
        let earlier = idempotency::earlier_instead(app, caller, key.as_ref(), refusal).await?;
        return message.said(earlier.content);
    }
    let question = ModelRequest {
        model: target.model.clone(),
        system,
        wanted: Wanted::Conversation,
        turns: turn(text, images),
    };
    let new = NewUse {
        id: id::response_id(),
        guid: id::usage_guid(),
        owner: caller.user.clone(),
        client: caller.client.clone(),
        kind: UseKind::Chat,
        model: target.model.clone(),
        provider: target.provider.name().to_owned(),
        input: message.told(),
        files: Vec::new(),
        previous: None,
        idempotency: key.clone(),
        started_at: app.clock.now(),
    };
    let opening = Ticket::open(app, slot, new, target.client.clone(), question.texts());
    let mut ticket = match opening.await? {
        Opening::Ticket(ticket) => ticket,
        Opening::Taken(earlier) => {
            return message.said(idempotency::settled(*earlier, key.as_ref())?.content);
        }
    };
    ticket.hold_back();
    let answer = whole(app, &target.provider, &mut ticket, question).await?;
    if ticket.close(Ending::Completed, None).await? {
        message.said(answer)
    } else {
        Err(ServiceError::Lapsed)
    }
}

impl Message {
    /// Checks the fields. Texts that nobody knows are left alone, as the contract asks of a reader; a file that would be lost
    /// is told.
    fn read(
        fields: Vec<Field>,
        rule: &Rule,
        extractor: &Arc<aicon_documents::Extractor>,
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

    /// The prompt, and after it what the files hold.
    fn question(
        &self,
        desk: &Arc<Desk>,
    ) -> Result<(String, Vec<crate::provider::Image>), ServiceError> {
        let mut text = self.prompt.clone();
        for document in &self.documents {
            let content = desk.print(document);
            text.push_str(&format!("\n\n## {}\n\n{content}", document.name()));
        }
        let images = desk.pictures().map_err(|error| refuse("files", error))?;
        Ok((text, images))
    }

    /// What the ledger keeps: the prompt and the names of the files.
    fn told(&self) -> String {
        let files = self
            .documents
            .iter()
            .map(|document| format!("\n[{}]", document.told()));
        std::iter::once(self.prompt.clone()).chain(files).collect()
    }

    fn said(&self, answer: String) -> Result<Said, ServiceError> {
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
fn rule(app: &App, definition: Option<&Definition>) -> Rule {
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
