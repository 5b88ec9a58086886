use aicon_markdown::Link;
use yew::prelude::*;

use super::super::context::use_ui;
use super::super::dialog::Dialog;
use crate::browser::window;

#[derive(Properties, PartialEq)]
pub(super) struct LinkDialogProps {
    pub(super) link: Link,
    pub(super) onclose: Callback<()>,
}

/// Asks before a link of an answer leaves the app, and shows where it leads (promise S11).
#[component]
pub(super) fn LinkDialog(props: &LinkDialogProps) -> Html {
    let messages = use_ui().messages();
    let Link { href, host } = props.link.clone();
    let cancel = props.onclose.reform(|_: MouseEvent| ());
    let open = {
        let (href, onclose) = (href.clone(), props.onclose.clone());
        Callback::from(move |_: MouseEvent| {
            open_tab(&href);
            onclose.emit(());
        })
    };
    html! {
        <Dialog title={messages.link_title} onclose={props.onclose.clone()}>
            <p>{ messages.link_text }</p>
            <p class="link-host"><bdi>{ host }</bdi></p>
            <p class="link-address"><bdi>{ href }</bdi></p>
            <div class="actions">
                <button type="button" onclick={cancel}>{ messages.cancel }</button>
                <button data-testid="link-open" class="primary" type="button" onclick={open}>{ messages.link_open }</button>
            </div>
        </Dialog>
    }
}

/// Opens an address in a new tab that knows nothing of this one.
pub(in crate::view) fn open_tab(href: &str) {
    drop(window().open_with_url_and_target_and_features(href, "_blank", "noopener,noreferrer"));
}
