use std::rc::Rc;

use yew::{AttrValue, Callback, Html, MouseEvent, html};

use crate::link::Link;

/// A foreign link: the browser's own navigation is prevented for the main and the middle button, the owner is told.
pub(super) fn foreign(link: &Rc<Link>, onlink: &Callback<Link>, children: Html) -> Html {
    let asked = {
        let (link, onlink) = (Rc::clone(link), onlink.clone());
        Callback::from(move |event: MouseEvent| {
            event.prevent_default();
            if event.button() <= 1 {
                onlink.emit(Link::clone(&link));
            }
        })
    };
    html! {
        <a href={&link.href} target="_blank" rel="noopener noreferrer nofollow" title={&link.host}
            onclick={&asked} onauxclick={middle(&asked)}><bdi>{children}</bdi></a>
    }
}

/// A link to an anchor of the same document: scrolls and moves the focus, without touching the address bar.
pub(super) fn anchor(
    class: &'static str,
    id: Option<AttrValue>,
    target: AttrValue,
    label: Option<AttrValue>,
    text: AttrValue,
) -> Html {
    let onclick = {
        let target = target.clone();
        Callback::from(move |event: MouseEvent| {
            event.prevent_default();
            go_to(&target);
        })
    };
    let mut href = String::from("#");
    href.push_str(&target);
    html! { <a {class} {id} {href} aria-label={label} {onclick}>{text}</a> }
}

fn middle(asked: &Callback<MouseEvent>) -> Callback<MouseEvent> {
    let asked = asked.clone();
    Callback::from(move |event: MouseEvent| {
        if event.button() == 1 {
            asked.emit(event);
        }
    })
}

fn go_to(id: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    let Some(element) = document.and_then(|document| document.get_element_by_id(id)) else {
        return;
    };
    element.scroll_into_view();
    if let Ok(element) = wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(element) {
        // Fails only for elements that cannot be focused; the scrolling has happened then.
        let _ = element.focus();
    }
}
