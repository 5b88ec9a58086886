//! AICON's record-usage endpoint, by script: what it takes in and how it answers are two things. And its user info,
//! for tokens of [`crate::fake_aicon::token_of`].

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aicon_protocol::aicon::RecordUsage;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use socket2::SockRef;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What happens to one report.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Taken in, and said so with any status and headers and body.
    Answer(u16, &'static str, &'static str),
    /// Taken in, but the answer never comes.
    TakeAndHang,
    /// Taken in, but the connection is reset instead of an answer.
    TakeAndReset,
    /// The connection is reset before it is taken in.
    Reset,
    /// Taken in after a while.
    Slow(Duration),
}

/// Taken in and said so.
pub(crate) const OK: Act = Act::Answer(200, "", "{}");

#[derive(Default)]
struct State {
    script: VecDeque<Act>,
    otherwise: Option<Act>,
    for_client: Vec<(String, Act)>,
    seen: Vec<RecordUsage>,
    taken: Vec<String>,
    under_way: Vec<String>,
    most_under_way: usize,
    was_twice_under_way: bool,
}

#[derive(Clone)]
pub(crate) struct FakeRecorder {
    pub(crate) endpoint: String,
    state: Arc<Mutex<State>>,
}

impl FakeRecorder {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let recorder = Self {
            endpoint: format!("http://{}/api", listener.local_addr().unwrap()),
            state: Arc::default(),
        };
        let server = recorder.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let server = server.clone();
                tokio::spawn(async move { server.serve(stream).await });
            }
        });
        recorder
    }

    /// What happens to the next reports, one by one.
    pub(crate) fn script(&self, acts: impl IntoIterator<Item = Act>) {
        self.state.lock().unwrap().script.extend(acts);
    }

    /// What happens to reports beyond the script.
    pub(crate) fn otherwise(&self, act: Act) {
        self.state.lock().unwrap().otherwise = Some(act);
    }

    /// What happens to all reports of a client, whatever the script says.
    pub(crate) fn for_client(&self, client: &str, act: Act) {
        let mut state = self.state.lock().unwrap();
        state.for_client.retain(|(known, _)| known != client);
        state.for_client.push((client.to_owned(), act));
    }

    /// Every report that was sent, also those that were not taken in.
    pub(crate) fn seen(&self) -> Vec<RecordUsage> {
        self.state.lock().unwrap().seen.clone()
    }

    /// How many reports were sent.
    pub(crate) fn count(&self) -> usize {
        self.state.lock().unwrap().seen.len()
    }

    /// GUIDs of the reports that were taken in, each as often as that happened.
    pub(crate) fn taken(&self) -> Vec<String> {
        self.state.lock().unwrap().taken.clone()
    }

    /// GUIDs that were taken in, each once.
    pub(crate) fn known(&self) -> Vec<String> {
        let mut taken = self.taken();
        taken.sort();
        taken.dedup();
        taken
    }

    /// Most reports that were under way at the same time.
    pub(crate) fn most_under_way(&self) -> usize {
        self.state.lock().unwrap().most_under_way
    }

    /// Whether one report was under way twice at the same time.
    pub(crate) fn was_twice_under_way(&self) -> bool {
        self.state.lock().unwrap().was_twice_under_way
    }

    async fn serve(self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        while let Some((line, token, body)) = read(&mut stream).await {
            if line.starts_with("GET /api/auth/sso/userinfo ") {
                let body = user_info(&token);
                answer(
                    &mut stream,
                    200,
                    "content-type: application/json\r\n",
                    &body,
                )
                .await;
                continue;
            }
            assert_eq!(line, "POST /api/Provider/record-usage HTTP/1.1");
            let record: RecordUsage = serde_json::from_slice(&body).unwrap();
            let guid = record.data_info.usage_guid.clone();
            let act = self.begin(record);
            if let Act::Slow(time) = act {
                tokio::time::sleep(time).await;
            }
            let is_taken = match &act {
                Act::Answer(status, ..) => (200..300).contains(status),
                Act::Reset => false,
                Act::TakeAndHang | Act::TakeAndReset | Act::Slow(_) => true,
            };
            if matches!(act, Act::TakeAndHang) {
                self.state.lock().unwrap().taken.push(guid.clone());
                // Until the caller has gone.
                let _ = stream.read_u8().await;
                self.end(&guid, false);
                return;
            }
            self.end(&guid, is_taken);
            let (status, headers, body) = match act {
                Act::Answer(status, headers, body) => (status, headers, body),
                Act::Slow(_) => (200, "", "{}"),
                Act::TakeAndHang | Act::TakeAndReset | Act::Reset => {
                    let zero = Some(Duration::ZERO);
                    SockRef::from(stream.get_ref()).set_linger(zero).unwrap();
                    return;
                }
            };
            answer(&mut stream, status, headers, body).await;
        }
    }

    fn begin(&self, record: RecordUsage) -> Act {
        let mut state = self.state.lock().unwrap();
        let guid = record.data_info.usage_guid.clone();
        let of_client = state
            .for_client
            .iter()
            .find(|(client, _)| client == record.client_id.as_str());
        let of_client = of_client.map(|(_, act)| act.clone());
        state.was_twice_under_way |= state.under_way.contains(&guid);
        state.under_way.push(guid);
        state.most_under_way = state.most_under_way.max(state.under_way.len());
        state.seen.push(record);
        of_client
            .or_else(|| state.script.pop_front())
            .or_else(|| state.otherwise.clone())
            .unwrap_or(OK)
    }

    fn end(&self, guid: &str, is_taken: bool) {
        let mut state = self.state.lock().unwrap();
        let at = state.under_way.iter().position(|known| known == guid);
        state.under_way.swap_remove(at.unwrap());
        if is_taken {
            state.taken.push(guid.to_owned());
        }
    }
}

async fn answer(stream: &mut BufReader<TcpStream>, status: u16, headers: &str, body: &str) {
    let length = body.len();
    let answer =
        format!("HTTP/1.1 {status} Status\r\ncontent-length: {length}\r\n{headers}\r\n{body}");
    // Who has gone is told nothing; the next read ends the connection.
    let _ = stream.write_all(answer.as_bytes()).await;
}

fn user_info(token: &str) -> String {
    let payload = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    json!({ "user_id": claims["user"], "client_id": claims["client"] }).to_string()
}

/// Request line, bearer token and body of the next request; `None` when there is none.
async fn read(stream: &mut BufReader<TcpStream>) -> Option<(String, String, Vec<u8>)> {
    let (mut first, mut token, mut length) = (String::new(), String::new(), 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if first.is_empty() {
            line.clone_into(&mut first);
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        } else if let Some((_, value)) = line.split_once("Bearer ") {
            value.clone_into(&mut token);
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some((first, token, body))
}
