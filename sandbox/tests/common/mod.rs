//! A sandbox on free ports, and a client that does not follow redirects.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses its part of it"
)]

pub mod browser;
pub mod model;
pub mod provider;

use aicon_sandbox::cli::{Cli, Command, Options};
use aicon_sandbox::server::Running;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Parser;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use url::Url;

pub const CLIENT_ID: &str = "Y2xpZW50LWZvci10ZXN0cw==";
pub const CLIENT_SECRET: &str = "secret-for-tests";
/// The pair of RFC 7636, appendix B.
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

pub struct TestSandbox {
    pub running: Running,
    pub client: Client,
}

/// A use of 150 won by `demo`, with a GUID of its own.
pub fn new_usage() -> Value {
    json!({
        "userId": "demo", "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET,
        "dataInfo": {
            "usageGUID": uuid::Uuid::new_v4().to_string(), "amountForSettlement": 150,
            "timestampStartString": "2025/10/23T04:05:06.000Z", "timestampEndString": "2025/10/23T04:05:09.000Z",
            "tokenIn": 12, "tokenOut": 345, "responseCode": 200
        },
        "parameterInfo": { "inputContent": "<b>안녕</b>", "outputContent": "안녕하세요" }
    })
}

pub fn options(flags: &[&str]) -> Options {
    let fixed = [
        "aicon-sandbox",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--site-listen",
        "127.0.0.1:0",
        "--client-id",
        CLIENT_ID,
        "--client-secret",
        CLIENT_SECRET,
    ];
    let Cli {
        command: Command::Serve(options),
    } = Cli::parse_from(fixed.iter().chain(flags));
    options
}

impl TestSandbox {
    pub async fn start(flags: &[&str]) -> Self {
        let running = Running::start(&options(flags)).await.unwrap();
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { running, client }
    }

    pub fn aicon(&self, path: &str) -> String {
        format!("{}{path}", self.running.aicon_origin)
    }

    pub fn site(&self, path: &str) -> String {
        format!("{}{path}", self.running.site_origin)
    }

    pub async fn get(&self, url: &str) -> Response {
        self.client.get(url).send().await.unwrap()
    }

    pub async fn json(&self, path: &str) -> Value {
        self.get(&self.aicon(path)).await.json().await.unwrap()
    }

    pub async fn set_faults(&self, change: Value) -> Response {
        self.client
            .post(self.aicon("/sandbox/faults"))
            .json(&change)
            .send()
            .await
            .unwrap()
    }

    /// The fields of a login as the app sends them, with more or other ones.
    pub fn login_fields<'a>(&'a self, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let mut fields = vec![
            ("client_id", CLIENT_ID),
            ("redirect_uri", self.running.site_origin.as_str()),
        ];
        for &(name, value) in more {
            fields.retain(|(known, _)| *known != name);
            fields.push((name, value));
        }
        fields
    }

    /// Shows the login page.
    pub async fn login_page(&self, more: &[(&str, &str)]) -> Response {
        let fields = self.login_fields(more);
        self.client
            .get(self.aicon("/auth/login"))
            .query(&fields)
            .send()
            .await
            .unwrap()
    }

    /// Presses a button of the login page.
    pub async fn choose(&self, more: &[(&str, &str)]) -> Response {
        let fields = self.login_fields(more);
        self.client
            .post(self.aicon("/auth/login"))
            .form(&fields)
            .send()
            .await
            .unwrap()
    }

    /// A fresh code for `demo`.
    pub async fn code(&self, more: &[(&str, &str)]) -> String {
        let mut fields = vec![("user", "demo")];
        fields.extend(more);
        query_value(&location(&self.choose(&fields).await), "code").unwrap()
    }

    /// The token endpoint, with more or other fields than client ID and secret.
    pub async fn token(&self, more: &[(&str, &str)]) -> Response {
        let mut fields = vec![("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)];
        for &(name, value) in more {
            fields.retain(|(known, _)| *known != name);
            fields.push((name, value));
        }
        self.client
            .post(self.aicon("/api/auth/sso/token"))
            .form(&fields)
            .send()
            .await
            .unwrap()
    }

    pub async fn redeem(&self, code: &str, more: &[(&str, &str)]) -> Response {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.running.site_origin),
        ];
        fields.extend(more);
        self.token(&fields).await
    }

    pub async fn refresh(&self, refresh_token: &str) -> Response {
        self.token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ])
        .await
    }

    /// Logs `demo` in: the token answer.
    pub async fn log_in(&self) -> Value {
        let code = self.code(&[]).await;
        let response = self.redeem(&code, &[]).await;
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    pub async fn userinfo(&self, access_token: &str) -> Response {
        let request = self
            .client
            .get(self.aicon("/api/auth/sso/userinfo"))
            .bearer_auth(access_token);
        request.send().await.unwrap()
    }
}

pub fn location(response: &Response) -> Url {
    assert_eq!(response.status(), 303);
    Url::parse(response.headers()["location"].to_str().unwrap()).unwrap()
}

pub fn query_value(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

/// Status and OAuth error code of a refused request.
pub async fn refusal(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, body["error"].as_str().unwrap().to_owned())
}

/// The payload of a JWT, read as the contract says: base64url without padding, UTF-8.
pub fn payload(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
