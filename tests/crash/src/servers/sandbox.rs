use std::path::Path;

use aicon_processes::Process;
use aicon_protocol::aicon::RecordUsage;
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde_json::Value;

use super::sandbox_binary;
use crate::error::{Error, Result};

/// Client ID of the registered model; base64 with padding, as AICON's are.
pub const CLIENT_ID: &str = "Y2xpZW50LWZvci10ZXN0cw==";

/// Client secret of the registered model, with characters that a form must encode.
pub const CLIENT_SECRET: &str = "secret+for/tests&more=";

/// Where logins are sent back to; nothing listens there.
const REDIRECT_URI: &str = "http://127.0.0.1:9";

/// A running sandbox.
#[derive(Debug)]
pub struct Sandbox {
    /// AICON itself.
    pub aicon: String,
    client: reqwest::Client,
    _process: Process,
}

/// A use as the sandbox has it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Recorded {
    /// As it came first.
    pub usage: RecordUsage,
    /// How often it came again.
    pub repeats: u64,
    /// How many of those differed from the first.
    pub conflicts: u64,
}

impl Sandbox {
    /// Starts a sandbox with these users; its log goes below `directory`.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start(directory: &Path, users: &[String]) -> Result<Self> {
        let users = users.join(",");
        let arguments = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--site-listen",
            "127.0.0.1:0",
            "--client-id",
            CLIENT_ID,
            "--redirect-uri",
            REDIRECT_URI,
            "--users",
            &users,
            "--access-ttl",
            "1d",
        ];
        let environment = [("SANDBOX_CLIENT_SECRET".to_owned(), CLIENT_SECRET.to_owned())];
        let log = directory.join("sandbox.log");
        let mut process = Process::start(&sandbox_binary(), &arguments, &environment, &log)?;
        let aicon = process.wait_for_line(announced).await?;
        Ok(Self {
            aicon,
            client: reqwest::Client::builder()
                .redirect(Policy::none())
                .build()?,
            _process: process,
        })
    }

    /// What makes a back end this sandbox's model.
    pub(super) fn environment(&self) -> [(&'static str, String); 4] {
        [
            ("AICON_AUTH", "aicon".to_owned()),
            ("AICON_API_ENDPOINT", format!("{}/api", self.aicon)),
            ("AICON_CLIENT_ID", CLIENT_ID.to_owned()),
            ("AICON_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
        ]
    }

    /// Logs a user in, as a browser would; answers the access token.
    ///
    /// # Errors
    /// When there is no such user.
    pub async fn log_in(&self, user: &str) -> Result<String> {
        let choice = [
            ("client_id", CLIENT_ID),
            ("redirect_uri", REDIRECT_URI),
            ("user", user),
        ];
        let login = self.client.post(format!("{}/auth/login", self.aicon));
        let answer = login.form(&choice).send().await?;
        let location = answer.headers().get("location");
        let location = location.and_then(|value| value.to_str().ok()).unwrap_or("");
        let code = location
            .split_once("code=")
            .map(|(_, rest)| rest.split('&').next().unwrap_or(rest));
        let code = code.ok_or_else(|| Error::Unexpected {
            what: "the sandbox's login",
            answer: answer.status().to_string(),
        })?;
        let exchange = [
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
        ];
        let token = self
            .client
            .post(format!("{}/api/auth/sso/token", self.aicon));
        let answer: Value = token.form(&exchange).send().await?.json().await?;
        match answer["access_token"].as_str() {
            Some(token) => Ok(token.to_owned()),
            None => Err(Error::Unexpected {
                what: "the sandbox's token answer",
                answer: answer.to_string(),
            }),
        }
    }

    /// Changes faults, such as `{"record_usage_down": true}`.
    ///
    /// # Errors
    /// When there is no such fault.
    pub async fn set_faults(&self, change: &Value) -> Result<()> {
        let url = format!("{}/sandbox/faults", self.aicon);
        let answer = self.client.post(url).json(change).send().await?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(Error::Unexpected {
            what: "the sandbox on faults",
            answer: answer.text().await?,
        })
    }

    /// How many uses are recorded.
    ///
    /// # Errors
    /// When the sandbox does not answer.
    pub async fn count(&self) -> Result<u64> {
        let url = format!("{}/sandbox/summary", self.aicon);
        let summary: Value = self.client.get(url).send().await?.json().await?;
        summary["count"].as_u64().ok_or_else(|| Error::Unexpected {
            what: "the sandbox's summary",
            answer: summary.to_string(),
        })
    }

    /// The recorded uses.
    ///
    /// # Errors
    /// When the sandbox does not answer.
    pub async fn recorded(&self) -> Result<Vec<Recorded>> {
        let url = format!("{}/sandbox/usages", self.aicon);
        Ok(self.client.get(url).send().await?.json().await?)
    }
}

/// `listening aicon=ORIGIN site=ORIGIN`
fn announced(line: &str) -> Option<String> {
    let (aicon, _) = line
        .strip_prefix("listening aicon=")?
        .split_once(" site=")?;
    Some(aicon.to_owned())
}
