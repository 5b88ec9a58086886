//! A wait until everybody else had a turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;

/// Lets the runtime's other tasks go first, those that the one who waits has just woken among them. To be polled again does not
/// end it, as it ends the runtime's own yield: a connection may look at its body several times within one turn.
#[derive(Debug)]
pub(crate) struct Turn {
    passed: Arc<Passed>,
    waker: Waker,
    is_awaited: bool,
}

#[derive(Debug, Default)]
struct Passed {
    is_so: AtomicBool,
    waiting: AtomicWaker,
}

impl Turn {
    /// None is awaited.
    pub(crate) fn new() -> Self {
        let passed = Arc::<Passed>::default();
        Self {
            waker: passed.clone().into(),
            passed,
            is_awaited: false,
        }
    }

    /// Whether it has begun and not been told to be over.
    pub(crate) fn is_awaited(&self) -> bool {
        self.is_awaited
    }

    /// Nobody waits any more.
    pub(crate) fn end(&mut self) {
        self.is_awaited = false;
    }

    /// Ready once the others had theirs; the next poll then begins another wait.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.passed.waiting.register(cx.waker());
        if !self.is_awaited {
            self.is_awaited = true;
            self.passed.is_so.store(false, Ordering::Relaxed);
            self.begin();
        }
        if !self.passed.is_so.load(Ordering::Acquire) {
            return Poll::Pending;
        }
        self.is_awaited = false;
        Poll::Ready(())
    }

    /// The runtime wakes whoever yields when it has run what was ready.
    fn begin(&self) {
        let yielding = std::pin::pin!(tokio::task::yield_now());
        let polled = yielding.poll(&mut Context::from_waker(&self.waker));
        debug_assert!(polled.is_pending(), "a yield is not over at once");
    }
}

impl Wake for Passed {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_so.store(true, Ordering::Release);
        self.waiting.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[tokio::test]
    async fn tasks_that_are_ready_run_before_it_is_over() {
        let count = Arc::new(AtomicUsize::new(0));
        let mut turn = Turn::new();
        for round in 1..=3 {
            let seen = count.clone();
            tokio::spawn(async move { seen.fetch_add(1, Ordering::Relaxed) });
            poll_fn(|cx| {
                // Twice within one turn of the task's own.
                if turn.poll(cx).is_ready() {
                    return Poll::Ready(());
                }
                turn.poll(cx)
            })
            .await;
            assert_eq!(count.load(Ordering::Relaxed), round);
        }
    }
}
