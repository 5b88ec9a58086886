//! Modal dialogs: the browser keeps the focus inside and gives it back.

use aicon_markdown::Link;
use web_sys::HtmlDialogElement;
use yew::prelude::*;

use super::ui::Ui;
use crate::browser::window;

/// A dialog; it is shown by [`show`] once it is rendered. `onclose` is told when it was closed, by whatever way, and is
/// the one place that may stop rendering it.
pub(super) fn dialog(
    node: &NodeRef,
    title: &'static str,
    onclose: Callback<Event>,
    children: Html,
) -> Html {
    html! {
        <dialog ref={node} class="dialog" aria-labelledby="dialog-title" {onclose}>
            <h2 id="dialog-title">{ title }</h2>
            { children }
        </dialog>
    }
}

/// Shows a dialog that has been rendered, if it is.
pub fn show(node: &NodeRef) {
    if let Some(dialog) = node
        .cast::<HtmlDialogElement>()
        .filter(|dialog| !dialog.open())
    {
        // Refused only for one that is not in the page.
        drop(dialog.show_modal());
    }
}

/// A click that closes the dialog.
pub(super) fn closing(node: &NodeRef) -> Callback<MouseEvent> {
    let node = node.clone();
    Callback::from(move |_| close(&node))
}

pub(super) fn close(node: &NodeRef) {
    if let Some(dialog) = node.cast::<HtmlDialogElement>() {
        dialog.close();
    }
}

/// Asks before a link leaves the app, and shows where it leads (promise S11).
pub fn link_dialog(ui: &Ui, link: &Link, node: &NodeRef, onclose: Callback<Event>) -> Html {
    let messages = ui.messages();
    let open = {
        let (href, node) = (link.href.clone(), node.clone());
        Callback::from(move |_: MouseEvent| {
            drop(window().open_with_url_and_target_and_features(
                &href,
                "_blank",
                "noopener,noreferrer",
            ));
            close(&node);
        })
    };
    let children = html! {
        <>
            <p>{ messages.link_text }</p>
            <p class="link-host"><bdi>{ &link.host }</bdi></p>
            <p class="link-address"><bdi>{ &link.href }</bdi></p>
            <div class="actions">
                <button type="button" onclick={closing(node)}>{ messages.cancel }</button>
                <button data-testid="link-open" class="primary" type="button" onclick={open}>{ messages.link_open }</button>
            </div>
        </>
    };
    dialog(node, messages.link_title, onclose, children)
}
