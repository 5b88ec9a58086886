//! What only a browser shows: clicks, the clipboard, and which DOM nodes survive a push.

#![cfg(target_arch = "wasm32")]

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use aicon_markdown::{Document, Enricher, Labels, Link, Markdown, copy};
use gloo::timers::future::TimeoutFuture;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlElement, MouseEvent, MouseEventInit};
use yew::{Callback, Html, Properties, Renderer, UseStateHandle, component, html, use_state};

wasm_bindgen_test_configure!(run_in_browser);

type Slot<T> = Rc<RefCell<Option<T>>>;

#[derive(Clone, PartialEq, Properties)]
struct HostProps {
    document: Document,
    onlink: Callback<Link>,
    /// Receives the handle with which the test replaces the document.
    handle: Callback<UseStateHandle<Document>>,
    labels: Rc<Labels>,
    enricher: Option<Enricher>,
}

#[component]
fn Host(props: &HostProps) -> Html {
    let document = use_state(|| props.document.clone());
    props.handle.emit(document.clone());
    html! {
        <Markdown
            document={(*document).clone()}
            labels={&props.labels}
            onlink={&props.onlink}
            enricher={props.enricher.clone()}
        />
    }
}

/// A mounted document.
struct Page {
    root: Element,
    handle: Slot<UseStateHandle<Document>>,
    links: Rc<RefCell<Vec<Link>>>,
}

impl Page {
    async fn mount(document: Document) -> Self {
        Self::mount_with(document, None).await
    }

    async fn mount_with(document: Document, enricher: Option<Enricher>) -> Self {
        let page = web_sys::window()
            .and_then(|window| window.document())
            .expect("a page");
        let root = page.create_element("div").expect("an element");
        page.body()
            .expect("a body")
            .append_child(&root)
            .expect("appended");
        let (handle, links): (Slot<_>, Rc<RefCell<Vec<Link>>>) = Default::default();
        let props = HostProps {
            document,
            onlink: Callback::from({
                let links = Rc::clone(&links);
                move |link| links.borrow_mut().push(link)
            }),
            handle: Callback::from({
                let handle = Rc::clone(&handle);
                move |state| *handle.borrow_mut() = Some(state)
            }),
            labels: Rc::default(),
            enricher,
        };
        Renderer::<Host>::with_root_and_props(root.clone(), props).render();
        let page = Self {
            root,
            handle,
            links,
        };
        page.until(".md").await;
        page
    }

    fn show(&self, document: &Document) {
        let handle = self.handle.borrow().clone().expect("mounted");
        handle.set(document.clone());
    }

    fn find(&self, selector: &str) -> Option<HtmlElement> {
        self.root
            .query_selector(selector)
            .expect("a selector")
            .map(JsCast::unchecked_into)
    }

    async fn until(&self, selector: &str) -> HtmlElement {
        self.until_some(|| self.find(selector), selector).await
    }

    /// Finds what was rendered before the browser could report on a request that the rendering began.
    async fn before_next_task(&self, selector: &str) -> HtmlElement {
        for _ in 0..100 {
            let settled = js_sys::Promise::resolve(&JsValue::UNDEFINED);
            JsFuture::from(settled).await.expect("resolved");
        }
        self.find(selector)
            .unwrap_or_else(|| panic!("no {selector} in {}", self.root.inner_html()))
    }

    async fn until_text(&self, selector: &str, text: &str) -> HtmlElement {
        let found = || {
            self.find(selector)
                .filter(|element| element.text_content().is_some_and(|found| found == text))
        };
        self.until_some(found, text).await
    }

    async fn until_some(&self, found: impl Fn() -> Option<HtmlElement>, what: &str) -> HtmlElement {
        for _ in 0..500 {
            if let Some(element) = found() {
                return element;
            }
            TimeoutFuture::new(10).await;
        }
        panic!("no {what} in {}", self.root.inner_html());
    }

    /// Clicks with a mouse button; whether the browser's own action was left alone.
    fn click(element: &HtmlElement, kind: &str, button: i16) -> bool {
        let init = MouseEventInit::new();
        init.set_bubbles(true);
        init.set_cancelable(true);
        init.set_button(button);
        let event = MouseEvent::new_with_mouse_event_init_dict(kind, &init).expect("an event");
        element.dispatch_event(&event).expect("dispatched")
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.root.remove();
    }
}

#[wasm_bindgen_test]
async fn the_node_of_a_frozen_block_survives_pushes() {
    let mut document = Document::new();
    document.push("# first\n\n- a\n- b\n\nsecond\n\nopen");
    let page = Page::mount(document.clone()).await;
    let heading = page.until("h1").await;
    let (item, text) = (
        page.until("li").await,
        page.until("h1").await.first_child().expect("a text"),
    );
    for delta in [
        " tail **b",
        "old**\n\n",
        "more\n\n",
        "| a |\n",
        "|---|\n",
        "| c |\n\nend",
    ] {
        document.push(delta);
        page.show(&document);
    }
    page.until("td").await;
    document.finish();
    page.show(&document);
    page.until_text("p:last-child", "end").await;
    assert!(page.until("h1").await.is_same_node(Some(&heading)));
    assert!(
        heading
            .first_child()
            .expect("a text")
            .is_same_node(Some(&text))
    );
    assert!(page.until("li").await.is_same_node(Some(&item)));
    page.until_text("p strong", "bold").await;
}

#[wasm_bindgen_test]
async fn what_stands_before_new_text_in_the_open_block_stays() {
    let mut document = Document::new();
    document.push("a **b** ![i](https://e.invalid/i.png)");
    let page = Page::mount(document.clone()).await;
    let (strong, image) = (page.until("strong").await, page.until("button").await);
    document.push(" c `d` *e*");
    page.show(&document);
    page.until("em").await;
    assert!(page.until("strong").await.is_same_node(Some(&strong)));
    assert!(page.until("button").await.is_same_node(Some(&image)));
}

#[wasm_bindgen_test]
async fn the_shown_text_is_that_of_the_finished_document() {
    let text = "word **bold** `code` 한글 ".repeat(2_000);
    let mut document = Document::new();
    let page = Page::mount(document.clone()).await;
    let characters: Vec<char> = text.chars().collect();
    for chunk in characters.chunks(997) {
        document.push(&chunk.iter().collect::<String>());
        page.show(&document);
        TimeoutFuture::new(0).await;
    }
    document.finish();
    page.show(&document);
    page.until_text("p", "word bold code 한글 ".repeat(2_000).trim_end())
        .await;
}

#[wasm_bindgen_test]
async fn settled_parts_of_a_long_list_and_table_stay() {
    let mut document = Document::new();
    for i in 0..100 {
        document.push(&format!("- item {i}\n"));
    }
    let page = Page::mount(document.clone()).await;
    page.until("li:nth-child(100)").await;
    let (first, later) = (page.until("li").await, page.until("li:nth-child(50)").await);
    document.push("- **last");
    page.show(&document);
    page.until("li:nth-child(101) strong").await;
    document.push("**\n\n| a |\n|---|\n");
    for i in 0..100 {
        document.push(&format!("| {i} |\n"));
    }
    page.show(&document);
    let row = page.until("tbody tr:nth-child(50)").await;
    document.push("| end");
    page.show(&document);
    page.until_text("tbody tr:nth-child(101)", "end").await;
    assert!(page.until("li").await.is_same_node(Some(&first)));
    assert!(
        page.until("li:nth-child(50)")
            .await
            .is_same_node(Some(&later))
    );
    assert!(
        page.until("tbody tr:nth-child(50)")
            .await
            .is_same_node(Some(&row))
    );
}

#[wasm_bindgen_test]
async fn a_foreign_link_asks_its_owner_and_does_not_navigate() {
    let page = Page::mount(Document::from_text("[x](https://e.example/a?b)")).await;
    let link = page.until("a").await;
    assert_eq!(link.get_attribute("title").as_deref(), Some("e.example"));
    assert!(!Page::click(&link, "click", 0), "prevented");
    assert!(!Page::click(&link, "auxclick", 1), "prevented");
    assert!(
        Page::click(&link, "auxclick", 2),
        "the context menu is the browser's"
    );
    let links = page.links.borrow();
    assert_eq!(links.len(), 2);
    assert_eq!(
        (links[0].href.as_str(), links[0].host.as_str()),
        ("https://e.example/a?b", "e.example")
    );
}

#[wasm_bindgen_test]
async fn an_image_is_loaded_by_a_click_only_and_can_be_tried_again() {
    // The discard port of this machine: nothing answers.
    let page = Page::mount(Document::from_text("![cat](http://127.0.0.1:9/c.png)")).await;
    let button = page.until("button.md-image-load").await;
    assert!(page.find("img").is_none());
    button.click();
    page.until(".md-image-failed").await;
    page.until("button.md-image-load").await.click();
    let image = page.before_next_task("img").await;
    assert_eq!(
        image.get_attribute("referrerpolicy").as_deref(),
        Some("no-referrer")
    );
    assert_eq!(
        image.get_attribute("src").as_deref(),
        Some("http://127.0.0.1:9/c.png")
    );
    assert_eq!(image.get_attribute("alt").as_deref(), Some("cat"));
}

#[wasm_bindgen_test]
async fn the_copy_button_writes_the_exact_code_and_says_so() {
    let written = catch_clipboard("writeText", false);
    let page = Page::mount(Document::from_text("```rust\n  a\n\n\tb\n```\n")).await;
    let outcome = page.until("[role=status]").await;
    assert_eq!(outcome.text_content().as_deref(), Some(""));
    page.until(".md-copy").await.click();
    page.until_text("[role=status]", "Copied").await;
    assert_eq!(
        written.borrow()[0].as_string().as_deref(),
        Some("  a\n\n\tb\n")
    );
    page.until_text("[role=status]", "").await;
}

/// Replaces a function of the clipboard by one that keeps what it is given. Headless browsers refuse the real clipboard without
/// a permission that a page cannot give itself.
fn catch_clipboard(function: &str, is_refused: bool) -> Rc<RefCell<Vec<JsValue>>> {
    let caught: Rc<RefCell<Vec<JsValue>>> = Rc::default();
    let catch = Closure::<dyn FnMut(JsValue) -> js_sys::Promise>::new({
        let caught = Rc::clone(&caught);
        move |content| {
            caught.borrow_mut().push(content);
            match is_refused {
                true => js_sys::Promise::reject(&JsValue::UNDEFINED),
                false => js_sys::Promise::resolve(&JsValue::UNDEFINED),
            }
        }
    });
    let navigator = web_sys::window().expect("a window").navigator();
    js_sys::Reflect::set(&navigator.clipboard(), &function.into(), catch.as_ref())
        .expect("replaced");
    catch.forget();
    caught
}

/// What a caught `ClipboardItem` holds of a type.
async fn held(items: &JsValue, kind: &str) -> String {
    let item: web_sys::ClipboardItem = js_sys::Array::from(items).get(0).unchecked_into();
    let blob = JsFuture::from(item.get_type(kind)).await.expect("the type");
    let text = JsFuture::from(blob.unchecked_into::<web_sys::Blob>().text()).await;
    text.expect("a text").as_string().expect("a string")
}

#[wasm_bindgen_test]
async fn a_table_is_copied_as_values_and_as_html() {
    let caught = catch_clipboard("write", false);
    let page = Page::mount(Document::from_text(
        "| **a** | b |\n|---|--:|\n| =1+1 | <x> |\n",
    ))
    .await;
    page.until(".md-copy").await.click();
    page.until_text("[role=status]", "Copied").await;
    let items = caught.borrow()[0].clone();
    assert_eq!(held(&items, "text/plain").await, "a\tb\r\n'=1+1\t<x>\r\n");
    assert_eq!(
        held(&items, "text/html").await,
        "<table border=\"1\"><tr><th><strong>a</strong></th><th align=\"right\">b</th></tr><tr><td>'=1+1</td><td align=\"right\">&lt;x&gt;</td></tr></table>"
    );
}

#[wasm_bindgen_test]
async fn a_browser_that_refuses_html_gets_the_text() {
    let (rich, plain) = (
        catch_clipboard("write", true),
        catch_clipboard("writeText", false),
    );
    assert!(copy("a\tb".to_owned(), Some("<b>a</b>".to_owned())).await);
    assert_eq!((rich.borrow().len(), plain.borrow().len()), (1, 1));
    assert_eq!(plain.borrow()[0].as_string().as_deref(), Some("a\tb"));
    let refused = catch_clipboard("writeText", true);
    assert!(!copy("x".to_owned(), None).await);
    assert_eq!(refused.borrow().len(), 1);
}

#[wasm_bindgen_test]
async fn the_lines_of_one_code_block_are_wrapped_and_unwrapped() {
    let page = Page::mount(Document::from_text(
        "- ```a\n  x\n  ```\n  ```b\n  y\n  ```",
    ))
    .await;
    let second = ".md-code:nth-of-type(2) .md-wrap";
    let pressed = |button: &HtmlElement| button.get_attribute("aria-pressed");
    assert_eq!(pressed(&page.until(second).await).as_deref(), Some("false"));
    page.until(second).await.click();
    page.until(".md-code:nth-of-type(2).md-wrapped").await;
    assert_eq!(pressed(&page.until(second).await).as_deref(), Some("true"));
    assert!(page.find(".md-code:nth-of-type(1).md-wrapped").is_none());
    page.until(second).await.click();
    page.until(".md-code:nth-of-type(2):not(.md-wrapped)").await;
}

#[wasm_bindgen_test]
async fn a_heading_leads_to_itself_and_not_to_another_address() {
    let mut document = Document::new();
    document.push("# *a");
    let page = Page::mount(document.clone()).await;
    let heading = page.until("h1").await;
    document.push("* b\n\ntext");
    page.show(&document);
    page.until_text("h1", "a b").await;
    assert!(page.until("h1").await.is_same_node(Some(&heading)));
    let address = || {
        let location = web_sys::window().expect("a window").location();
        location.href().expect("an address")
    };
    let before = address();
    let link = page.until("a.md-anchor").await;
    assert_eq!(
        link.get_attribute("href"),
        Some(format!("#{}", heading.id())),
        "a link to itself"
    );
    assert!(!Page::click(&link, "click", 0), "prevented");
    let focused = page
        .root
        .owner_document()
        .and_then(|page| page.active_element());
    assert!(focused.is_some_and(|focused| focused.is_same_node(Some(&heading))));
    assert_eq!(address(), before);
}

#[wasm_bindgen_test]
fn the_browser_reads_hosts_as_the_tests_on_the_host_do() {
    for (destination, host) in [
        ("https://PAYPAI.com:8080/x", Some("paypai.com:8080")),
        ("https://한국.KR", Some("한국.kr")),
        ("https://xn--3e0b707e.kr", Some("한국.kr")),
        ("https://ex\u{430}mple.com", Some("xn--exmple-4nf.com")),
        ("https://xn--80ak6aa92e.com", Some("xn--80ak6aa92e.com")),
        ("https://\u{1112}\u{1161}\u{11ab}.kr", Some("한.kr")),
        ("http://0x7f.1", Some("127.0.0.1")),
        ("http://1.2.3.4.5", None),
        ("https://a\u{2044}b.com", None),
    ] {
        let link = Link::judge(destination);
        let found = link.as_ref().map(|link| link.host.as_str());
        assert_eq!(found, host, "{destination:?}");
    }
}

#[wasm_bindgen_test]
async fn a_footnote_moves_the_focus_and_not_the_address() {
    let page = Page::mount(Document::from_text("a[^1]\n\n[^1]: note")).await;
    let before = web_sys::window()
        .expect("a window")
        .location()
        .href()
        .expect("an address");
    assert!(
        !Page::click(&page.until("a.md-footnote").await, "click", 0),
        "prevented"
    );
    let focused = page
        .root
        .owner_document()
        .and_then(|page| page.active_element())
        .expect("a focus");
    assert_eq!(focused.tag_name(), "LI");
    Page::click(&page.until("a.md-footnote-back").await, "click", 0);
    assert_eq!(
        web_sys::window()
            .expect("a window")
            .location()
            .href()
            .expect("an address"),
        before
    );
}

#[wasm_bindgen_test]
async fn hostile_depth_renders_and_is_dropped() {
    for text in [
        ">".repeat(10_000) + "x",
        "- ".repeat(5_000) + "x",
        "*a ".repeat(20_000) + &" a*".repeat(20_000),
        "[".repeat(100_000),
    ] {
        let mut document = Document::from_text(&text);
        let page = Page::mount(document.clone()).await;
        document.push("\n\nend");
        page.show(&document);
        document = Document::new();
        page.show(&document);
    }
}

/// How often a worker was to be started when so much text had come in pieces of so many bytes, and when it had stopped.
async fn starts(bytes: usize, count: usize) -> (usize, usize) {
    let starts = Rc::new(Cell::new(0));
    let enricher = Enricher::new({
        let starts = Rc::clone(&starts);
        move || {
            starts.set(starts.get() + 1);
            None
        }
    });
    let mut document = Document::new();
    let page = Page::mount_with(document.clone(), Some(enricher)).await;
    let line = format!("{}\n", "x".repeat(bytes - 1));
    let mut show = async |text: &str| {
        document.push(text);
        page.show(&document);
        TimeoutFuture::new(25).await;
    };
    for _ in 0..4 {
        show(&line).await;
    }
    show("\n```rust\nfn main() {}\n").await;
    for _ in 0..count {
        show(&line).await;
    }
    let while_it_grew = starts.get();
    page.until("pre code").await;
    for _ in 0..100 {
        if starts.get() > 0 {
            break;
        }
        TimeoutFuture::new(20).await;
    }
    (while_it_grew, starts.get())
}

#[wasm_bindgen_test]
async fn the_worker_starts_while_a_text_grows_that_can_be_read() {
    assert_eq!(starts(16, 40).await, (1, 1));
}

#[wasm_bindgen_test]
async fn a_text_that_flies_by_starts_the_worker_when_it_stops() {
    assert_eq!(starts(1024, 40).await, (0, 1));
}
