//! Clients: streams that are read as they come, counted and timed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

use memchr::memmem;
use reqwest::{Client, Response};

use super::plan::Plan;
use super::servers::Target;
use super::wire;
use crate::error::{Error, Result};

/// In an event of both formats exactly where it has text; within a JSON text it would have backslashes.
const DELTA: &[u8] = b"\"delta\":\"";
const DELTA_OF_UPSTREAM: &[u8] = b"\"delta\":{\"content\":";

/// What all streams of a run tell.
#[derive(Debug, Default)]
pub(super) struct Meter {
    /// Streams whose first delta is here.
    pub(super) begun: AtomicU64,
    /// Deltas that are here.
    pub(super) deltas: AtomicU64,
    /// The window in which delays are noted; 0 is none.
    pub(super) window: AtomicU32,
    /// Whether no further answer is to be asked for.
    pub(super) is_over: AtomicBool,
}

/// From the upstream to here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delay {
    /// In which it came; the first is 1.
    pub(super) window: u32,
    /// Microseconds.
    pub(super) micros: u32,
}

/// A client with connections of its own.
pub(super) fn client() -> Result<Client> {
    Ok(Client::builder().tcp_nodelay(true).no_proxy().build()?)
}

/// Asks and reads to the end; the delays of the deltas that came within a window.
pub(super) async fn whole(
    client: &Client,
    target: &Target,
    plan: Plan,
    meter: &Arc<Meter>,
) -> Result<Vec<Delay>> {
    let mut stream = Stream::open(client, target, plan, meter.clone()).await?;
    while stream.next().await? {}
    if stream.deltas == plan.deltas {
        return Ok(stream.delays);
    }
    Err(Error::Unexpected(format!(
        "{} of {} deltas came",
        stream.deltas, plan.deltas
    )))
}

/// One answer on its way.
pub(super) struct Stream {
    response: Response,
    meter: Arc<Meter>,
    finders: [memmem::Finder<'static>; 2],
    /// The beginning of an event whose end is not here.
    rest: Vec<u8>,
    deltas: u64,
    delays: Vec<Delay>,
}

impl Stream {
    pub(super) async fn open(
        client: &Client,
        target: &Target,
        plan: Plan,
        meter: Arc<Meter>,
    ) -> Result<Self> {
        let response = target.ask(client, plan).send().await?;
        if !response.status().is_success() {
            let (status, text) = (response.status(), response.text().await?);
            return Err(Error::Unexpected(format!(
                "a chat was refused: {status} {text}"
            )));
        }
        Ok(Self {
            response,
            meter,
            finders: [
                memmem::Finder::new(DELTA),
                memmem::Finder::new(DELTA_OF_UPSTREAM),
            ],
            rest: Vec::new(),
            deltas: 0,
            delays: Vec::new(),
        })
    }

    /// Reads until a delta is here.
    pub(super) async fn first(&mut self) -> Result<()> {
        while self.deltas == 0 {
            if !self.next().await? {
                return Err(Error::Unexpected("an answer had no delta".to_owned()));
            }
        }
        Ok(())
    }

    /// Reads to the end, so that the connection can be used again.
    pub(super) async fn rest(mut self) -> Result<()> {
        while self.next().await? {}
        Ok(())
    }

    /// Reads what is there; `false` at the end.
    async fn next(&mut self) -> Result<bool> {
        let Some(bytes) = self.response.chunk().await? else {
            return Ok(false);
        };
        if self.rest.is_empty() && bytes.ends_with(b"\n\n") {
            self.read(&bytes);
            return Ok(true);
        }
        self.rest.extend_from_slice(&bytes);
        if let Some(end) = memmem::rfind(&self.rest, b"\n\n") {
            let rest = self.rest.split_off(end + 2);
            let events = std::mem::replace(&mut self.rest, rest);
            self.read(&events);
        }
        Ok(true)
    }

    /// Whole events.
    fn read(&mut self, events: &[u8]) {
        let before = self.deltas;
        let window = self.meter.window.load(Relaxed);
        for finder in &self.finders {
            for at in finder.find_iter(events) {
                self.deltas += 1;
                if window > 0
                    && let Some(age) = wire::age(&events[at..])
                {
                    let micros = u32::try_from(age).unwrap_or(u32::MAX);
                    self.delays.push(Delay { window, micros });
                }
            }
        }
        if before == 0 && self.deltas > 0 {
            self.meter.begun.fetch_add(1, Relaxed);
        }
        self.meter.deltas.fetch_add(self.deltas - before, Relaxed);
    }
}
