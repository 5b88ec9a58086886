use std::{cell::RefCell, rc::Rc};

use aicon_markdown::{Document, Labels, MAX_DEPTH, Markdown, MarkdownProps};
use tokio::{
    runtime::{Builder, Runtime},
    task::LocalSet,
};
use yew::{Callback, LocalServerRenderer};

/// Elements of which an answer's HTML may be made.
const ELEMENTS: &str = "a bdi blockquote br button code del div em h1 h2 h3 h4 h5 h6 hr input li ol p pre section span strong \
    sup table tbody td th thead tr ul";

/// Attributes whose value a text has a say in.
const ADDRESSES: [&str; 2] = ["href", "src"];

/// Holds the HTML of a document against what it may hold.
///
/// # Panics
///
/// When it holds something else.
pub(crate) fn check(document: &Document, text: &str) {
    let html = html(document);
    let mut depth = 0_usize;
    // In text and in values, `<` is `&lt;`.
    for tag in html.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("a tag ends");
        if tag.starts_with('/') {
            depth = depth.checked_sub(1).expect("what ends has begun");
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(
            ELEMENTS.split_ascii_whitespace().any(|known| known == name),
            "<{tag}> of {text:?}"
        );
        if !attributes.is_empty() {
            check_attributes(attributes, text);
        }
        depth += usize::from(!matches!(name, "br" | "hr" | "input"));
        assert!(depth <= 3 * MAX_DEPTH, "{depth} levels of {text:?}");
    }
}

fn check_attributes(attributes: &str, text: &str) {
    for attribute in attributes.split("\" ") {
        let (name, value) = attribute.split_once("=\"").unwrap_or((attribute, ""));
        assert!(!name.starts_with("on"), "{attributes} of {text:?}");
        let is_safe = ["#md-", "http://", "https://", "mailto:"]
            .iter()
            .any(|start| value.starts_with(start));
        assert!(
            !ADDRESSES.contains(&name) || is_safe,
            "{attributes} of {text:?}"
        );
    }
}

fn html(document: &Document) -> String {
    thread_local! {
        static RUNTIME: RefCell<Option<Rc<Runtime>>> = const { RefCell::new(None) };
    }
    let runtime = RUNTIME.with_borrow_mut(|runtime| {
        let made = || {
            let runtime = Builder::new_current_thread().enable_all().build();
            Rc::new(runtime.expect("a runtime"))
        };
        Rc::clone(runtime.get_or_insert_with(made))
    });
    let props = yew::props!(MarkdownProps {
        document: document.clone(),
        labels: Rc::new(Labels::default()),
        onlink: Callback::noop(),
    });
    let renderer = LocalServerRenderer::<Markdown>::with_props(props).hydratable(false);
    LocalSet::new().block_on(&runtime, renderer.render())
}
