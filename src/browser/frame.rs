//! Whether another page shows us inside itself (promise S16).

use super::{document, window};

/// Who shows this page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Nobody: it is the tab's own page.
    Top,
    /// A page of this origin.
    FramedBy(String),
    /// A page that hides its origin.
    FramedByUnknown,
}

/// Looks who shows this page.
pub fn framing() -> Framing {
    let window = window();
    let is_top = window.top().ok().flatten().is_some_and(|top| top == window);
    if is_top {
        return Framing::Top;
    }
    // A frame's referrer is the page that opened it, unless that page hides it.
    match web_sys::Url::new(&document().referrer()) {
        Ok(referrer) => Framing::FramedBy(referrer.origin()),
        Err(_) => Framing::FramedByUnknown,
    }
}
