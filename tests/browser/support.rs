//! What the tests share.

use std::cell::RefCell;
use std::rc::Rc;

use aicon_microsite::auth::{Auth, Session};
use aicon_microsite::browser::{document, storage};
use aicon_microsite::config::{Config, parse};
use aicon_microsite::state::chat::Chat;
use aicon_microsite::state::commands::Commands;
use aicon_microsite::state::store::Store;
use aicon_microsite::view::App;
use gloo::timers::future::TimeoutFuture;
use web_sys::{Element, HtmlElement};

/// An address where nobody listens: port 1 is refused at once.
pub(crate) const NOBODY: &str = "http://127.0.0.1:1";

/// A config without login, and with these lines besides.
pub(crate) fn config(more: &str) -> Config {
    parse(&format!(
        r#"{{"apiEndPoint":"{NOBODY}","aiConLogin":""{more}}}"#
    ))
    .expect("a page of a browser")
}

/// A config with login through the back end.
pub(crate) fn config_with_login() -> Config {
    parse(&format!(
        r#"{{"apiEndPoint":"{NOBODY}","aiConLogin":"{NOBODY}/auth/login","clientId":"aWQ="}}"#
    ))
    .expect("a page of a browser")
}

/// An app that nothing has been done with.
pub(crate) fn app(config: Config) -> App {
    for key in [
        "aicon.draft",
        "aicon.conversation",
        "aicon.left",
        "aicon.refresh_token",
        "aicon.login",
    ] {
        storage::session().remove(key);
    }
    let config = Rc::new(config);
    let auth = Auth::new(config.clone(), |_| {});
    let commands = Commands::new(config.clone(), auth.clone(), Store::new(Chat::default()));
    App {
        config,
        auth,
        commands,
    }
}

/// The session as it is published.
pub(crate) fn watched(config: Config) -> (Auth, Rc<RefCell<Vec<Session>>>) {
    let seen: Rc<RefCell<Vec<Session>>> = Rc::default();
    let auth = Auth::new(Rc::new(config), {
        let seen = seen.clone();
        move |session| seen.borrow_mut().push(session)
    });
    (auth, seen)
}

/// A fresh element of the page.
pub(crate) fn stage() -> Element {
    let element = document()
        .create_element("div")
        .expect("a page of a browser");
    document()
        .body()
        .expect("a page of a browser")
        .append_child(&element)
        .expect("a page of a browser");
    element
}

/// The element with this test handle, below `root`.
pub(crate) fn find(root: &Element, handle: &str) -> Option<HtmlElement> {
    use wasm_bindgen::JsCast;
    root.query_selector(&format!("[data-testid='{handle}']"))
        .expect("a page of a browser")
        .map(|element| element.unchecked_into())
}

/// Waits until `look` finds something.
pub(crate) async fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..500 {
        if let Some(found) = look() {
            return found;
        }
        TimeoutFuture::new(10).await;
    }
    panic!("{what} never came");
}
