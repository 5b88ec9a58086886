use yew::prelude::*;

/// Something that is good to know, announced by screen readers when they have time.
pub(super) fn hint(children: Html) -> Html {
    notice("status", "notice", children)
}

/// Something that failed, announced by screen readers at once.
pub(super) fn error(children: Html) -> Html {
    notice("alert", "notice notice-error", children)
}

fn notice(role: &'static str, class: &'static str, children: Html) -> Html {
    html! { <div data-testid="notice" {role} {class}>{ children }</div> }
}
