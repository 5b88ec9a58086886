//! What travels between the SPA, the companion server, AICON and the sandbox.
//!
//! | room | holds |
//! | --- | --- |
//! | [`ai`] | the AI API (`/ai/*`): requests, envelope, answers, error codes |
//! | [`event`] | the chat stream's events: ours as written, both dialects as read |
//! | [`aicon`] | AICON: tokens, claims, user info, record usage, settlement, multi-input answers |
//! | [`sse`] | a sans-IO codec for `text/event-stream` |
//! | [`id`] | identifiers as types |
//! | [`json`] | the same JSON for clients without serde's parser |
//!
//! Absent on purpose: input and output, clocks, a JSON parser (the types are plain serde: the servers read them with
//! `serde_json`, the SPA with the browser's parser, through [`json`]), and texts for people.
//!
//! Readers are tolerant: unknown fields are ignored, missing optional ones defaulted. Writers are exact.

pub mod ai;
pub mod aicon;
mod delta;
pub mod event;
pub mod id;
pub mod json;
pub mod sse;
