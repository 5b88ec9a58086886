//! One report on its way.

use std::sync::Arc;
use std::time::Duration;

use aicon_protocol::id::ClientId;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Response};
use secrecy::SecretString;

use super::verdict::{Verdict, judge, judge_failure};
use crate::clock::Clock;
use crate::service::clients::Clients;
use crate::store::LedgerRow;
use crate::usage::{TimeFormat, record_usage};

/// Rows with more bytes than this are written as JSON on a thread of their own.
const LARGE: usize = 256 * 1024;

/// Bytes of AICON's answer that are read, so that the connection can be used again. What it says does not matter.
const ANSWER_BYTES: usize = 64 * 1024;

/// Time for those bytes.
const ANSWER_TIME: Duration = Duration::from_secs(1);

/// Sends reports. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Reporter {
    pub(super) client: Client,
    pub(super) endpoint: Arc<str>,
    pub(super) clients: Arc<Clients>,
    pub(super) time_format: TimeFormat,
    pub(super) timeout: Duration,
    pub(super) clock: Clock,
}

impl Reporter {
    /// Whether the client's secret is at hand.
    pub(super) fn is_ready(&self, client: &ClientId) -> bool {
        let client = self.clients.get(client);
        client.is_some_and(|client| client.secret.is_ok())
    }

    /// Sends one report and says what became of it.
    pub(super) async fn send(&self, row: LedgerRow) -> Verdict {
        // Read at each try: the secret may have been rotated since the last one.
        let client = self.clients.get(&row.client);
        let Some(Ok(secret)) = client.as_ref().map(|client| &client.secret) else {
            return Verdict::Unsent;
        };
        let Some(body) = body(row, secret.clone(), self.time_format.clone()).await else {
            return Verdict::Unsent;
        };
        let sending = self
            .client
            .post(&*self.endpoint)
            .header(CONTENT_TYPE, "application/json")
            .timeout(self.timeout)
            .body(body)
            .send();
        match sending.await {
            Ok(response) => {
                let text = |name| {
                    let value = response.headers().get(name);
                    value.and_then(|value| value.to_str().ok())
                };
                let (media_type, wait) = (text(CONTENT_TYPE), text(RETRY_AFTER));
                let verdict = judge(response.status(), media_type, wait, self.clock.now());
                take_in(response).await;
                verdict
            }
            Err(error) => judge_failure(&error),
        }
    }
}

/// The row as JSON; `None` when the runtime ends.
async fn body(row: LedgerRow, secret: SecretString, time_format: TimeFormat) -> Option<Vec<u8>> {
    let is_large = row.input.len() + row.content.len() > LARGE;
    let write = move || {
        let record = record_usage(row.into(), Some(&secret), &time_format);
        serde_json::to_vec(&record).expect("strings and numbers are JSON")
    };
    if is_large {
        tokio::task::spawn_blocking(write).await.ok()
    } else {
        Some(write())
    }
}

/// Reads what is left of an answer.
async fn take_in(mut response: Response) {
    let reading = async {
        let mut read = 0;
        while let Ok(Some(chunk)) = response.chunk().await {
            read += chunk.len();
            if read > ANSWER_BYTES {
                return;
            }
        }
    };
    // An answer that stays out costs the connection, nothing else.
    let _ = tokio::time::timeout(ANSWER_TIME, reading).await;
}
