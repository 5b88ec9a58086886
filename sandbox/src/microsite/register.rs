//! AICON's registration page for models of type 2, and the import of what the provider tells by itself.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::entered::Entered;
use super::register_form::register_page;
use super::registration::{Registration, RegistrationError};
use crate::provider;
use crate::state::Sandbox;
use crate::text::Lang;

const IMPORT_TIMEOUT: Duration = Duration::from_secs(10);

/// The most bytes of what a provider tells of its model.
const MAX_DOCUMENT: usize = 1 << 20;

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub(super) enum ImportError {
    #[error("failed to get `{url}`: {reason}")]
    Call { url: String, reason: String },
    #[error("failed to register what `{url}` says: {source}")]
    Content {
        url: String,
        source: RegistrationError,
    },
}

/// The form for an import.
#[derive(Debug, Deserialize)]
pub(super) struct ImportForm {
    url: String,
}

/// `GET /microsite/register`
pub(super) async fn show(State(sandbox): State<Arc<Sandbox>>, headers: HeaderMap) -> Response {
    let lang = Lang::from_headers(&headers);
    let registration = sandbox.microsite.lock().clone();
    let entered = Entered::of(registration.as_deref(), sandbox.provider.lock().url(), lang);
    register_page(&sandbox, &entered, None, lang)
}

/// `POST /microsite/register`
pub(super) async fn submit(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response {
    let lang = Lang::from_headers(&headers);
    let fields = form.map(|Form(fields)| fields).unwrap_or_default();
    let entered = Entered::from_fields(&fields);
    match entered.registration() {
        Ok(registration) => {
            *sandbox.microsite.lock() = Some(Arc::new(registration));
            (StatusCode::SEE_OTHER, [(header::LOCATION, "/microsite")]).into_response()
        }
        Err(error) => register_page(&sandbox, &entered, Some(&error.to_string()), lang),
    }
}

/// `POST /microsite/import`
pub(super) async fn import(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    form: Result<Form<ImportForm>, FormRejection>,
) -> Response {
    let lang = Lang::from_headers(&headers);
    let url = form.map(|Form(form)| form.url).unwrap_or_default();
    match fetch(&sandbox, &url).await {
        Ok(()) => (
            StatusCode::SEE_OTHER,
            [(header::LOCATION, "/microsite/register")],
        )
            .into_response(),
        Err(error) => {
            let registration = sandbox.microsite.lock().clone();
            let entered = Entered::of(registration.as_deref(), sandbox.provider.lock().url(), lang);
            register_page(&sandbox, &entered, Some(&error.to_string()), lang)
        }
    }
}

/// Registers what an address tells; without one, what the provider tells at `/ui`.
pub(super) async fn fetch(sandbox: &Sandbox, url: &str) -> Result<(), ImportError> {
    let base = sandbox.provider.lock().url().to_owned();
    let url = match url.trim() {
        "" => format!("{base}/ui"),
        url => url.to_owned(),
    };
    let failed = |reason: String| ImportError::Call {
        url: url.clone(),
        reason,
    };
    let request = sandbox.http.get(&url).timeout(IMPORT_TIMEOUT);
    let response = request.send().await;
    let response = response.map_err(|error| failed(provider::cause(&error)))?;
    let status = response.status();
    let body = provider::read(response, MAX_DOCUMENT)
        .await
        .map_err(failed)?;
    if !status.is_success() {
        return Err(failed(format!("answered {}", status.as_u16())));
    }
    let mut registration =
        Registration::read(&body, &base).map_err(|source| ImportError::Content {
            url: url.clone(),
            source,
        })?;
    registration.keep_model(&url);
    *sandbox.microsite.lock() = Some(Arc::new(registration));
    Ok(())
}
