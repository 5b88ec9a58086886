//! The answer to a message: growing from `POST /ai/chat`, in one piece from the sample's `POST /chat` and, for documents, which the
//! AI API does not take, from the guideline's `POST /api/Provider/chatting-type`.

use std::cell::Cell;
use std::rc::Rc;

use aicon_protocol::ai::ChatRequest;
use aicon_protocol::event::{ChatEvent, DONE_MARKER};
use aicon_protocol::json::ReadJson;
use aicon_protocol::sse::Decoder;
use gloo::timers::callback::Timeout;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Blob, ReadableStreamDefaultReader, Response};

use super::dialect::{Dialect, in_dialect, is_image};
use super::send::{Request, send};
use super::transfer::{Form, Part, transfer};
use super::{ApiError, Fault, Upload, push_model};
use crate::auth::Auth;
use crate::browser::{at_once, http};
use crate::config::Config;
use crate::json::{Json, Object};

/// A message and what goes along.
pub struct Message<'a> {
    /// As the AI API takes it.
    pub request: &'a ChatRequest,
    /// The chosen files and their names, for servers that take them with the message.
    pub files: &'a [(Blob, Rc<str>)],
}

/// Bytes of text that are reported without a pause, so that a flood leaves the page time for its user: at first the least, then as
/// many as were reported before. What shows an answer runs for the first time at its beginning, several times as slowly.
const LEAST_AT_ONCE: usize = 4 * 1024;
const MOST_AT_ONCE: usize = 48 * 1024;

/// Sends one message and reports what comes, until the stream's terminal event has been reported or nothing more can
/// come. Ends at once when `controller` aborts, which the server notices.
/// `on_pause` is called when all that is there was reported; what comes while it takes its time is reported together, and the
/// server feels a reader that is slow. A back end after AICON's official sample, and any that is
/// sent documents, answers in one piece, and with a ZIP when files were sent (`aicon.md` 5): that comes back.
///
/// # Errors
/// When the stream did not come to a terminal event (promise R9): before its first byte or after.
pub async fn chat(
    config: &Config,
    auth: &Auth,
    message: &Message<'_>,
    controller: &AbortController,
    mut on_event: impl FnMut(ChatEvent),
    mut on_pause: impl AsyncFnMut(),
) -> Result<Option<Blob>, ApiError> {
    in_dialect(config, async |dialect| match dialect {
        Dialect::Ai if message.files.iter().any(|(_, name)| !is_image(name)) => {
            let path = "/api/Provider/chatting-type";
            whole(path, config, auth, message, controller, &mut on_event).await
        }
        Dialect::Ai => {
            let listener = (&mut on_event, &mut on_pause);
            stream(config, auth, message.request, controller, listener)
                .await
                .map(|()| None)
        }
        Dialect::Sample => whole("/chat", config, auth, message, controller, &mut on_event).await,
    })
    .await
}

async fn whole(
    path: &str,
    config: &Config,
    auth: &Auth,
    message: &Message<'_>,
    controller: &AbortController,
    on_event: &mut impl FnMut(ChatEvent),
) -> Result<Option<Blob>, ApiError> {
    let mut url = [&config.api_end_point, path].concat();
    push_model(&mut url, config);
    let handle = Upload::default();
    let abort = Closure::<dyn Fn()>::new({
        let handle = handle.clone();
        move || handle.abort()
    });
    let signal = controller.signal();
    signal.set_onabort(Some(abort.as_ref().unchecked_ref()));
    let prompt = message.request.message.as_deref().unwrap_or_default();
    let mut parts = vec![("prompt", Part::Text(prompt))];
    let files = message.files.iter();
    parts.extend(files.map(|(file, name)| ("files", Part::File(file, name))));
    let key = message.request.idempotency_key.as_deref();
    let form = Form {
        url: &url,
        parts: &parts,
        idempotency_key: key.filter(|_| config.is_described),
    };
    let answer = transfer(auth, form, &handle, |_, _| {}).await;
    signal.set_onabort(None);
    let answer = answer?;
    let (content, archive) = if answer.is_archive() {
        (String::new(), Some(answer.body))
    } else {
        let json = Json::parse(&answer.text().await).ok();
        let content = json.and_then(|json| json.text_of("message"));
        (content.ok_or(ApiError::Fault(Fault::Unreadable))?, None)
    };
    on_event(ChatEvent::Completed {
        id: None,
        model: None,
        content: Some(content),
        usage: None,
    });
    Ok(archive)
}

async fn stream(
    config: &Config,
    auth: &Auth,
    request: &ChatRequest,
    controller: &AbortController,
    listener: (&mut impl FnMut(ChatEvent), &mut impl AsyncFnMut()),
) -> Result<(), ApiError> {
    let url = [config.api_end_point.as_str(), "/ai/chat"].concat();
    let mut body = Object::new();
    request.write(&mut body);
    let body = body.into_text();
    let signal = controller.signal();
    let response = send(
        auth,
        Request {
            url: &url,
            body: Some(&body),
            signal: Some(&signal),
        },
    )
    .await?;
    let watch = Watch::new(config.stream_idle_seconds, controller.clone());
    let ended = read(&response, &watch, listener).await;
    match ended {
        Err(ApiError::Aborted) if watch.has_fired() => Err(ApiError::Fault(Fault::Silent)),
        // The head came, so the network was there: what failed is this answer.
        Err(ApiError::Fault(Fault::Network)) => Err(ApiError::Fault(Fault::Broken)),
        ended => ended,
    }
}

async fn read(
    response: &Response,
    watch: &Watch,
    (on_event, on_pause): (&mut impl FnMut(ChatEvent), &mut impl AsyncFnMut()),
) -> Result<(), ApiError> {
    let unreadable = || ApiError::Fault(Fault::Unreadable);
    let reader: ReadableStreamDefaultReader = response
        .body()
        .ok_or_else(unreadable)?
        .get_reader()
        .unchecked_into();
    let mut decoder = Decoder::new();
    let mut is_ours = false;
    let (mut seen, mut unseen) = (0, 0);
    loop {
        let mut step = JsFuture::from(reader.read());
        let step = match at_once(&mut step).await {
            Some(step) => step,
            None => {
                on_pause().await;
                seen += std::mem::take(&mut unseen);
                watch.restart();
                step.await
            }
        };
        let step = step.map_err(|thrown| ApiError::from(http::reason(&thrown)))?;
        if Reflect::get(&step, &"done".into()).is_ok_and(|done| done.is_truthy()) {
            // An end without a terminal event is a break, whatever the transport says.
            return Err(ApiError::Fault(if is_ours {
                Fault::Broken
            } else {
                Fault::Unreadable
            }));
        }
        let chunk = Reflect::get(&step, &"value".into()).map_err(|_| unreadable())?;
        for piece in pieces(&Uint8Array::new(&chunk)) {
            decoder.push(&piece);
            while let Some(event) = decoder.next_event() {
                is_ours = true;
                if event.data == DONE_MARKER {
                    continue;
                }
                let event = event_of(event.data)?;
                if let ChatEvent::Delta { text } = &event {
                    unseen += text.len();
                }
                let is_terminal =
                    matches!(event, ChatEvent::Completed { .. } | ChatEvent::Failed(_));
                on_event(event);
                if is_terminal {
                    // The rest of the stream has nothing to say; a refused cancel changes nothing.
                    drop(reader.cancel());
                    return Ok(());
                }
                // A chunk may be half a megabyte.
                if unseen >= seen.clamp(LEAST_AT_ONCE, MOST_AT_ONCE) {
                    on_pause().await;
                    seen += std::mem::take(&mut unseen);
                    if watch.is_aborted() {
                        return Err(ApiError::Aborted);
                    }
                }
            }
        }
        if decoder.overflowed() {
            return Err(unreadable());
        }
    }
}

/// A chunk in parts: the memory that its events take at once is not given back to the browser.
fn pieces(chunk: &Uint8Array) -> impl Iterator<Item = Vec<u8>> {
    const PIECE: u32 = 16 * 1024;
    let end = chunk.length();
    let piece = move |at| chunk.subarray(at, end.min(at + PIECE)).to_vec();
    (0..end).step_by(PIECE as usize).map(piece)
}

/// Takes the text, so that the longest event does not stand beside what was read from it.
fn event_of(data: String) -> Result<ChatEvent, ApiError> {
    if let Some(delta) = ChatEvent::read_delta(&data) {
        return Ok(delta);
    }
    let json = Json::parse(&data).map_err(|_| ApiError::Fault(Fault::Unreadable))?;
    drop(data);
    Ok(ChatEvent::read(&json))
}

/// Aborts a stream that has gone silent.
struct Watch {
    idle_ms: u32,
    controller: AbortController,
    timeout: Cell<Option<Timeout>>,
    fired: Rc<Cell<bool>>,
}

impl Watch {
    fn new(idle_seconds: u32, controller: AbortController) -> Self {
        let fired = Rc::new(Cell::new(false));
        Self {
            idle_ms: idle_seconds * 1000,
            controller,
            timeout: Cell::new(None),
            fired,
        }
    }

    fn restart(&self) {
        let (controller, fired) = (self.controller.clone(), self.fired.clone());
        // Dropping the old one clears it.
        self.timeout.set(Some(Timeout::new(self.idle_ms, move || {
            fired.set(true);
            controller.abort();
        })));
    }

    fn is_aborted(&self) -> bool {
        self.controller.signal().aborted()
    }

    fn has_fired(&self) -> bool {
        self.fired.get()
    }
}
