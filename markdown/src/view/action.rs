use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, MouseEvent};
use yew::{
    AttrValue,
    html::Scope,
    virtual_dom::{Listener, ListenerKind},
};

use super::{
    clipboard::copy,
    part::{Message, Part, Shared},
};
use crate::{
    block::{CodeBlock, Node},
    link::Link,
    rich,
};

/// What an event of an element does.
pub(super) enum Action {
    /// The owner is told instead of the browser, for the main and the middle button.
    Follow(Rc<Link>, Rc<Shared>),
    /// Scrolls to an element of this id and moves the focus, without touching the address bar.
    GoTo(AttrValue),
    /// Copies the text of the block's code block of this number.
    Copy(usize, Rc<CodeBlock>, Scope<Part>),
    /// Copies the rows of the block's table of this number.
    CopyTable(usize, Rc<[Node]>, Scope<Part>),
    /// Wraps the lines of the block's code block of this number, or no longer.
    Wrap(usize, Scope<Part>),
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
            Action::Copy(number, code, part) => {
                let text: String = code.text.iter().map(AttrValue::as_str).collect();
                report(*number, copy(text, None), part.clone());
            }
            Action::CopyTable(number, rows, part) => {
                let (values, html) = rich::table(rows);
                report(*number, copy(values, Some(html)), part.clone());
            }
            Action::Wrap(number, part) => part.send_message(Message::Wrap(*number)),
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

fn report(number: usize, done: impl Future<Output = bool> + 'static, part: Scope<Part>) {
    spawn_local(async move {
        let done = done.await;
        part.send_message(Message::Copied(Some((number, done))));
    });
}
