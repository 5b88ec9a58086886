//! A use's row from its opening to its end. However a use ends, by its last event, by an error, by a client that
//! goes away at any point, the row is completed.

use std::sync::Arc;

use aicon_protocol::ai::Usage;
use aicon_protocol::id::ResponseId;
use tokio::sync::watch;

use super::clients::Client;
use super::identity::Caller;
use super::tally::Tally;
use crate::app::App;
use crate::clock::Clock;
use crate::id;
use crate::limits::StreamSlot;
use crate::provider::Provider;
use crate::store::{
    Flush, Idempotency, NewUse, Opened, Outcome, Status, Store, StoreError, UseKind, UseRecord,
};
use crate::usage::{Ending, count_aside};

/// An open row and the answer so far. Dropped before [`Ticket::close`], it stores itself in the background.
#[derive(Debug)]
pub(super) struct Ticket {
    store: Store,
    tally: Tally,
    clock: Clock,
    id: ResponseId,
    use_so_far: UseSoFar,
    usage: Usage,
    stored: bool,
    flush: Flush,
    unfinished: Option<watch::Receiver<()>>,
    _slot: StreamSlot,
}

/// Whether a use began.
pub(super) enum Opening {
    /// It did: the model may be asked.
    Ticket(Box<Ticket>),
    /// An earlier try has the idempotency key.
    Taken(Box<UseRecord>),
}

/// All that a row's outcome is made of.
#[derive(Clone, Debug)]
struct UseSoFar {
    /// With the terms of the time when the use began.
    client: Option<Arc<Client>>,
    /// Of the calls that are over.
    counted: Usage,
    is_estimated: bool,
    /// Of the call that runs.
    prompt: Arc<Vec<String>>,
    content: String,
    /// Where in `content` the running call's answer begins.
    call_at: usize,
    input: Option<u64>,
    output: Option<u64>,
    usage_is_whole: bool,
    is_held_back: bool,
    ending: Ending,
    failure: Option<String>,
}

/// A use that begins now, without pictures and without an answer before it.
pub(super) fn new_use(
    app: &App,
    caller: &Caller,
    kind: UseKind,
    model: &str,
    provider: &Provider,
    input: String,
    idempotency: Option<Idempotency>,
) -> NewUse {
    NewUse {
        id: id::response_id(),
        guid: id::usage_guid(),
        owner: caller.user.clone(),
        client: caller.client.clone(),
        kind,
        model: model.to_owned(),
        provider: provider.name().to_owned(),
        input,
        files: Vec::new(),
        previous: None,
        idempotency,
        started_at: app.clock.now(),
    }
}

impl Ticket {
    /// Opens the row. Until something else is said, the client counts as gone.
    pub(super) async fn open(
        app: &App,
        slot: StreamSlot,
        new: NewUse,
        client: Option<Arc<Client>>,
        prompt: Vec<String>,
    ) -> Result<Opening, StoreError> {
        // Before the row, so that a client that leaves while it is written leaves no row open.
        let mut ticket = Box::new(Self {
            store: app.store.clone(),
            tally: Tally::new(app, &new),
            clock: app.clock.clone(),
            id: new.id.clone(),
            use_so_far: UseSoFar {
                client,
                counted: Usage::default(),
                is_estimated: false,
                prompt: Arc::new(prompt),
                content: String::new(),
                call_at: 0,
                input: None,
                output: None,
                usage_is_whole: false,
                is_held_back: false,
                ending: Ending::Left,
                failure: None,
            },
            usage: Usage::default(),
            stored: false,
            flush: Flush::default(),
            unfinished: Some(app.unfinished.mark()),
            _slot: slot,
        });
        match app.store.open_use(new).await {
            Ok(Opened::New(flush)) => {
                ticket.flush = flush;
                Ok(Opening::Ticket(ticket))
            }
            Ok(Opened::Taken(earlier)) => {
                ticket.stored = true;
                Ok(Opening::Taken(earlier))
            }
            Err(error) => {
                // The row may be there all the same: a connection can break after the commit.
                ticket.use_so_far.ending = Ending::Refused { status: 503 };
                Err(error)
            }
        }
    }

    /// Sends the row on its way to the disk, if it is not; to be called when the model has been asked.
    pub(super) fn begin_flush(&mut self) {
        self.flush.begin();
    }

    /// Returns once the row outlives a power cut: from then on the answer may be told.
    ///
    /// # Errors
    /// It may not.
    pub(super) async fn flushed(&mut self) -> Result<(), StoreError> {
        self.flush.wait().await
    }

    pub(super) fn push(&mut self, delta: &str) {
        self.use_so_far.content.push_str(delta);
    }

    pub(super) fn report(&mut self, input: Option<u64>, output: Option<u64>) {
        // Counts only grow; a later report that leaves a part out, such as cached tokens, is not a smaller count.
        let so_far = &mut self.use_so_far;
        so_far.input = so_far.input.max(input);
        so_far.output = so_far.output.max(output);
    }

    /// Says that the reported counts cover the answer although it is not completed.
    pub(super) fn usage_is_whole(&mut self) {
        self.use_so_far.usage_is_whole = true;
    }

    pub(super) fn id(&self) -> &ResponseId {
        &self.id
    }

    pub(super) fn content(&self) -> &str {
        &self.use_so_far.content
    }

    /// Says that the client gets nothing before the end: who leaves has got nothing to pay for.
    pub(super) fn hold_back(&mut self) {
        self.use_so_far.is_held_back = true;
    }

    /// Adds up a call that has ended well; the use goes on with another one, whose question this is.
    pub(super) async fn next_call(&mut self, prompt: Vec<String>) {
        let mut ended = self.use_so_far.clone();
        ended.ending = Ending::Completed;
        let (counted, is_estimated) = ended.usage().await;
        self.use_so_far = UseSoFar {
            counted,
            is_estimated,
            prompt: Arc::new(prompt),
            call_at: self.use_so_far.content.len(),
            input: None,
            output: None,
            usage_is_whole: false,
            ..self.use_so_far.clone()
        };
    }

    /// Says that the last call has ended well, and what the client gets of all answers.
    pub(super) async fn conclude(&mut self, content: String) {
        self.next_call(Vec::new()).await;
        self.use_so_far.call_at = content.len();
        self.use_so_far.content = content;
        self.report(Some(0), Some(0));
        self.usage_is_whole();
    }

    /// What it cost; known once it is closed.
    pub(super) fn usage(&self) -> Usage {
        self.usage
    }

    /// Says how it ended and stores it. Dropped in between, it is stored so in the background. `false`: the row was no
    /// longer open, somebody else has ended it.
    pub(super) async fn close(
        &mut self,
        ending: Ending,
        failure: Option<&str>,
    ) -> Result<bool, StoreError> {
        self.use_so_far.ending = ending;
        self.use_so_far.failure = failure.map(str::to_owned);
        let outcome = self.use_so_far.clone().outcome(self.clock.now()).await;
        self.usage = outcome.usage;
        let status = outcome.status;
        let is_ours = self.store.complete_use(&self.id, outcome).await?;
        if is_ours {
            self.tally.ended(status, self.usage);
        }
        self.stored = true;
        self.unfinished = None;
        Ok(is_ours)
    }
}

impl UseSoFar {
    /// All of it; a hundred streams that are cut at the same time need no second copy of each answer.
    fn take(&mut self) -> Self {
        let content = std::mem::take(&mut self.content);
        Self {
            content,
            ..self.clone()
        }
    }

    async fn outcome(mut self, ended_at: i64) -> Outcome {
        let (usage, usage_estimated) = self.usage().await;
        let is_anything_said = !self.is_held_back && !self.content.is_empty();
        let terms = self.client.as_ref().map(|client| &client.terms);
        Outcome {
            status: status(self.ending),
            failure: self.failure,
            response_code: self.ending.response_code(),
            content: self.content,
            usage,
            usage_estimated,
            // Whom nobody bills pays nothing.
            amount: terms.map_or(0, |terms| {
                self.ending.amount(&terms.price, usage, is_anything_said)
            }),
            content_limit: terms.and_then(|terms| terms.content.column()),
            ended_at,
        }
    }

    /// Of all calls.
    async fn usage(&mut self) -> (Usage, bool) {
        let (call, is_estimated) = self.usage_of_call().await;
        let usage = Usage::new(
            self.counted.input_tokens + call.input_tokens,
            self.counted.output_tokens + call.output_tokens,
        );
        (usage, self.is_estimated || is_estimated)
    }

    /// The provider's counts where they cover the whole answer, our own for what is missing.
    async fn usage_of_call(&mut self) -> (Usage, bool) {
        if self.prompt.is_empty() && self.input.is_none() && self.content.len() == self.call_at {
            // Nothing has been asked yet.
            return (Usage::default(), false);
        }
        // Only a whole answer has the provider's whole count; Anthropic for one begins with an output of 1.
        let is_whole = self.ending == Ending::Completed || self.usage_is_whole;
        match (self.input, self.output) {
            (Some(input), Some(output)) if is_whole => (Usage::new(input, output), false),
            (None, _) if self.is_refusal() => (Usage::default(), false),
            (input, output) => {
                // A prompt that the provider counted is not counted again.
                let prompt = match input {
                    Some(_) => Arc::default(),
                    None => self.prompt.clone(),
                };
                let earlier = self.content[..self.call_at].to_owned();
                let answer = Arc::new(self.content.split_off(self.call_at));
                let counted = count_aside(prompt, answer.clone()).await;
                self.content = earlier;
                if self.content.is_empty() {
                    self.content = Arc::unwrap_or_clone(answer);
                } else {
                    self.content.push_str(&answer);
                }
                let output = output.unwrap_or(0).max(counted.output_tokens);
                (
                    Usage::new(input.unwrap_or(counted.input_tokens), output),
                    true,
                )
            }
        }
    }

    fn is_refusal(&self) -> bool {
        status(self.ending) == Status::Failed && self.content.len() == self.call_at
    }
}

fn status(ending: Ending) -> Status {
    match ending {
        Ending::Completed => Status::Completed,
        Ending::LengthLimit | Ending::Left => Status::Stopped,
        Ending::Refused { .. } | Ending::BrokenOff { .. } => Status::Failed,
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.stored {
            return;
        }
        let (store, id, clock) = (self.store.clone(), self.id.clone(), self.clock.clone());
        let tally = self.tally.clone();
        let use_so_far = self.use_so_far.take();
        let unfinished = self.unfinished.take();
        tokio::spawn(async move {
            let outcome = use_so_far.outcome(clock.now()).await;
            let (status, usage) = (outcome.status, outcome.usage);
            match store.complete_use_at_last(&id, outcome).await {
                Ok(true) => tally.ended(status, usage),
                Ok(false) => {}
                Err(error) => {
                    tracing::error!(response.id = %id, %error, "failed to store an answer");
                }
            }
            drop(unfinished);
        });
    }
}
