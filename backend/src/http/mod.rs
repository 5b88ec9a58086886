//! axum: decodes requests, calls a service, encodes its answer. The envelope, CORS and limits of the wire live here.

mod base;
pub mod body;
pub mod caller;
pub mod chat;
pub mod chat_multi_input;
pub mod chatting_type;
pub mod cors;
pub mod detail;
pub mod drain;
pub mod error;
mod frames;
pub mod health;
pub mod metrics;
mod multipart;
pub mod response;
pub mod result;
pub mod settlement;
pub mod site;
pub mod token;
pub mod trace;
pub mod ui;
pub mod upload;

use aicon_protocol::ai::{Envelope, Metadata};
use axum::Json;

use crate::app::App;
use crate::clock::iso;

/// A success in the envelope, as of now.
fn success<T>(app: &App, provider: &str, data: T) -> Json<Envelope<T>> {
    let metadata = Metadata {
        provider: provider.to_owned(),
        timestamp: iso(app.clock.now()),
    };
    Json(Envelope::success(data, metadata))
}

/// The first value of a query's key. Tolerant by design: an odd query is a missing parameter, not an error of its own.
fn query_value(query: Option<&str>, key: &str) -> Option<String> {
    url::form_urlencoded::parse(query?.as_bytes())
        .find(|(name, _)| name == key)
        .map(|(_, value)| value.into_owned())
}
