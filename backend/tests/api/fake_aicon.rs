//! AICON's user info and token endpoint, with a socket of their own.

use std::sync::{Arc, Mutex};

use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use tokio::net::TcpListener;

/// A form's fields in their order.
pub(crate) type Fields = Vec<(String, String)>;

#[derive(Clone, Default)]
struct Shared {
    asked: Arc<Mutex<usize>>,
    forms: Arc<Mutex<Vec<Fields>>>,
    down: Arc<Mutex<bool>>,
}

pub(crate) struct FakeAicon {
    pub(crate) endpoint: String,
    state: Shared,
}

impl FakeAicon {
    pub(crate) async fn start() -> Self {
        let state = Shared::default();
        let router = Router::new()
            .route("/api/auth/sso/userinfo", get(userinfo))
            .route("/api/auth/sso/token", post(token))
            .with_state(state.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}/api", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { endpoint, state }
    }

    /// How often the user info was asked for.
    pub(crate) fn asked(&self) -> usize {
        *self.state.asked.lock().unwrap()
    }

    /// What the token endpoint was sent.
    pub(crate) fn forms(&self) -> Vec<Fields> {
        self.state.forms.lock().unwrap().clone()
    }

    pub(crate) fn go_down(&self) {
        *self.state.down.lock().unwrap() = true;
    }
}

/// A token of a user through a client; the fake reads both from it.
pub(crate) fn token_of(user: &str, client: &str, exp: i64) -> String {
    let payload = json!({ "exp": exp, "user": user, "client": client }).to_string();
    format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(payload))
}

async fn userinfo(State(state): State<Shared>, headers: HeaderMap) -> Response {
    *state.asked.lock().unwrap() += 1;
    if *state.down.lock().unwrap() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let token = headers["authorization"]
        .to_str()
        .unwrap()
        .strip_prefix("Bearer ")
        .unwrap()
        .to_owned();
    let payload = token
        .split('.')
        .nth(1)
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let Some(claims) =
        payload.and_then(|json| serde_json::from_slice::<serde_json::Value>(&json).ok())
    else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    Json(json!({ "user_id": claims["user"], "client_id": claims["client"] })).into_response()
}

async fn token(State(state): State<Shared>, Form(form): Form<Fields>) -> Response {
    if *state.down.lock().unwrap() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let refused = form.iter().any(|(_, value)| value == "used-up");
    state.forms.lock().unwrap().push(form);
    if refused {
        return (StatusCode::BAD_REQUEST, "secret detail").into_response();
    }
    Json(json!({ "access_token": "a", "refresh_token": "r", "token_type": "Bearer", "expires_in": 300, "internal": 1 }))
        .into_response()
}
