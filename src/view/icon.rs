//! Icons as strokes on a 24-unit grid, drawn for this app. Hidden from screen readers: the control around says its name.

use yew::prelude::*;

/// Which icon.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Icon {
    Send,
    Stop,
    Attach,
    Close,
    Retry,
    Copy,
    Check,
    Down,
    Theme,
    Plus,
}

#[derive(Properties, PartialEq)]
pub(super) struct IconProps {
    pub(super) icon: Icon,
}

/// One icon, as large as the text around it.
#[component]
pub(super) fn IconView(props: &IconProps) -> Html {
    let path = match props.icon {
        Icon::Send => "M12 19V5M5 12l7-7 7 7",
        Icon::Stop => "M7 7h10v10H7z",
        Icon::Attach => "M20 11.5 12 19.5a5 5 0 0 1-7-7L13 4.5a3.3 3.3 0 0 1 4.7 4.7l-8 8a1.7 1.7 0 0 1-2.4-2.4l7.3-7.3",
        Icon::Close => "M6 6l12 12M18 6 6 18",
        Icon::Retry => "M20 11a8 8 0 1 0-2.3 6.7M20 5v6h-6",
        Icon::Copy => "M9 9h10v11H9zM15 9V4H5v11h4",
        Icon::Check => "M5 13l4 4L19 7",
        Icon::Down => "M12 5v14M5 12l7 7 7-7",
        Icon::Theme => "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
        Icon::Plus => "M12 5v14M5 12h14",
    };
    html! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d={path} /></svg>
    }
}
