//! Icons as strokes on a 24-unit grid, drawn for this app. Hidden from screen readers: the control around says its name.

use yew::prelude::*;

pub(super) const SEND: &str = "M12 19V5M5 12l7-7 7 7";
pub(super) const STOP: &str = "M7 7h10v10H7z";
pub(super) const ATTACH: &str = "M20 11.5 12 19.5a5 5 0 0 1-7-7L13 4.5a3.3 3.3 0 0 1 4.7 4.7l-8 8a1.7 1.7 0 0 1-2.4-2.4l7.3-7.3";
pub(super) const CLOSE: &str = "M6 6l12 12M18 6 6 18";
pub(super) const RETRY: &str = "M20 11a8 8 0 1 0-2.3 6.7M20 5v6h-6";
pub(super) const COPY: &str = "M9 9h10v11H9zM15 9V4H5v11h4";
pub(super) const CHECK: &str = "M5 13l4 4L19 7";
pub(super) const DOWN: &str = "M12 5v14M5 12l7 7 7-7";
pub(super) const THEME: &str = "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z";
pub(super) const PLUS: &str = "M12 5v14M5 12h14";

/// One of the icons above, as large as the text around it.
pub(super) fn icon(path: &'static str) -> Html {
    html! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d={path} /></svg>
    }
}
