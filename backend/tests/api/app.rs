//! The server under test, on a port of its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use aicon_backend::clock::Clock;
use aicon_backend::config::{Flags, Settings, load};
use aicon_backend::server::run_with_clock;
use aicon_protocol::sse::Decoder;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Any wait longer than this has failed.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// A 1×1 picture.
pub(crate) const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0,
    0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 13, b'I', b'D', b'A', b'T',
    0x78, 0xda, 0x63, 0xfc, 0xcf, 0xc0, 0x50, 0x0f, 0, 4, 0x85, 1, 0x80, 0x84, 0xa9, 0x8c, 0x21, 0,
    0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    pub(crate) clock: Clock,
    pub(crate) client: Client,
    pub(crate) data: TempDir,
    stop: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
}

impl TestApp {
    /// A result file.
    pub(crate) async fn download(&self, url: &str) -> Vec<u8> {
        let response = self.client.get(url).send().await.unwrap();
        response.bytes().await.unwrap().into()
    }

    /// A server as nobody configured it, but quick.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// A server with environment variables.
    pub(crate) async fn with(variables: &[(&str, &str)]) -> Self {
        Self::configured(variables, |_| {}).await
    }

    pub(crate) async fn configured(
        variables: &[(&str, &str)],
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let environment = |name: &str| {
            let given = variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned());
            given.or_else(|| (name == "AICON_DEMO_DELAY_MS").then(|| "0".to_owned()))
        };
        let data = tempfile::tempdir().unwrap();
        let mut settings = load(&Flags::default(), environment).unwrap();
        change(&mut settings);
        Self::serve(data, Clock::manual(1_731_760_496_789), settings).await
    }

    /// A server on the data of one that has stopped; its clock goes on.
    pub(crate) async fn again(self, change: impl FnOnce(&mut Settings)) -> Self {
        assert!(self.server.is_none(), "it has not stopped");
        let mut settings = load(&Flags::default(), |_| None).unwrap();
        change(&mut settings);
        Self::serve(self.data, self.clock, settings).await
    }

    async fn serve(data: TempDir, clock: Clock, mut settings: Settings) -> Self {
        settings.data = data.path().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let server_clock = clock.clone();
        let server = tokio::spawn(async move {
            run_with_clock(listener, settings, server_clock, async {
                drop(stopped.await)
            })
            .await
            .unwrap();
        });
        let client = Client::builder().no_proxy().build().unwrap();
        // A command run beside a server that is still starting would wait for the thread that it blocks.
        let alive = client.get(format!("http://{address}/healthz")).send().await;
        assert_eq!(alive.unwrap().status(), StatusCode::OK);
        Self {
            address,
            clock,
            client,
            data,
            stop: Some(stop),
            server: Some(server),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.client.post(self.url(path)).json(body)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }

    /// Asks and reads the whole stream.
    pub(crate) async fn chat(&self, body: &Value) -> Vec<Value> {
        let response = self.post("/ai/chat", body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        events(&response.text().await.unwrap())
    }

    pub(crate) async fn upload(&self, name: &str, bytes: &[u8]) -> Response {
        self.upload_request(name, bytes).send().await.unwrap()
    }

    pub(crate) fn upload_request(&self, name: &str, bytes: &[u8]) -> RequestBuilder {
        let (kind, body) = multipart("file", name, bytes);
        self.client
            .post(self.url("/ai/upload"))
            .header("content-type", kind)
            .body(body)
    }

    pub(crate) async fn upload_png(&self) -> String {
        let response = self.upload("picture.png", PNG).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        json_of(response).await["data"]["file_id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.data.path().join("files")) else {
            // The server is still starting.
            return Vec::new();
        };
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// Asks the server to stop.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits until it has stopped.
    pub(crate) async fn stopped(&mut self) {
        tokio::time::timeout(DEADLINE, self.server.take().unwrap())
            .await
            .expect("the server did not stop")
            .unwrap();
    }

    /// Looks the answer up until it is stored.
    pub(crate) async fn stored(&self, id: &str) -> Value {
        let path = format!("/ai/response?id={id}");
        until(|| async {
            let response = self.get(&path).await;
            if response.status() == StatusCode::OK {
                Some(json_of(response).await)
            } else {
                None
            }
        })
        .await
    }
}

/// Tries again until there is something.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(mut attempt: impl FnMut() -> F) -> T {
    let work = async {
        loop {
            if let Some(found) = attempt().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(DEADLINE, work)
        .await
        .expect("the condition never came true")
}

pub(crate) fn multipart(field: &str, name: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    let boundary = "----boundary7f3a";
    let mut body = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
         content-type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

pub(crate) fn events(text: &str) -> Vec<Value> {
    let mut decoder = Decoder::new();
    decoder.push(text.as_bytes());
    std::iter::from_fn(|| decoder.next_event())
        .map(|event| serde_json::from_str(&event.data).unwrap())
        .collect()
}

pub(crate) fn id_of(events: &[Value]) -> String {
    assert_eq!(events[0]["type"], "response.created");
    events[0]["response"]["id"].as_str().unwrap().to_owned()
}

pub(crate) fn deltas(events: &[Value]) -> String {
    events
        .iter()
        .filter(|event| event["type"] == "response.output_text.delta")
        .map(|event| event["delta"].as_str().unwrap())
        .collect()
}

pub(crate) async fn json_of(response: Response) -> Value {
    response.json().await.unwrap()
}

/// Status, code and text of a refusal.
pub(crate) async fn refusal(response: Response) -> (u16, String, String) {
    let status = response.status().as_u16();
    let body = json_of(response).await;
    assert_eq!(
        (&body["success"], &body["data"]),
        (&json!(false), &Value::Null)
    );
    let text = |key: &str| body["error"][key].as_str().unwrap().to_owned();
    (status, text("code"), text("message"))
}
