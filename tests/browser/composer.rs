use aicon_microsite::auth::Session;
use aicon_microsite::browser::storage;
use aicon_microsite::i18n::Locale;
use aicon_microsite::view::{App, ChatPage, Ui, labels};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{
    Element, HtmlElement, HtmlTextAreaElement, InputEvent, InputEventInit, KeyboardEvent,
    KeyboardEventInit,
};
use yew::Callback;

use crate::support::{app, config, find, stage, until};

/// A chat page of its own, in Korean.
struct Page {
    root: Element,
    app: App,
}

impl Page {
    async fn open(more: &str) -> Self {
        let app = app(config(more));
        app.commands.follow(&Session::NotNeeded);
        let ui = Ui {
            locale: Locale::Ko,
            labels: labels(Locale::Ko),
            go: Callback::noop(),
            set_locale: Callback::noop(),
            ask_link: Callback::noop(),
            enricher: aicon_markdown::Enricher::new(|| None),
        };
        let root = stage();
        let props = yew::props!(ChatPage::Properties {
            ui,
            app: app.clone()
        });
        yew::Renderer::<ChatPage>::with_root_and_props(root.clone(), props).render();
        until("the composer", || find(&root, "composer")).await;
        Self { root, app }
    }

    fn get(&self, handle: &str) -> HtmlElement {
        find(&self.root, handle).unwrap_or_else(|| panic!("no {handle}"))
    }

    fn textarea(&self) -> HtmlTextAreaElement {
        self.get("composer").unchecked_into()
    }

    fn type_text(&self, text: &str) {
        let textarea = self.textarea();
        textarea.set_value(text);
        let init = InputEventInit::new();
        init.set_bubbles(true);
        textarea
            .dispatch_event(
                &InputEvent::new_with_event_init_dict("input", &init).expect("an event"),
            )
            .expect("an event");
    }

    /// Presses Enter; says whether the page kept it from breaking the line.
    fn press_enter(&self, is_composing: bool, with_shift: bool) -> bool {
        let init = KeyboardEventInit::new();
        init.set_key("Enter");
        init.set_bubbles(true);
        init.set_cancelable(true);
        init.set_is_composing(is_composing);
        init.set_shift_key(with_shift);
        let event =
            KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).expect("an event");
        !self.textarea().dispatch_event(&event).expect("an event")
    }

    fn turns(&self) -> usize {
        self.app.commands.store().get().turns.len()
    }
}

#[wasm_bindgen_test]
async fn enter_that_ends_a_hangul_composition_never_sends() {
    let page = Page::open("").await;
    page.type_text("안녕");
    assert!(!page.press_enter(true, false));
    assert_eq!(page.turns(), 0);
    assert!(page.press_enter(false, false));
    assert_eq!(page.turns(), 2);
}

#[wasm_bindgen_test]
async fn shift_and_enter_break_the_line() {
    let page = Page::open("").await;
    page.type_text("one");
    assert!(!page.press_enter(false, true));
    assert_eq!(page.turns(), 0);
}

#[wasm_bindgen_test]
async fn a_text_over_the_limit_is_counted_told_and_not_sent() {
    let page = Page::open(r#","maxTextLength":5"#).await;
    page.type_text("안녕하세요!!");
    let counter = until("the counter", || find(&page.root, "counter")).await;
    assert_eq!(counter.text_content().unwrap(), "7 / 5");
    assert!(page.get("notice").text_content().unwrap().contains("2자"));
    assert!(page.get("send").has_attribute("disabled"));
    page.press_enter(false, false);
    assert_eq!(page.turns(), 0);
    assert_eq!(page.textarea().value(), "안녕하세요!!");
}

#[wasm_bindgen_test]
async fn a_server_that_is_not_there_is_told_in_place_and_the_message_can_be_sent_again() {
    let page = Page::open("").await;
    page.type_text("질문");
    page.press_enter(false, false);
    until("the failure", || {
        page.root.query_selector("[data-status=error]").unwrap()
    })
    .await;
    let told = page.get("notice").text_content().unwrap();
    assert!(told.contains("서버에 연결하지 못했습니다"), "{told}");
    assert!(page.root.text_content().unwrap().contains("질문"));
    page.get("retry").click();
    assert_eq!(page.turns(), 2);
}

#[wasm_bindgen_test]
async fn a_draft_is_kept_for_its_owner_and_comes_back() {
    let page = Page::open("").await;
    page.type_text("쓰던 글");
    let kept = storage::session().get("aicon.draft").unwrap();
    let again = app(config(""));
    storage::session().set("aicon.draft", &kept);
    again.commands.follow(&Session::SignedIn {
        user: Some(aicon_protocol::id::UserId::new("somebody")),
    });
    assert_eq!(&*again.commands.store().get().composer.draft, "");
    again.commands.follow(&Session::NotNeeded);
    assert_eq!(
        &*again.commands.store().get().composer.draft,
        "",
        "another user's arrival cleared it"
    );
    storage::session().set("aicon.draft", &kept);
    let owner = app_without_clearing();
    owner.commands.follow(&Session::NotNeeded);
    assert_eq!(&*owner.commands.store().get().composer.draft, "쓰던 글");
}

fn app_without_clearing() -> App {
    let kept = storage::session().get("aicon.draft").expect("a draft");
    let app = app(config(""));
    storage::session().set("aicon.draft", &kept);
    app
}
