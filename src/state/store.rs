//! One state, changed by actions, watched by components. It outlives every component, so that a conversation goes on
//! while its page is not shown.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A state that actions change.
pub trait Reduce: Clone {
    /// What can happen to it.
    type Action;

    /// Applies one action. Pure: no clock, no DOM, no I/O.
    fn reduce(&mut self, action: Self::Action);
}

type Listener = Rc<dyn Fn()>;

/// Holds the state. Cheap to clone; all clones are one.
pub struct Store<S>(Rc<Inner<S>>);

struct Inner<S> {
    state: RefCell<Rc<S>>,
    listeners: RefCell<Vec<(u32, Listener)>>,
    next_listener: Cell<u32>,
}

impl<S> Clone for Store<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S> PartialEq for Store<S> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<S: Reduce + 'static> Store<S> {
    /// A store that begins with `state`.
    pub fn new(state: S) -> Self {
        let listeners = RefCell::new(Vec::new());
        Self(Rc::new(Inner {
            state: RefCell::new(Rc::new(state)),
            listeners,
            next_listener: Cell::new(0),
        }))
    }

    /// The state as it is now.
    pub fn get(&self) -> Rc<S> {
        self.0.state.borrow().clone()
    }

    /// Applies one action and tells the listeners.
    pub fn dispatch(&self, action: S::Action) {
        let mut state = self.get();
        Rc::make_mut(&mut state).reduce(action);
        self.0.state.replace(state);
        let listeners: Vec<Listener> = self
            .0
            .listeners
            .borrow()
            .iter()
            .map(|(_, listener)| listener.clone())
            .collect();
        for listener in listeners {
            listener();
        }
    }

    /// Calls `listener` after each change until the subscription is dropped.
    pub fn subscribe(&self, listener: impl Fn() + 'static) -> Subscription<S> {
        let id = self.0.next_listener.get();
        self.0.next_listener.set(id + 1);
        self.0.listeners.borrow_mut().push((id, Rc::new(listener)));
        Subscription {
            store: self.clone(),
            id,
        }
    }
}

/// See [`Store::subscribe`].
pub struct Subscription<S> {
    store: Store<S>,
    id: u32,
}

impl<S> Drop for Subscription<S> {
    fn drop(&mut self) {
        self.store
            .0
            .listeners
            .borrow_mut()
            .retain(|(id, _)| *id != self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone)]
    struct Sum(u32);

    impl Reduce for Sum {
        type Action = u32;
        fn reduce(&mut self, action: u32) {
            self.0 += action;
        }
    }

    #[test]
    fn a_dropped_subscription_hears_nothing_and_a_held_state_does_not_change() {
        let store = Store::new(Sum(1));
        let heard = Rc::new(Cell::new(0));
        let subscription = store.subscribe({
            let heard = heard.clone();
            move || heard.set(heard.get() + 1)
        });
        let before = store.get();
        store.dispatch(2);
        drop(subscription);
        store.dispatch(3);
        assert_eq!((before.0, store.get().0, heard.get()), (1, 6, 1));
    }
}
