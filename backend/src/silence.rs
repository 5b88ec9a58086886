//! A time limit on silence in a stream.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

/// Runs while a stream is waited for. The runtime's timer is set again only when it fires: to set one for each delta costs
/// more than to translate it.
#[derive(Debug)]
pub(crate) struct Silence {
    limit: Duration,
    /// The limit of the silence that goes on.
    until: Option<Instant>,
    /// Fires at `until` or earlier.
    timer: Pin<Box<Sleep>>,
}

impl Silence {
    /// None has begun yet.
    pub(crate) fn new(limit: Duration) -> Self {
        Self {
            limit,
            until: None,
            timer: Box::pin(tokio::time::sleep(limit)),
        }
    }

    /// To be called when there is nothing: ready when that has been so for too long.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let until = match self.until {
            Some(until) => until,
            None => *self.until.insert(Instant::now() + self.limit),
        };
        loop {
            ready!(self.timer.as_mut().poll(cx));
            if Instant::now() >= until {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(until);
        }
    }

    /// To be called when there is something.
    pub(crate) fn end(&mut self) {
        self.until = None;
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const LIMIT: Duration = Duration::from_millis(20);

    async fn over(silence: &mut Silence) {
        poll_fn(|cx| silence.poll(cx)).await;
    }

    #[tokio::test]
    async fn only_a_silence_without_a_break_reaches_the_limit() {
        let mut silence = Silence::new(LIMIT);
        let first = Instant::now();
        let is_over = poll_fn(|cx| Poll::Ready(silence.poll(cx))).await;
        assert!(is_over.is_pending() || first.elapsed() >= LIMIT);
        silence.end();
        // The first one's limit goes by.
        tokio::time::sleep_until(first + LIMIT).await;
        for _ in 0..3 {
            let begun = Instant::now();
            over(&mut silence).await;
            assert!(begun.elapsed() >= LIMIT);
            silence.end();
        }
    }

    #[tokio::test]
    async fn time_in_which_nobody_waits_does_not_count() {
        let mut silence = Silence::new(LIMIT);
        tokio::time::sleep(LIMIT).await;
        let begun = Instant::now();
        over(&mut silence).await;
        assert!(begun.elapsed() >= LIMIT);
    }
}
