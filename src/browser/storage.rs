//! The tab's `sessionStorage` and the origin's `localStorage`. Both may be refused by the browser's settings: then
//! nothing is kept, and the app works until the next reload.

use super::window;

/// What lives until the tab is closed.
pub fn session() -> Area {
    Area(window().session_storage().ok().flatten())
}

/// What lives until the user clears it. Never a token (promise S7).
pub fn local() -> Area {
    Area(window().local_storage().ok().flatten())
}

/// One of the two.
pub struct Area(Option<web_sys::Storage>);

impl Area {
    /// The value under `key`.
    pub fn get(&self, key: &str) -> Option<String> {
        self.0.as_ref()?.get_item(key).ok().flatten()
    }

    /// Keeps `value` under `key`; says whether it worked.
    pub fn set(&self, key: &str, value: &str) -> bool {
        self.0
            .as_ref()
            .is_some_and(|storage| storage.set_item(key, value).is_ok())
    }

    /// Forgets `key`.
    pub fn remove(&self, key: &str) {
        if let Some(storage) = &self.0 {
            drop(storage.remove_item(key));
        }
    }

    /// Reads and forgets `key`.
    pub fn take(&self, key: &str) -> Option<String> {
        let value = self.get(key);
        self.remove(key);
        value
    }
}
