//! Says when an element comes near the screen.

use std::{cell::RefCell, fmt, rc::Rc};

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};
use yew::Callback;

/// How far out of sight an element is near, in heights of what scrolls it.
const MARGIN: &str = "100% 0px";

/// Watches elements until they come near the screen, each once. A clone is the same.
#[derive(Clone, Default)]
pub(crate) struct Sight(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    observer: Option<Observer>,
    watched: Vec<(Element, Callback<()>)>,
}

struct Observer {
    observer: IntersectionObserver,
    _seen: Closure<dyn FnMut(Array)>,
}

/// An element is watched as long as this lives.
pub(crate) struct Watch {
    sight: Sight,
    pub(crate) element: Element,
}

impl Sight {
    /// Says once that the element is near. At once where the browser cannot tell.
    pub(crate) fn watch(&self, element: Element, near: Callback<()>) -> Watch {
        if self.0.borrow().observer.is_none() {
            let observer = self.observer();
            self.0.borrow_mut().observer = observer;
        }
        let mut state = self.0.borrow_mut();
        match &state.observer {
            Some(observer) => {
                observer.observer.observe(&element);
                state.watched.push((element.clone(), near));
            }
            None => {
                drop(state);
                near.emit(());
            }
        }
        Watch {
            sight: self.clone(),
            element,
        }
    }

    fn observer(&self) -> Option<Observer> {
        let this = self.clone();
        let seen = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
            for entry in entries.iter() {
                let entry: IntersectionObserverEntry = entry.unchecked_into();
                if entry.is_intersecting() {
                    this.is_near(&entry.target());
                }
            }
        });
        let options = IntersectionObserverInit::new();
        options.set_root_margin(MARGIN);
        // The margin of what scrolls inside of the page, which browsers have learnt later. Setting a property cannot fail.
        _ = Reflect::set(&options, &"scrollMargin".into(), &MARGIN.into());
        let callback = seen.as_ref().unchecked_ref();
        let observer = IntersectionObserver::new_with_options(callback, &options).ok()?;
        Some(Observer {
            observer,
            _seen: seen,
        })
    }

    fn is_near(&self, element: &Element) {
        if let Some(near) = self.leave(element) {
            near.emit(());
        }
    }

    fn leave(&self, element: &Element) -> Option<Callback<()>> {
        let mut state = self.0.borrow_mut();
        let place = state.watched.iter().position(|known| known.0 == *element)?;
        if let Some(observer) = &state.observer {
            observer.observer.unobserve(element);
        }
        Some(state.watched.swap_remove(place).1)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.sight.leave(&self.element);
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}
