//! Tokens of a user a day (S24).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aicon_protocol::id::UserId;

use super::ServiceError;
use crate::app::App;
use crate::config::AuthMode;
use crate::metrics::Limit;

/// A user's tokens of a day where the configuration does not say.
const TOKENS_PER_DAY: u64 = 2_000_000;

/// How long a count is carried on by what ends in this process, before the store is asked again for what others served.
const HOLDS: Duration = Duration::from_secs(60);

/// Users after which those of other days are forgotten.
const MANY_USERS: usize = 10_000;

/// What users have used today, as far as this process knows. The store knows; it is not asked before each answer, since a
/// busy user's day has many rows.
#[derive(Clone, Debug, Default)]
pub struct Allowance(Arc<Mutex<HashMap<UserId, Counted>>>);

#[derive(Clone, Copy, Debug)]
struct Counted {
    /// The day, by its first millisecond since the epoch.
    day: i64,
    tokens: u64,
    at: Instant,
}

impl Allowance {
    /// Adds the tokens of a use that has ended.
    pub(super) fn add(&self, user: &UserId, tokens: u64) {
        let mut users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Whom nobody has counted yet will be counted by the store, with this use.
        if let Some(counted) = users.get_mut(user) {
            counted.tokens = counted.tokens.saturating_add(tokens);
        }
    }

    async fn used(&self, app: &App, user: &UserId, day: i64) -> Result<u64, ServiceError> {
        if let Some(counted) = self.known(user, day) {
            return Ok(counted.tokens);
        }
        let counted = Counted {
            day,
            tokens: app.store.tokens_since(user, day).await?,
            at: Instant::now(),
        };
        let mut users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if users.len() >= MANY_USERS {
            users.retain(|_, counted| counted.day == day && counted.at.elapsed() < HOLDS);
        }
        users.insert(user.clone(), counted);
        Ok(counted.tokens)
    }

    fn known(&self, user: &UserId, day: i64) -> Option<Counted> {
        let users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = users.get(user).copied();
        counted.filter(|counted| counted.day == day && counted.at.elapsed() < HOLDS)
    }
}

/// Refuses a user whose tokens of the day are used up. Counted are uses that have begun since midnight of the settlement's
/// time zone and have ended; one that runs may go over the limit, the next is refused. What other servers of the same
/// database served counts within a minute.
///
/// # Errors
/// [`ServiceError::TooManyTokens`] with the seconds until midnight; the store does not answer.
pub(super) async fn check(app: &App, user: &UserId) -> Result<(), ServiceError> {
    // Without AICON's word on who calls all callers are one user, whose day would be over for everybody.
    let default = match app.settings.auth.mode {
        AuthMode::Aicon => TOKENS_PER_DAY,
        AuthMode::None | AuthMode::ApiKey => 0,
    };
    let limit = app.settings.limits.tokens_per_day_user.unwrap_or(default);
    if limit == 0 {
        return Ok(());
    }
    let now = app.clock.now();
    let today = app.settings.settlement.time_zone.today(now);
    if app.allowance.used(app, user, today.start).await? < limit {
        return Ok(());
    }
    app.metrics.refusal(Limit::Tokens);
    let left_ms = u64::try_from(today.end.saturating_sub(now)).unwrap_or(0);
    Err(ServiceError::TooManyTokens {
        limit,
        retry_after: left_ms.div_ceil(1000).max(1),
    })
}
