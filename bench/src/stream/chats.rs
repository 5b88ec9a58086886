//! Whole chats at the same time on an upstream that takes its time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::load::{self, Meter};
use super::plan::Plan;
use super::servers::Target;
use crate::error::{Error, Result};

/// Chats at the same time.
pub(super) const AT_ONCE: u32 = 16;

/// What the upstream takes for an answer.
pub(super) const UPSTREAM: Duration = Duration::from_millis(200);

const EACH: u32 = 15;

/// Requests per second.
pub(super) async fn per_second(target: &Target) -> Result<f64> {
    let plan = Plan {
        first: UPSTREAM,
        every: Duration::from_micros(1),
        deltas: 4,
        is_held: false,
    };
    let client = load::client()?;
    let started = Instant::now();
    let mut callers = JoinSet::<Result<()>>::new();
    for _ in 0..AT_ONCE {
        let (client, target) = (client.clone(), target.clone());
        callers.spawn(async move {
            let meter = Arc::new(Meter::default());
            for _ in 0..EACH {
                load::whole(&client, &target, plan, &meter).await?;
            }
            Ok(())
        });
    }
    while let Some(caller) = callers.join_next().await {
        caller.map_err(|error| Error::Unexpected(format!("a caller broke: {error}")))??;
    }
    Ok(f64::from(AT_ONCE * EACH) / started.elapsed().as_secs_f64())
}
