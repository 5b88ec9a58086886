//! A model service on plain sockets, so that it costs little beside what is measured.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};

use super::pacer::Pacer;
use super::plan::Plan;
use super::wire;
use crate::error::Result;

/// Deltas that are written at once where there is no pace.
const AT_ONCE: u64 = 48;

const LARGEST_REQUEST: usize = 64 * 1024;

/// Serves until the process is killed.
pub(super) async fn serve(listener: TcpListener) -> Result<()> {
    let pacer = Pacer::start();
    let block: Arc<str> = (0..AT_ONCE).map(wire::delta).collect::<String>().into();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let connection = Connection {
            stream: Arc::new(stream),
            pacer: pacer.clone(),
            block: block.clone(),
        };
        // Its error is a caller that has gone.
        tokio::spawn(connection.run());
    }
}

struct Connection {
    stream: Arc<TcpStream>,
    pacer: Pacer,
    block: Arc<str>,
}

impl Connection {
    async fn run(self) -> io::Result<()> {
        let mut seen = Vec::new();
        loop {
            let body = request(&self.stream, &mut seen).await?;
            let plan = Plan::read(&body).ok_or(io::ErrorKind::InvalidData)?;
            self.answer(plan, Instant::now()).await?;
        }
    }

    async fn answer(&self, plan: Plan, asked: Instant) -> io::Result<()> {
        send(&self.stream, wire::HEAD.as_bytes()).await?;
        if plan.every == Duration::ZERO && plan.deltas > 1 {
            self.pour(plan.deltas).await?;
        } else {
            let written = self.pacer.write(self.stream.clone(), plan, asked);
            let is_taken = tokio::select! {
                is_taken = written => is_taken,
                () = gone(&self.stream) => false,
            };
            if !is_taken {
                return Err(io::ErrorKind::WouldBlock.into());
            }
        }
        if plan.is_held {
            gone(&self.stream).await;
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        send(&self.stream, wire::end(plan.deltas).as_bytes()).await
    }

    /// As fast as they are taken.
    async fn pour(&self, deltas: u64) -> io::Result<()> {
        for _ in 0..deltas / AT_ONCE {
            send(&self.stream, self.block.as_bytes()).await?;
        }
        let rest: String = (0..deltas % AT_ONCE).map(wire::delta).collect();
        send(&self.stream, rest.as_bytes()).await
    }
}

/// The next request's body, which has a length.
async fn request(stream: &TcpStream, seen: &mut Vec<u8>) -> io::Result<Vec<u8>> {
    loop {
        if let Some((head, length)) = length(seen)
            && seen.len() >= head + length
        {
            let rest = seen.split_off(head + length);
            return Ok(std::mem::replace(seen, rest).split_off(head));
        }
        stream.readable().await?;
        let mut part = [0; 4096];
        match stream.try_read(&mut part) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => seen.extend_from_slice(&part[..read]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        if seen.len() > LARGEST_REQUEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}

/// Bytes of the head and of the body, once the head is there.
fn length(seen: &[u8]) -> Option<(usize, usize)> {
    let end = memchr::memmem::find(seen, b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&seen[..end]).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    Some((
        end,
        length
            .and_then(|length| length.trim().parse().ok())
            .unwrap_or(0),
    ))
}

async fn send(stream: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        stream.writable().await?;
        match stream.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Returns when the caller has closed its connection.
async fn gone(stream: &TcpStream) {
    loop {
        let is_open = stream.readable().await.is_ok();
        match stream.try_read(&mut [0; 64]) {
            Err(error) if is_open && error.kind() == io::ErrorKind::WouldBlock => {}
            Ok(read) if read > 0 => {}
            Ok(_) | Err(_) => return,
        }
    }
}
