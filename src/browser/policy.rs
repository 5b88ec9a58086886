//! A second Content Security Policy. The one in `index.html` cannot know the provider's hosts; once the config is read,
//! this one narrows `connect-src` to them. A page obeys all its policies (CSP 3, 8.1; promise S15).

use super::document;

/// Allows connections to our own origin and to those of these URLs, and to nowhere else, from now on.
pub fn allow_connections_to(urls: &[&str]) {
    let mut policy = "connect-src 'self' blob:".to_owned();
    for url in urls.iter().filter(|url| !url.is_empty()) {
        if let Ok(url) = web_sys::Url::new(url) {
            policy.push(' ');
            policy.push_str(&url.origin());
        }
    }
    let document = document();
    let meta = document.create_element("meta");
    if let (Ok(meta), Some(head)) = (meta, document.query_selector("head").ok().flatten()) {
        // Both names are valid and a head takes a meta.
        drop(meta.set_attribute("http-equiv", "Content-Security-Policy"));
        drop(meta.set_attribute("content", &policy));
        drop(head.append_child(&meta));
    }
}
