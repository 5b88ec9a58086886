use std::cell::RefCell;
use std::rc::Rc;

use aicon_microsite::browser::{idb, lock, random, storage};
use gloo::timers::future::TimeoutFuture;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::until;

#[wasm_bindgen_test]
async fn the_challenge_is_the_one_of_rfc_7636() {
    let challenge = random::sha256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").await;
    assert_eq!(
        challenge.as_deref(),
        Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    );
}

#[wasm_bindgen_test]
fn a_random_token_has_43_characters_and_no_twin() {
    let (one, other) = (random::token(), random::token());
    assert_eq!(one.len(), 43);
    assert!(
        one.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    );
    assert_ne!(one, other);
}

#[wasm_bindgen_test]
async fn what_is_put_is_got_until_its_prefix_is_removed() {
    for (key, value) in [("t:a:1", "one"), ("t:a:2", "two"), ("t:b:1", "three")] {
        assert!(idb::put(key, &JsValue::from_str(value)).await);
    }
    idb::remove_all("t:a:").await;
    assert!(idb::get("t:a:1").await.is_none());
    assert!(idb::get("t:a:2").await.is_none());
    assert_eq!(
        idb::get("t:b:1")
            .await
            .and_then(|value| value.as_string())
            .as_deref(),
        Some("three")
    );
    idb::remove_all("t:").await;
}

#[wasm_bindgen_test]
async fn exclusive_work_never_overlaps() {
    let log: Rc<RefCell<Vec<&str>>> = Rc::default();
    for (begin, end) in [("a", "A"), ("b", "B")] {
        let log = log.clone();
        spawn_local(async move {
            let inner = log.clone();
            lock::exclusively("test.exclusive", async move {
                inner.borrow_mut().push(begin);
                TimeoutFuture::new(30).await;
                inner.borrow_mut().push(end);
            })
            .await;
        });
    }
    until("both", || (log.borrow().len() == 4).then_some(())).await;
    assert_eq!(*log.borrow(), ["a", "A", "b", "B"]);
}

#[wasm_bindgen_test]
async fn a_held_lock_is_not_free() {
    assert!(lock::hold_if_free("test.held").await);
    assert!(!lock::hold_if_free("test.held").await);
}

#[wasm_bindgen_test]
fn what_is_taken_is_gone() {
    let area = storage::session();
    assert!(area.set("test.key", "값"));
    assert_eq!(area.take("test.key").as_deref(), Some("값"));
    assert_eq!(area.get("test.key"), None);
}
