//! Tokens of a user a day (S24).

use aicon_protocol::id::UserId;

use super::ServiceError;
use crate::app::App;
use crate::metrics::Limit;

/// Refuses a user whose tokens of the day are used up. Counted are uses that have begun since midnight of the settlement's
/// time zone and have ended; one that runs may go over the limit, the next is refused.
///
/// # Errors
/// [`ServiceError::TooManyTokens`] with the seconds until midnight; the store does not answer.
pub(super) async fn check(app: &App, user: &UserId) -> Result<(), ServiceError> {
    let limit = app.settings.limits.tokens_per_day_user;
    if limit == 0 {
        return Ok(());
    }
    let now = app.clock.now();
    let today = app.settings.settlement.time_zone.today(now);
    if app.store.tokens_since(user, today.start).await? < limit {
        return Ok(());
    }
    app.metrics.refusal(Limit::Tokens);
    let left_ms = u64::try_from(today.end.saturating_sub(now)).unwrap_or(0);
    Err(ServiceError::TooManyTokens {
        limit,
        retry_after: left_ms.div_ceil(1000).max(1),
    })
}
