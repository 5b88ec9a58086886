//! What an open stream holds while nothing comes.

use std::sync::Arc;
use std::time::Duration;

use super::load::{self, Meter, Stream};
use super::plan::Plan;
use super::servers::Target;
use crate::error::Result;
use crate::memory::resident;

/// Chats before memory is looked at: by then everything that is made once has been made.
const EARLY: usize = 32;

/// KiB that each of so many streams adds to the process, which is a fresh one.
pub(super) async fn kibibytes(target: &Target, streams: usize) -> Result<f64> {
    let plan = Plan {
        first: Duration::ZERO,
        every: Duration::from_millis(1),
        deltas: 1,
        is_held: false,
    };
    let client = load::client()?;
    let meter = Arc::new(Meter::default());
    for _ in 0..EARLY {
        load::whole(&client, target, plan, &meter).await?;
    }
    let before = resident(target.process);
    let held = Plan {
        is_held: true,
        ..plan
    };
    let mut open = Vec::new();
    for _ in 0..streams {
        let mut stream = Stream::open(&client, target, held, meter.clone()).await?;
        stream.first().await?;
        open.push(stream);
    }
    let after = resident(target.process);
    Ok(after.saturating_sub(before) as f64 / 1024.0 / streams as f64)
}
