//! A key-value store in IndexedDB: the conversation as text, chosen files as blobs.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbKeyRange, IdbObjectStore, IdbRequest, IdbTransactionMode};

use super::window;

const DATABASE: &str = "aicon-microsite";
const STORE: &str = "kept";

/// The value under `key`; `None` also where the browser refuses to keep anything.
pub async fn get(key: &str) -> Option<JsValue> {
    let store = store(IdbTransactionMode::Readonly).await?;
    let value = done(&store.get(&key.into()).ok()?).await?;
    (!value.is_undefined()).then_some(value)
}

/// Keeps `value` under `key`; says whether it worked.
pub async fn put(key: &str, value: &JsValue) -> bool {
    let put = async {
        let store = store(IdbTransactionMode::Readwrite).await?;
        drop(store.put_with_key(value, &key.into()).ok()?);
        committed(&store).await
    };
    put.await.is_some()
}

/// The values under all keys that begin with `prefix`, in the order of the keys.
pub async fn get_all(prefix: &str) -> Vec<JsValue> {
    let all = async {
        let store = store(IdbTransactionMode::Readonly).await?;
        let request = store.get_all_with_key(&range(prefix, prefix)?).ok()?;
        done(&request).await
    };
    let all = all.await.map(|all| js_sys::Array::from(&all).to_vec());
    all.unwrap_or_default()
}

/// Keeps all of `values` and forgets what begins with `prefix` from the key `end` on, or does nothing; says whether it worked.
pub async fn replace(values: &[(String, String)], end: &str, prefix: &str) -> bool {
    let replace = async {
        let store = store(IdbTransactionMode::Readwrite).await?;
        drop(store.delete(&range(end, prefix)?).ok()?);
        for (key, value) in values {
            drop(store.put_with_key(&value.into(), &key.into()).ok()?);
        }
        committed(&store).await
    };
    replace.await.is_some()
}

/// Forgets all keys that begin with `prefix`.
pub async fn remove_all(prefix: &str) {
    let remove = async {
        let store = store(IdbTransactionMode::Readwrite).await?;
        drop(store.delete(&range(prefix, prefix)?).ok()?);
        committed(&store).await
    };
    _ = remove.await;
}

/// From a key on, as far as keys begin with `prefix`.
fn range(from: &str, prefix: &str) -> Option<JsValue> {
    let end = [prefix, "\u{ffff}"].concat();
    let range = IdbKeyRange::bound(&from.into(), &end.into());
    range.ok().map(JsValue::from)
}

async fn store(mode: IdbTransactionMode) -> Option<IdbObjectStore> {
    let request = window()
        .indexed_db()
        .ok()??
        .open_with_u32(DATABASE, 1)
        .ok()?;
    let upgrade = Closure::once_into_js({
        let request = request.clone();
        move || {
            if let Ok(database) = request.result() {
                drop(IdbDatabase::from(database).create_object_store(STORE));
            }
        }
    });
    request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
    let database = IdbDatabase::from(done(&request).await?);
    let store = database
        .transaction_with_str_and_mode(STORE, mode)
        .ok()?
        .object_store(STORE)
        .ok();
    // Takes effect once the transaction is over.
    database.close();
    store
}

/// A request that succeeded can still be taken back, when the disk is full: what counts is the transaction's end.
async fn committed(store: &IdbObjectStore) -> Option<()> {
    let transaction = store.transaction();
    let promise = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    });
    JsFuture::from(promise).await.ok().map(drop)
}

async fn done(request: &IdbRequest) -> Option<JsValue> {
    let promise = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(promise).await.ok()?;
    request.result().ok()
}
