//! One at a time, over all tabs of our origin (Web Locks API).

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::window;

/// Runs `work` while no other tab runs its own under the same name. Where the browser has no locks (a page that is
/// not a secure context), it runs at once.
pub async fn exclusively<T: 'static>(name: &str, work: impl Future<Output = T> + 'static) -> T {
    let Some((locks, request)) = lock_manager() else {
        return work.await;
    };
    let result = Rc::new(RefCell::new(None));
    let work = Rc::new(RefCell::new(Some(work)));
    let callback = Closure::once_into_js({
        let (result, work) = (result.clone(), work.clone());
        move || -> Promise {
            future_to_promise(async move {
                let work = work.borrow_mut().take();
                if let Some(work) = work {
                    let value = work.await;
                    result.borrow_mut().replace(value);
                }
                Ok(JsValue::UNDEFINED)
            })
        }
    });
    if let Ok(held) = request.call2(&locks, &JsValue::from_str(name), &callback) {
        // Refused locks leave no result, and the work is done below.
        drop(JsFuture::from(Promise::from(held)).await);
    }
    if let Some(value) = result.borrow_mut().take() {
        return value;
    }
    let work = work.borrow_mut().take();
    match work {
        Some(work) => work.await,
        None => std::future::pending().await,
    }
}

/// Takes the lock until the page goes away, if no other tab has it; says whether it is ours. Where the browser has no
/// locks it always is.
pub async fn hold_if_free(name: &str) -> bool {
    let Some((locks, request)) = lock_manager() else {
        return true;
    };
    let options = js_sys::Object::new();
    // A plain object takes any property.
    drop(Reflect::set(
        &options,
        &"ifAvailable".into(),
        &JsValue::TRUE,
    ));
    let promise = Promise::new(&mut |resolve, reject| {
        let decided = resolve.clone();
        let callback = Closure::once_into_js(move |lock: JsValue| -> JsValue {
            let is_ours = !lock.is_null();
            drop(decided.call1(&JsValue::NULL, &JsValue::from_bool(is_ours)));
            // A promise that never settles keeps the lock until the page goes away.
            if is_ours {
                Promise::new(&mut |_, _| {}).into()
            } else {
                JsValue::UNDEFINED
            }
        });
        if request
            .call3(&locks, &JsValue::from_str(name), &options, &callback)
            .is_err()
        {
            drop(reject.call0(&JsValue::NULL));
        }
    });
    JsFuture::from(promise)
        .await
        .is_ok_and(|is_ours| is_ours.is_truthy())
}

fn lock_manager() -> Option<(JsValue, Function)> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    let request = Reflect::get(&locks, &"request".into())
        .ok()?
        .dyn_into()
        .ok()?;
    Some((locks, request))
}
