//! What the browser noticed: console, network, policy.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::Page;
use crate::error::{Result, Timeout};

impl Page {
    /// All lines of the console so far, the browser's own complaints included.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn console(&self) -> Result<Vec<String>> {
        let fresh = self.driver.browser_log().await?;
        let mut console = lock(&self.seen.console);
        console.extend(
            fresh
                .into_iter()
                .map(|entry| format!("{} {}", entry.level, entry.message)),
        );
        Ok(console.clone())
    }

    /// The URLs of all requests so far, in order.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn requests(&self) -> Result<Vec<String>> {
        let fresh = self.driver.get_log("performance").await?;
        let mut requests = lock(&self.seen.requests);
        requests.extend(
            fresh
                .iter()
                .filter_map(|entry| requested_url(&entry.message)),
        );
        Ok(requests.clone())
    }

    /// Fails when the page ran against its content security policy, or its WebAssembly panicked.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    ///
    /// # Panics
    ///
    /// When there was a violation or a panic.
    pub async fn assert_sound(&self) -> Result<()> {
        let is_wrong = |line: &&String| {
            // A page of somebody else that may not frame ours: the policy at work.
            if line.contains("Framing '") {
                return false;
            }
            [
                "Content Security Policy",
                "TrustedScript",
                "TrustedHTML",
                "panicked at",
                "unreachable",
            ]
            .iter()
            .any(|sign| line.contains(sign))
        };
        let console = self.console().await?;
        let wrong: Vec<&String> = console.iter().filter(is_wrong).collect();
        assert!(
            wrong.is_empty(),
            "the console tells of violations or panics: {wrong:#?}"
        );
        Ok(())
    }

    /// The value of a string that a script returns, or the error that it threw.
    ///
    /// # Errors
    ///
    /// When the browser refuses or it is no string.
    pub async fn ask_text(&self, script: &str) -> Result<String> {
        let value: Value = self.ask(script, &[]).await?;
        let text = value.as_str().map(str::to_owned);
        let missing = || Timeout {
            what: "a text".to_owned(),
            last_seen: value.to_string(),
        };
        Ok(text.ok_or_else(missing)?)
    }
}

/// The URL of a `Network.requestWillBeSent` event of the driver's performance log; `data:`, `blob:` and `chrome:` do not travel.
fn requested_url(entry: &str) -> Option<String> {
    let entry: Value = serde_json::from_str(entry).ok()?;
    let message = entry.get("message")?;
    if message.get("method")? != "Network.requestWillBeSent" {
        return None;
    }
    let url = message.pointer("/params/request/url")?.as_str()?;
    url.starts_with("http").then(|| url.to_owned())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
