//! A use's row from its opening to its end. However a use ends, by its last event, by an error, by a client that
//! goes away at any point, the row is completed.

use aicon_protocol::ai::Usage;
use aicon_protocol::id::ResponseId;
use tokio::sync::watch;

use crate::app::App;
use crate::clock::Clock;
use crate::limits::StreamSlot;
use crate::store::{NewUse, Opened, Outcome, Status, Store, StoreError};

/// Bytes of one token, as good a guess for English letters as for Hangul syllables.
const BYTES_PER_TOKEN: usize = 4;

/// An open row and the answer so far. Dropped before [`Ticket::close`], it stores itself in the background.
#[derive(Debug)]
pub(super) struct Ticket {
    store: Store,
    clock: Clock,
    id: ResponseId,
    content: String,
    input: Option<u64>,
    output: Option<u64>,
    input_estimate: u64,
    /// Whether the reported counts cover the answer although it is not completed.
    pub(super) usage_is_whole: bool,
    status: Status,
    failure: Option<String>,
    stored: bool,
    unfinished: Option<watch::Receiver<()>>,
    _slot: StreamSlot,
}

impl Ticket {
    /// Opens the row. Until something else is said, the use counts as stopped by the client.
    pub(super) async fn open(
        app: &App,
        slot: StreamSlot,
        new: NewUse,
        prompt_bytes: usize,
    ) -> Result<Self, StoreError> {
        let id = new.id.clone();
        if let Opened::Taken(taken) = app.store.open_use(new).await? {
            return Err(StoreError::Row(taken.id.as_str().to_owned()));
        }
        Ok(Self {
            store: app.store.clone(),
            clock: app.clock.clone(),
            id,
            content: String::new(),
            input: None,
            output: None,
            input_estimate: prompt_bytes.div_ceil(BYTES_PER_TOKEN) as u64,
            usage_is_whole: false,
            status: Status::Stopped,
            failure: None,
            stored: false,
            unfinished: Some(app.unfinished.mark()),
            _slot: slot,
        })
    }

    pub(super) fn push(&mut self, delta: &str) {
        self.content.push_str(delta);
    }

    pub(super) fn report(&mut self, input: Option<u64>, output: Option<u64>) {
        // Counts only grow; a later report that leaves a part out, such as cached tokens, is not a smaller count.
        self.input = self.input.max(input);
        self.output = self.output.max(output);
    }

    pub(super) fn content(&self) -> &str {
        &self.content
    }

    pub(super) fn usage(&self) -> Usage {
        self.outcome().usage
    }

    /// Says how it ended and stores it. Dropped in between, it is stored so in the background. Answers `false` if recovery
    /// has ended the use already.
    pub(super) async fn close(
        &mut self,
        status: Status,
        failure: Option<&str>,
    ) -> Result<bool, StoreError> {
        self.status = status;
        self.failure = failure.map(str::to_owned);
        let stored = self.store.complete_use(&self.id, self.outcome()).await?;
        self.stored = true;
        self.unfinished = None;
        Ok(stored)
    }

    fn outcome(&self) -> Outcome {
        // Only a whole answer has the provider's whole count; Anthropic for one begins with an output of 1.
        let reported = self.status == Status::Completed || self.usage_is_whole;
        let (input, output, usage_estimated) = match (self.input, self.output) {
            (Some(input), Some(output)) if reported => (input, output, false),
            _ if self.status == Status::Failed
                && self.content.is_empty()
                && self.input.is_none() =>
            {
                (0, 0, false)
            }
            (input, output) => {
                let guess = self.content.len().div_ceil(BYTES_PER_TOKEN) as u64;
                (
                    input.unwrap_or(self.input_estimate),
                    output.unwrap_or(0).max(guess),
                    true,
                )
            }
        };
        Outcome {
            status: self.status,
            failure: self.failure.clone(),
            response_code: match self.status {
                Status::Stopped if self.failure.is_none() => 499,
                Status::Failed => 502,
                _ => 200,
            },
            content: self.content.clone(),
            usage: Usage::new(input, output),
            usage_estimated,
            amount: 0,
            content_limit: None,
            ended_at: self.clock.now(),
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.stored {
            return;
        }
        let (store, id, outcome) = (self.store.clone(), self.id.clone(), self.outcome());
        let unfinished = self.unfinished.take();
        tokio::spawn(async move {
            if let Err(error) = store.complete_use(&id, outcome).await {
                tracing::error!(response.id = %id, %error, "failed to store an answer");
            }
            drop(unfinished);
        });
    }
}
