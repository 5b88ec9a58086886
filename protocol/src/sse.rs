//! Server-sent events, `text/event-stream`, without input or output (WHATWG HTML, 9.2.6).
//!
//! ```
//! use aicon_protocol::sse::Decoder;
//!
//! let mut decoder = Decoder::new();
//! decoder.push("data: 안녕".as_bytes());
//! assert_eq!(decoder.next_event(), None);
//! decoder.push(b"\n\n");
//! assert_eq!(decoder.next_event().map(|event| event.data), Some("안녕".to_owned()));
//! ```

use std::collections::VecDeque;

/// Bytes that one event may have before its end is seen, so that a peer that never ends one cannot fill the memory.
pub const MAX_EVENT_BYTES: usize = 32 * 1024 * 1024;

/// Memory of a long event is given back when it has been read.
const KEPT_BYTES: usize = 64 * 1024;

/// One event, dispatched by its blank line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The `event` field; `message` when there was none.
    pub name: String,
    /// All `data` lines, joined by line feeds.
    pub data: String,
    /// The last `id` seen so far in the stream, empty when there was none.
    pub last_event_id: String,
}

/// An [`Event`] for as long as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventRef<'a> {
    /// See [`Event::name`].
    pub name: &'a str,
    /// See [`Event::data`].
    pub data: &'a str,
    /// See [`Event::last_event_id`].
    pub last_event_id: &'a str,
}

impl EventRef<'_> {
    fn to_event(self) -> Event {
        Event {
            name: self.name.to_owned(),
            data: self.data.to_owned(),
            last_event_id: self.last_event_id.to_owned(),
        }
    }
}

/// Bytes in, in any chunking, events out.
///
/// Follows the standard: lines end in LF, CR or CRLF, also where a chunk ends between the two; one leading byte order
/// mark is dropped; comments are passed over; an event that the end of the stream cuts short is not dispatched;
/// broken UTF-8 becomes U+FFFD.
#[derive(Debug, Default)]
pub struct Decoder {
    line: Vec<u8>,
    after_cr: bool,
    past_first_line: bool,
    data: String,
    has_data: bool,
    name: String,
    last_event_id: String,
    retry_ms: Option<u64>,
    overflowed: bool,
    ready: VecDeque<Event>,
}

impl Decoder {
    /// A decoder at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        let mut ready = std::mem::take(&mut self.ready);
        self.feed(bytes, |event| ready.push_back(event.to_event()));
        self.ready = ready;
    }

    /// Takes the next bytes of the stream and shows the events that they complete, without a copy of each.
    pub fn feed(&mut self, mut bytes: &[u8], mut show: impl FnMut(EventRef<'_>)) {
        if self.after_cr && !bytes.is_empty() {
            self.after_cr = false;
            if bytes[0] == b'\n' {
                bytes = &bytes[1..];
            }
        }
        while let Some(end) = bytes
            .iter()
            .position(|&byte| byte == b'\n' || byte == b'\r')
        {
            self.end_line(&bytes[..end], &mut show);
            let is_cr = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            if is_cr {
                match bytes.first() {
                    Some(b'\n') => bytes = &bytes[1..],
                    Some(_) => {}
                    None => self.after_cr = true,
                }
            }
        }
        self.line.extend_from_slice(bytes);
        if self.line.len() + self.data.len() > MAX_EVENT_BYTES {
            self.overflowed = true;
            self.line.clear();
            self.data.clear();
        }
    }

    /// The next event that is complete.
    pub fn next_event(&mut self) -> Option<Event> {
        self.ready.pop_front()
    }

    /// The last `retry` field seen: milliseconds to wait before connecting again.
    pub fn retry_ms(&self) -> Option<u64> {
        self.retry_ms
    }

    /// Whether an event went over [`MAX_EVENT_BYTES`]; what follows cannot be trusted.
    pub fn overflowed(&self) -> bool {
        self.overflowed
    }

    fn end_line(&mut self, end: &[u8], show: &mut impl FnMut(EventRef<'_>)) {
        if self.line.is_empty() {
            self.take_line(end, show);
            return;
        }
        self.line.extend_from_slice(end);
        let mut line = std::mem::take(&mut self.line);
        self.take_line(&line, show);
        line.clear();
        if line.capacity() <= KEPT_BYTES {
            self.line = line;
        }
    }

    fn take_line(&mut self, line: &[u8], show: &mut impl FnMut(EventRef<'_>)) {
        let line = match line.strip_prefix("\u{feff}".as_bytes()) {
            Some(rest) if !self.past_first_line => rest,
            _ => line,
        };
        self.past_first_line = true;
        if line.is_empty() {
            self.dispatch(show);
            return;
        }
        let (field, value) = match line.iter().position(|&byte| byte == b':') {
            Some(colon) => {
                let value = &line[colon + 1..];
                (&line[..colon], value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &b""[..]),
        };
        match field {
            b"data" => {
                if self.has_data {
                    self.data.push('\n');
                }
                self.has_data = true;
                match std::str::from_utf8(value) {
                    Ok(text) => self.data.push_str(text),
                    Err(_) => self.data.push_str(&String::from_utf8_lossy(value)),
                }
            }
            b"event" => self.name = String::from_utf8_lossy(value).into_owned(),
            b"id" if !value.contains(&0) => {
                self.last_event_id = String::from_utf8_lossy(value).into_owned()
            }
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                self.retry_ms = std::str::from_utf8(value)
                    .ok()
                    .and_then(|digits| digits.parse().ok());
            }
            _ => {}
        }
    }

    fn dispatch(&mut self, show: &mut impl FnMut(EventRef<'_>)) {
        if std::mem::take(&mut self.has_data) {
            show(EventRef {
                name: match self.name.as_str() {
                    "" => "message",
                    name => name,
                },
                data: &self.data,
                last_event_id: &self.last_event_id,
            });
        }
        self.name.clear();
        self.data.clear();
        self.data.shrink_to(KEPT_BYTES);
    }
}

/// Appends one event with `data` only: one `data:` line for each of its lines, and the blank line.
pub fn encode_data(data: &str, out: &mut String) {
    for line in split_lines(data) {
        out.push_str("data: ");
        out.push_str(line);
        out.push('\n');
    }
    out.push('\n');
}

/// Appends a comment line and the blank line that flushes it, which proxies take for life.
pub fn encode_comment(comment: &str, out: &mut String) {
    for line in split_lines(comment) {
        out.push_str(": ");
        out.push_str(line);
        out.push('\n');
    }
    out.push('\n');
}

/// Lines by any of the three ends: a bare CR inside a value would end the line for every conforming reader.
fn split_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        match text.find(['\n', '\r']) {
            None => {
                rest = None;
                Some(text)
            }
            Some(end) => {
                let skip = if text[end..].starts_with("\r\n") {
                    2
                } else {
                    1
                };
                rest = Some(&text[end + skip..]);
                Some(&text[..end])
            }
        }
    })
}
