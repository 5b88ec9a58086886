use yew::prelude::*;

/// How urgent a notice is.
#[derive(Clone, Copy, Default, PartialEq)]
pub(super) enum Tone {
    /// Good to know.
    #[default]
    Hint,
    /// Something failed.
    Error,
}

#[derive(Properties, PartialEq)]
pub(super) struct NoticeProps {
    #[prop_or_default]
    pub(super) tone: Tone,
    #[prop_or_default]
    pub(super) id: Option<AttrValue>,
    pub(super) children: Html,
}

/// A hint or an error, announced by screen readers.
#[component]
pub(super) fn Notice(props: &NoticeProps) -> Html {
    let (role, class) = match props.tone {
        Tone::Hint => ("status", "notice"),
        Tone::Error => ("alert", "notice notice-error"),
    };
    html! { <div data-testid="notice" id={props.id.clone()} {role} {class}>{ props.children.clone() }</div> }
}
