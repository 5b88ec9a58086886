use std::rc::Rc;

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlElement, MouseEvent};
use yew::{
    AttrValue,
    html::Scope,
    virtual_dom::{Listener, ListenerKind},
};

use super::part::{Message, Part, Shared};
use crate::{block::CodeBlock, link::Link};

/// What an event of an element does.
pub(super) enum Action {
    /// The owner is told instead of the browser, for the main and the middle button.
    Follow(Rc<Link>, Rc<Shared>),
    /// Scrolls to an element of this id and moves the focus, without touching the address bar.
    GoTo(AttrValue),
    /// Copies the text of the block's code block of this number.
    Copy(usize, Rc<CodeBlock>, Scope<Part>),
    /// Asks for the image of this address (`true`), or takes it back.
    Image(AttrValue, bool, Scope<Part>),
}

#[derive(Clone, Copy)]
pub(super) enum Event {
    Click,
    AuxClick,
    Error,
}

/// The listener of all elements, in place of one type per event and a closure per action.
pub(super) struct On(pub(super) Event, pub(super) Action);

impl Listener for On {
    fn kind(&self) -> ListenerKind {
        match self.0 {
            Event::Click => ListenerKind::onclick,
            Event::AuxClick => ListenerKind::onauxclick,
            Event::Error => ListenerKind::onerror,
        }
    }

    fn handle(&self, event: web_sys::Event) {
        match &self.1 {
            Action::Follow(link, shared) => {
                if event.unchecked_ref::<MouseEvent>().button() <= 1 {
                    event.prevent_default();
                    shared.onlink.emit(Link::clone(link));
                }
            }
            Action::GoTo(id) => {
                event.prevent_default();
                go_to(id);
            }
            Action::Copy(number, code, part) => copy(*number, &code.text, part.clone()),
            Action::Image(address, shown, part) => {
                part.send_message(Message::Image(address.clone(), *shown));
            }
        }
    }

    fn passive(&self) -> bool {
        false
    }
}

fn go_to(id: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(element) = document.and_then(|document| document.get_element_by_id(id)) {
        element.scroll_into_view();
        // Fails only for elements that cannot be focused; the scrolling has happened then.
        let _ = element.unchecked_ref::<HtmlElement>().focus();
    }
}

fn copy(number: usize, text: &[AttrValue], part: Scope<Part>) {
    let text: String = text.iter().map(AttrValue::as_str).collect();
    spawn_local(async move {
        let done = write(&text).await.is_ok();
        part.send_message(Message::Copied(Some((number, done))));
    });
}

async fn write(text: &str) -> Result<(), JsValue> {
    let window = web_sys::window().ok_or(JsValue::UNDEFINED)?;
    let clipboard = window.navigator().clipboard();
    // Absent outside of secure contexts, though the binding's type does not say so.
    if clipboard.is_undefined() {
        return Err(JsValue::UNDEFINED);
    }
    JsFuture::from(clipboard.write_text(text)).await.map(drop)
}
