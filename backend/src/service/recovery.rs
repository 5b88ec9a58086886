//! Ends the uses of servers that are gone, and tells the others that this one lives.

use std::time::Duration;

use aicon_protocol::ai::Usage;

use crate::app::App;
use crate::clock::Clock;
use crate::store::{Outcome, Status, Store, StoreError};

/// Pause between two signs of life. Half a minute without one makes a server's uses interrupted ones.
const BEAT: Duration = Duration::from_secs(5);

/// Uses that are ended at a time.
const BATCH: u32 = 500;

/// Ends all interrupted uses: failed, 500, 0 won. Answers how many.
///
/// # Errors
/// The store does not answer.
pub async fn recover(store: &Store, clock: &Clock) -> Result<usize, StoreError> {
    let mut recovered = 0;
    loop {
        let found = store.interrupted_uses(BATCH).await?;
        if found.is_empty() {
            break;
        }
        for interrupted in &found {
            if store
                .complete_use(&interrupted.id, outcome(clock.now()))
                .await?
            {
                recovered += 1;
            }
        }
    }
    if recovered > 0 {
        tracing::warn!(uses = recovered, "interrupted uses recovered");
    }
    Ok(recovered)
}

/// Runs until it is dropped.
pub async fn forever(app: App) {
    loop {
        tokio::time::sleep(BEAT).await;
        if let Err(error) = app.store.heartbeat().await {
            tracing::error!(%error, "failed to tell that the server lives");
            continue;
        }
        if let Err(error) = recover(&app.store, &app.clock).await {
            tracing::error!(%error, "failed to recover interrupted uses");
        }
    }
}

/// What it was is not known: nothing is owed for it.
fn outcome(now: i64) -> Outcome {
    Outcome {
        status: Status::Failed,
        failure: Some("interrupted".to_owned()),
        response_code: 500,
        content: String::new(),
        usage: Usage::new(0, 0),
        usage_estimated: false,
        amount: 0,
        // Nor whether its client lets AICON see the message.
        content_limit: Some(0),
        ended_at: now,
    }
}
