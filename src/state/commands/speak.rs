//! Sending, the growing answer, stopping, trying again.

use std::cell::{Cell, RefCell};

use aicon_protocol::ai::ChatRequest;
use aicon_protocol::event::ChatEvent;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;

use super::super::chat::Action;
use super::super::turn::{SentImage, Status, has_lost_context};
use super::Commands;
use super::attach::kept_blob;
use crate::api::chat::{Message, chat};
use crate::api::{ApiError, Fault};
use crate::browser::random::token;
use crate::browser::{LONGEST_FRAME_MS, called, is_hidden, next_frame, sleep};

impl Commands {
    /// The user typed.
    pub fn type_draft(&self, text: String) {
        self.0.store.dispatch(Action::Typed(text.into()));
        self.keep_composer();
    }

    /// Sends what is composed, unless something is in its way; says whether it did.
    pub fn send(&self) -> bool {
        let state = self.0.store.get();
        if state.streaming().is_some() || state.composer.blocked(&self.0.config).is_some() {
            return false;
        }
        self.0.store.dispatch(Action::Sent {
            idempotency_key: token().into(),
        });
        self.keep_composer();
        self.answer(true);
        true
    }

    /// Sends the question of a failed or stopped answer again.
    pub fn retry(&self, key: u32) {
        let state = self.0.store.get();
        if state.streaming().is_some() || state.turns.last().is_none_or(|turn| turn.key != key) {
            return;
        }
        let has_context = state
            .answer(key)
            .is_none_or(|answer| !has_lost_context(&answer.status));
        self.0.store.dispatch(Action::Retried {
            key,
            idempotency_key: token().into(),
        });
        self.answer(has_context);
    }

    /// Stops the answer: the request ends, and with it the call to the model. What has come is kept.
    pub fn stop(&self) {
        if let Some(controller) = self.0.stream.take() {
            controller.abort();
        }
    }

    /// Puts a text on the clipboard, and beside it the same as HTML, and tells whether that worked.
    pub fn copy(&self, text: &str, html: Option<String>, on_done: impl FnOnce(bool) + 'static) {
        let copied = aicon_markdown::copy(text.to_owned(), html);
        spawn_local(async move { on_done(copied.await) });
    }

    /// What was dispatched is on the page.
    pub fn drawn(&self) {
        if let Some(drawn) = self.0.drawn.take() {
            // Resolves a promise, which does not throw.
            drop(drawn.call0(&JsValue::UNDEFINED));
        }
    }

    fn answer(&self, has_context: bool) {
        let state = self.0.store.get();
        let Some(key) = state.streaming() else { return };
        let (Some((question, previous)), Ok(controller)) =
            (state.question_of(key), AbortController::new())
        else {
            return;
        };
        let mut file_ids: Vec<_> = question
            .images
            .iter()
            .map(|image| image.file_id.clone())
            .collect();
        let file_id = if file_ids.len() == 1 {
            file_ids.pop()
        } else {
            None
        };
        let request = ChatRequest {
            message: Some(question.text.to_string()),
            model: self.0.config.model.clone(),
            file_id,
            file_ids,
            previous_response_id: previous.filter(|_| has_context).cloned(),
            idempotency_key: state
                .answer(key)
                .map(|answer| answer.idempotency_key.to_string())
                .filter(|key| !key.is_empty()),
        };
        self.0.stream.replace(Some(controller.clone()));
        self.keep_conversation_now();
        let images = question.images.clone();
        let commands = self.clone();
        spawn_local(async move { commands.run(key, request, images, controller).await });
    }

    async fn run(
        &self,
        key: u32,
        request: ChatRequest,
        images: Vec<SentImage>,
        controller: AbortController,
    ) {
        let mut files = Vec::new();
        for SentImage { key, name, .. } in images {
            files.extend(kept_blob(&key).await.map(|file| (file, name)));
        }
        let message = Message {
            request: &request,
            files: &files,
        };
        let store = self.0.store.clone();
        let deltas = Deltas::new(self.clone(), key);
        let mut has_ended = false;
        let outcome = chat(
            &self.0.config,
            &self.0.auth,
            &message,
            &controller,
            |event| match event {
                ChatEvent::Created { id } => {
                    store.dispatch(Action::Created { key, id });
                    // From here on a page that is left can ask the server for the answer.
                    self.keep_conversation_now();
                }
                ChatEvent::Delta { text } => deltas.add(&text),
                ChatEvent::Completed {
                    id, content, usage, ..
                } => {
                    deltas.flush();
                    has_ended = true;
                    store.dispatch(Action::Completed {
                        key,
                        id,
                        content,
                        usage,
                    });
                }
                ChatEvent::Failed(body) => {
                    deltas.flush();
                    has_ended = true;
                    let fault = Fault::Told {
                        status: 200,
                        body,
                        retry_after: None,
                    };
                    store.dispatch(Action::Ended {
                        key,
                        status: Status::Failed(fault),
                    });
                }
                ChatEvent::Unknown => {}
            },
            async || deltas.show().await,
        )
        .await;
        deltas.flush();
        match outcome {
            Ok(Some(archive)) => self.keep_archive(key, archive).await,
            _ if has_ended => {}
            Ok(None) => {}
            Err(ApiError::Aborted) => store.dispatch(Action::Ended {
                key,
                status: Status::Stopped,
            }),
            Err(ApiError::SignedOut) => store.dispatch(Action::Unsent { key }),
            Err(ApiError::Fault(fault)) => store.dispatch(Action::Ended {
                key,
                status: Status::Failed(fault),
            }),
        }
        self.0.stream.take();
        self.keep_composer();
        self.keep_conversation_now();
    }
}

/// Deltas that wait to be shown: however many come, the screen is drawn once in two frames, the first at once.
struct Deltas {
    commands: Commands,
    key: u32,
    waiting: RefCell<String>,
    has_shown: Cell<bool>,
}

/// Text that grows at each second frame is read no slower, and costs half.
const UNREAD_MS: u32 = 20;
/// So many bytes of text are not kept waiting.
const FLOOD: usize = 4 * 1024;

impl Deltas {
    fn new(commands: Commands, key: u32) -> Self {
        Self {
            commands,
            key,
            waiting: RefCell::default(),
            has_shown: Cell::default(),
        }
    }

    fn add(&self, text: &str) {
        self.waiting.borrow_mut().push_str(text);
    }

    /// Comes back when what waited is shown.
    async fn show(&self) {
        let waiting = self.waiting.borrow().len();
        if waiting == 0 {
            return;
        }
        // A tab in the background has no frames, and timers that may take minutes.
        if is_hidden() {
            self.flush();
            return;
        }
        if self.has_shown.replace(true) && waiting < FLOOD {
            sleep(UNREAD_MS).await;
        }
        next_frame().await;
        // Reading goes on when all of it stands: what came meanwhile would be built in one go, however much it is.
        called(LONGEST_FRAME_MS, |drawn| {
            self.commands.0.drawn.replace(Some(drawn.clone()));
            self.flush();
        })
        .await;
    }

    fn flush(&self) {
        let delta = self.waiting.take();
        if !delta.is_empty() {
            self.commands.0.store.dispatch(Action::Grew {
                key: self.key,
                delta,
            });
            self.commands.keep_conversation_soon();
        }
    }
}
