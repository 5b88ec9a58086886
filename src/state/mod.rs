//! The conversation: pure reducers, the store that applies them, and the commands that do the work between.
//!
//! State changes only by [`store::Store::dispatch`]; only [`commands`] (and the auth room) spawns.

pub mod chat;
pub mod commands;
pub mod composer;
pub mod composer_saved;
pub mod form;
pub mod form_check;
pub mod form_saved;
pub mod store;
pub mod turn;
pub mod turn_saved;
