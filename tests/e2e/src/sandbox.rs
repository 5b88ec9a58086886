//! `aicon-sandbox` as a child process, and its control interface.

use std::path::Path;

use aicon_processes::Process;
use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::paths;

/// Client ID of the registered model; base64 with padding, as AICON's are.
pub const CLIENT_ID: &str = "Y2xpZW50LWZvci10ZXN0cw==";

/// Client secret of the registered model, with characters that a form must encode.
pub const CLIENT_SECRET: &str = "secret+for/tests&more=";

/// A running sandbox.
pub struct Sandbox {
    /// AICON itself.
    pub aicon: String,
    /// The hosted bundle.
    pub site: String,
    _process: Process,
}

/// Calls that AICON has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Counters {
    /// Codes given out.
    pub logins: u64,
    /// Calls of the token endpoint, refreshes included.
    pub token_requests: u64,
    /// Calls that asked for a refresh.
    pub refreshes: u64,
    /// Calls of the user info.
    pub userinfo_requests: u64,
    /// Calls of record usage.
    pub usage_requests: u64,
}

impl Sandbox {
    /// Starts a sandbox that hosts the bundle with the given `configs.json`.
    ///
    /// # Errors
    ///
    /// When it does not come up.
    pub async fn start(site: &Path, config: &Path, flags: &[String], log: &Path) -> Result<Self> {
        let program = paths::sandbox()?;
        let mut arguments: Vec<String> = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--site-listen",
            "127.0.0.1:0",
            "--client-id",
            CLIENT_ID,
        ]
        .map(str::to_owned)
        .into();
        arguments.extend(["--site".to_owned(), site.display().to_string()]);
        arguments.extend(["--site-config".to_owned(), config.display().to_string()]);
        arguments.extend_from_slice(flags);
        let environment = [("SANDBOX_CLIENT_SECRET".to_owned(), CLIENT_SECRET.to_owned())];
        let mut process = Process::start(&program, &arguments, &environment, log)?;
        let (aicon, site) = process.wait_for_line(parse_announcement).await?;
        Ok(Self {
            aicon,
            site,
            _process: process,
        })
    }

    /// Sets faults, such as `{"token_endpoint_down": true}`.
    ///
    /// # Errors
    ///
    /// When there is no such fault.
    pub async fn set_faults(&self, change: &Value) -> Result<()> {
        let url = format!("{}/sandbox/faults", self.aicon);
        reqwest::Client::new()
            .post(url)
            .json(change)
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }

    /// Registers, as type 2, what the provider at `origin` says of its model definition of this name.
    ///
    /// # Errors
    ///
    /// When there is no such definition.
    pub async fn register(&self, origin: &str, definition: &str) -> Result<()> {
        let told = serde_json::json!({ "url": format!("{origin}/ui?model={definition}") });
        reqwest::Client::new()
            .post(format!("{}/sandbox/microsite/import", self.aicon))
            .json(&told)
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }

    /// Calls seen so far.
    ///
    /// # Errors
    ///
    /// When the sandbox does not answer.
    pub async fn counters(&self) -> Result<Counters> {
        Ok(reqwest::get(format!("{}/sandbox/counters", self.aicon))
            .await?
            .json()
            .await?)
    }

    /// Uses recorded so far.
    ///
    /// # Errors
    ///
    /// When the sandbox does not answer.
    pub async fn usages(&self) -> Result<Vec<Value>> {
        Ok(reqwest::get(format!("{}/sandbox/usages", self.aicon))
            .await?
            .json()
            .await?)
    }

    /// An authorization code for `demo` that no tab has asked for, as an attacker would get one for himself.
    ///
    /// # Errors
    ///
    /// When the sandbox gives none.
    pub async fn unasked_code(&self) -> Result<String> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let form = [
            ("client_id", CLIENT_ID),
            ("redirect_uri", self.site.as_str()),
            ("user", "demo"),
        ];
        let response = client
            .post(format!("{}/auth/login", self.aicon))
            .form(&form)
            .send()
            .await?;
        let location = response
            .headers()
            .get("location")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let code = location
            .split_once("code=")
            .map(|(_, code)| code.split('&').next().unwrap_or(code).to_owned());
        code.ok_or_else(|| Error::NotUp {
            program: "aicon-sandbox".into(),
            reason: "it gave no code".to_owned(),
        })
    }
}

/// `listening aicon=ORIGIN site=ORIGIN`
fn parse_announcement(line: &str) -> Option<(String, String)> {
    let (aicon, site) = line
        .strip_prefix("listening aicon=")?
        .split_once(" site=")?;
    Some((aicon.to_owned(), site.to_owned()))
}
