use yew::prelude::*;

/// Something that is good to know, announced by screen readers when they have time.
pub(super) fn hint(children: Html) -> Html {
    notice("status", children)
}

/// Something that failed, announced by screen readers at once.
pub(super) fn error(children: Html) -> Html {
    notice("alert", children)
}

fn notice(role: &'static str, children: Html) -> Html {
    html! { <div data-testid="notice" class="notice" {role}>{ children }</div> }
}
