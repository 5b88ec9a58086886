//! Components only: they read contexts and the store, and call commands. No fetch, no token, no storage.

mod chat;
mod config_error;
mod context;
mod dialog;
mod fault;
mod icon;
mod notice;
mod pages;
mod shell;

pub use chat::ChatPage;
pub use config_error::ConfigErrorPage;
pub use context::{App, Ui};
pub use pages::{FramedPage, HomePage, LoginPage, NotFoundPage, StartingPage};
pub use shell::Shell;
