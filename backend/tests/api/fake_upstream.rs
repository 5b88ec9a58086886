//! An upstream service with a socket of its own. It answers by script, byte for byte, and tells what it saw.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aicon_backend::config::{Dialect, ProviderSettings, Settings};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode};
use futures_util::{StreamExt as _, stream};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

/// What to answer.
#[derive(Clone, Debug)]
pub(crate) enum Script {
    /// A good stream, cut into chunks of this many bytes.
    Stream(Vec<u8>, usize),
    /// A status, with `Retry-After`.
    Refuse(u16, Option<&'static str>),
    /// A body, and then the connection breaks.
    Cut(Vec<u8>),
    /// A body, and then nothing for ever.
    Hang(Vec<u8>),
    /// No response head.
    Silence,
    /// A refusal with a body.
    Explain(u16, &'static str),
    /// A body, and then another one again and again, as long as somebody takes it.
    Endless(Vec<u8>, Vec<u8>),
    /// What the test hands in, as it does; the end when it hands in no more.
    Fed(Feed),
}

/// See [`Script::Fed`].
pub(crate) type Feed = Arc<Mutex<Option<mpsc::UnboundedReceiver<Bytes>>>>;

/// What a request was.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

#[derive(Clone)]
pub(crate) struct FakeUpstream {
    pub(crate) url: String,
    state: Shared,
}

#[derive(Clone)]
struct Shared {
    script: Arc<Mutex<Script>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    gone: Arc<watch::Sender<usize>>,
    taken: Arc<AtomicUsize>,
}

impl FakeUpstream {
    /// Puts it behind `model-1`. `patience` is the server's, with its first byte and with a pause.
    pub(crate) fn stand_behind(
        &self,
        settings: &mut Settings,
        dialect: Dialect,
        patience: Duration,
    ) {
        let provider = ProviderSettings {
            dialect: Some(dialect),
            base_url: Some(self.url.parse().unwrap()),
            models: vec!["model-1".to_owned()],
            ..ProviderSettings::default()
        };
        settings.providers.insert("fake".to_owned(), provider);
        settings.timeouts.first_byte = patience;
        settings.timeouts.idle = patience;
    }

    pub(crate) async fn start(script: Script) -> Self {
        let state = Shared {
            script: Arc::new(Mutex::new(script)),
            seen: Arc::default(),
            gone: Arc::new(watch::Sender::new(0)),
            taken: Arc::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, state }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.seen.lock().unwrap().clone()
    }

    /// Bytes of [`Script::Endless`] that were taken, by whoever reads or by the sockets in between.
    pub(crate) fn taken(&self) -> usize {
        self.state.taken.load(Ordering::Relaxed)
    }

    pub(crate) fn play(&self, script: Script) {
        *self.state.script.lock().unwrap() = script;
    }

    /// Waits until a caller has closed its connection before the end of the answer.
    pub(crate) async fn caller_is_gone(&self, within: Duration) {
        let mut gone = self.state.gone.subscribe();
        let waited = tokio::time::timeout(within, gone.wait_for(|count| *count > 0)).await;
        waited
            .expect("the upstream call was not cancelled")
            .unwrap();
    }
}

/// Counts when it is dropped with the body that holds it.
struct Leaving(Arc<watch::Sender<usize>>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count += 1);
    }
}

async fn answer(State(state): State<Shared>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    state.seen.lock().unwrap().push(Seen {
        path: parts.uri.to_string(),
        headers: parts.headers,
        body: serde_json::from_slice(&bytes).unwrap(),
    });
    let script = state.script.lock().unwrap().clone();
    let leaving = Leaving(state.gone.clone());
    let body = match script {
        Script::Refuse(status, retry_after) => {
            let secret =
                r#"{"error":{"message":"Incorrect API key provided: sk-canary-upstream"}}"#;
            let response = Response::builder().status(StatusCode::from_u16(status).unwrap());
            let response = match retry_after {
                Some(seconds) => response.header("retry-after", seconds),
                None => response,
            };
            return response.body(Body::from(secret)).unwrap();
        }
        Script::Explain(status, body) => {
            return Response::builder()
                .status(status)
                .body(Body::from(body))
                .unwrap();
        }
        Script::Endless(head, more) => {
            let (more, taken) = (Bytes::from(more), state.taken.clone());
            let chunks = stream::once(async move { Bytes::from(head) })
                .chain(stream::repeat_with(move || more.clone()))
                .inspect(move |chunk| {
                    taken.fetch_add(chunk.len(), Ordering::Relaxed);
                })
                .map(Ok::<_, std::io::Error>);
            Body::from_stream(chunks)
        }
        Script::Fed(feed) => {
            let mut feed = feed.lock().unwrap().take().expect("it is asked once");
            let chunks = stream::poll_fn(move |cx| feed.poll_recv(cx));
            Body::from_stream(chunks.map(Ok::<_, std::io::Error>))
        }
        Script::Silence => {
            let _leaving = leaving;
            std::future::pending::<()>().await;
            Body::empty()
        }
        Script::Stream(bytes, size) => {
            let chunks: Vec<_> = bytes.chunks(size).map(Bytes::copy_from_slice).collect();
            Body::from_stream(stream::iter(chunks).map(Ok::<_, std::io::Error>))
        }
        Script::Cut(bytes) => {
            let broken = stream::once(async {
                tokio::task::yield_now().await;
                Err(std::io::Error::other("cut"))
            });
            Body::from_stream(stream::once(async move { Ok(Bytes::from(bytes)) }).chain(broken))
        }
        Script::Hang(bytes) => {
            let nothing = stream::once(async move {
                let _leaving = leaving;
                std::future::pending::<Result<Bytes, std::io::Error>>().await
            });
            Body::from_stream(stream::once(async move { Ok(Bytes::from(bytes)) }).chain(nothing))
        }
    };
    Response::builder()
        .header("content-type", "text/event-stream")
        .body(body)
        .unwrap()
}
