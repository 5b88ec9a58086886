//! What a use's end adds to figures and to the user's day.

use std::sync::Arc;

use aicon_protocol::ai::Usage;
use aicon_protocol::id::UserId;

use super::allowance::Allowance;
use crate::app::App;
use crate::metrics::Metrics;
use crate::store::{NewUse, Status};

/// Whose use of which model it is.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    metrics: Arc<Metrics>,
    allowance: Allowance,
    owner: UserId,
    model: String,
}

impl Tally {
    pub(super) fn new(app: &App, new: &NewUse) -> Self {
        Self {
            metrics: app.metrics.clone(),
            allowance: app.allowance.clone(),
            owner: new.owner.clone(),
            model: new.model.clone(),
        }
    }

    /// Counts the use, whose row is completed.
    pub(super) fn ended(&self, status: Status, usage: Usage) {
        self.metrics.use_ended(&self.model, status.as_str(), usage);
        self.allowance.add(&self.owner, usage.total_tokens);
    }
}
