//! Writes deltas when they are due. One thread of its own: the runtime's timers go by whole milliseconds, so that deltas of
//! many streams would come in bursts.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::plan::Plan;
use super::wire;

/// The thread's door; cheap to clone.
#[derive(Clone)]
pub(super) struct Pacer(Sender<Stream>);

struct Stream {
    socket: Arc<TcpStream>,
    plan: Plan,
    due: Instant,
    sent: u64,
    over: oneshot::Sender<bool>,
}

impl Pacer {
    pub(super) fn start() -> Self {
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || run(&receiver));
        Self(sender)
    }

    /// Writes the plan's deltas to a socket whose head is written. Answers whether all were taken as they were due.
    pub(super) async fn write(&self, socket: Arc<TcpStream>, plan: Plan, asked: Instant) -> bool {
        let (over, written) = oneshot::channel();
        let stream = Stream {
            due: asked + plan.first + phase(plan.every),
            socket,
            plan,
            sent: 0,
            over,
        };
        // Without the thread the answer's end is gone too, which counts as not taken.
        _ = self.0.send(stream);
        written.await.unwrap_or(false)
    }
}

/// Streams that were opened together do not go on together.
fn phase(every: Duration) -> Duration {
    every.mul_f64(fastrand::f64())
}

fn run(streams: &Receiver<Stream>) {
    let mut waiting = BinaryHeap::new();
    loop {
        let next = waiting
            .peek()
            .map(|Reverse(stream): &Reverse<Stream>| stream.due);
        let patience = next.map_or(Duration::MAX, |due| {
            due.saturating_duration_since(Instant::now())
        });
        match streams.recv_timeout(patience) {
            Ok(stream) => waiting.push(Reverse(stream)),
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                if let Some(stream) = waiting.pop().and_then(|Reverse(stream)| step(stream)) {
                    waiting.push(Reverse(stream));
                }
            }
        }
    }
}

/// One delta; what is left of the stream.
fn step(mut stream: Stream) -> Option<Stream> {
    let delta = wire::stamped_delta(stream.sent);
    let is_taken =
        matches!(stream.socket.try_write(delta.as_bytes()), Ok(written) if written == delta.len());
    stream.sent += 1;
    stream.due += stream.plan.every;
    if is_taken && stream.sent < stream.plan.deltas {
        return Some(stream);
    }
    // Who asked may have gone.
    _ = stream.over.send(is_taken);
    None
}

impl PartialEq for Stream {
    fn eq(&self, other: &Self) -> bool {
        self.due == other.due
    }
}

impl Eq for Stream {}

impl PartialOrd for Stream {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Stream {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.due.cmp(&other.due)
    }
}
