//! AICON's own microsite for models of type 2 (`aicon.md` 1 and 5): the provider registers a chat or a form, a user runs the
//! model, and AICON's server sends what the user entered to the provider's model run URL, with that user's token.
//!
//! | file | holds |
//! | --- | --- |
//! | [`registration`], `document` | what is registered; read from JSON in the words of `configs.json` (pure) |
//! | `register`, `register_form`, `entered` | the registration page, its fields, and what they bring |
//! | `pages` | the model's page with "Run model", the chat, the form |
//! | `run` | the request to the provider, passed on as it comes |
//! | `answer` | what the provider answered, held against the contract (pure) |
//! | `markdown` | foreign markdown as markup of ours (pure) |
//!
//! Absent on purpose: a transcript on the server (it lives in the open page), and kinds of inputs that AICON's form has not.

mod answer;
mod control;
mod document;
mod entered;
mod markdown;
mod pages;
mod register;
mod register_form;
mod registration;
mod run;

use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};

use crate::page;
use crate::state::Sandbox;

pub(crate) use registration::Registration;
pub use registration::{ReadError, RegistrationError};

/// The pages of AICON, and `/sandbox/microsite` for tests and scripts.
pub(crate) fn router() -> Router<Arc<Sandbox>> {
    Router::new()
        .route("/microsite", get(pages::model))
        .route("/microsite/open", post(pages::open))
        .route("/microsite/use", get(pages::use_model))
        .route("/microsite/run", post(run::handle))
        .route(
            "/microsite/register",
            get(register::show).post(register::submit),
        )
        .route("/microsite/import", post(register::import))
        .route("/microsite/use.js", get(use_script))
        .route("/microsite/register.js", get(register_script))
        .route(
            "/sandbox/microsite",
            get(control::show)
                .post(control::set)
                .delete(control::remove),
        )
        .route("/sandbox/microsite/import", post(control::import))
}

async fn use_script() -> Response {
    page::script_of(include_str!("use.js"))
}

async fn register_script() -> Response {
    page::script_of(include_str!("register.js"))
}
