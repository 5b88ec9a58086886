//! A message of AICON's chatting type (`aicon.md` 5): one question with files, one answer, whole.

mod message;

use self::message::{Message, rule};
use super::asking::whole;
use super::form::FormRequest;
use super::form::ask::turn;
use super::form::desk::{Desk, reading};
use super::identity::Caller;
use super::spool::{Bounds, fingerprint};
use super::target::Target;
use super::ticket::{Opening, Ticket, new_use};
use super::{ServiceError, allowance, idempotency};
use crate::app::App;
use crate::limits::StreamSlot;
use crate::models::Sort;
use crate::provider::{ModelRequest, Wanted};
use crate::store::UseKind;
use crate::usage::Ending;

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
        // To an upstream it is the same; the demo's tour says nothing of files.
        wanted: if message.has_files() {
            Wanted::Text
        } else {
            Wanted::Conversation
        },
        turns: turn(text, images),
    };
    let new = new_use(
        app,
        caller,
        UseKind::Chat,
        &target.model,
        &target.provider,
        message.told(),
        key.clone(),
    );
    let opening = Ticket::open(app, slot, new, target.client.clone(), question.texts());
    let mut ticket = match opening.await? {
        Opening::Ticket(ticket) => ticket,
        Opening::Taken(earlier) => {
            return message.said(idempotency::settled(*earlier, key.as_ref())?.content);
        }
    };
    ticket.hold_back();
    ticket.begin_flush();
    let answer = whole(app, &target.provider, &mut ticket, question).await?;
    if ticket.close(Ending::Completed, None).await? {
        message.said(answer)
    } else {
        Err(ServiceError::Lapsed)
    }
}
