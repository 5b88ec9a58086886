//! What is shown. Components only where something is remembered or skipped: each type of component costs every visitor
//! some kilobytes, so the rest are functions. What looks different in another state is told apart by a `data-` or `aria-`
//! attribute: a `class` that is not literal brings Yew's ordered set of classes, another four kilobytes.
//!
//! | component | remembers |
//! | --- | --- |
//! | [`crate::app::Main`] | session, route, language, the link that is asked about |
//! | [`ChatPage`] | what is dragged, what is asked, what is announced |
//! | [`FormPage`] | where the focus goes, which picture is large, what was copied, "download all" |
//! | `Transcript` | whether it follows the end; skipped while only the composer changes |
//! | `TurnView` | "copied"; skipped while its turn stays the same |

mod chat;
mod config_error;
mod copy;
pub mod dialog;
mod fault;
mod files;
mod form;
mod icon;
mod notice;
pub mod pages;
mod shell;
mod ui;

pub use chat::ChatPage;
pub use config_error::{config_error_page, title as config_error_title};
pub use form::FormPage;
pub use shell::shell;
pub use ui::{App, Ui, labels};
