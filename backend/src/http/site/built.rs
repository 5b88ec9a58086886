//! What the built page says: its policy, and the files that it cannot do without.

use std::path::Path;

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

use super::folder::Folder;
use super::{CONFIG, PAGE, SiteError};

/// Stands in the policy of the page's source (`xtask/src/finish/csp.rs`).
const SOURCE_MARK: &str = "__CSP_SCRIPT_HASHES__";

/// The page, read.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Page {
    /// Of its `<meta>`.
    pub(super) policy: Option<String>,
    /// Paths from the root without the slash.
    files: Vec<String>,
}

/// Reads the page and looks that all of its files are there. `path` is what errors call the folder.
pub(super) fn read(path: &Path, folder: &Folder) -> Result<Page, SiteError> {
    let incomplete = |file: &str| SiteError::Incomplete {
        path: path.to_owned(),
        file: file.to_owned(),
    };
    let file = |name: &str| {
        folder
            .find(&folder.root().join(name))
            .map_err(|_| incomplete(name))
    };
    let html = std::fs::read_to_string(file(PAGE)?).map_err(|_| incomplete(PAGE))?;
    if html.contains(SOURCE_MARK) {
        return Err(SiteError::NotBuilt(path.to_owned()));
    }
    let page = parse(&html);
    for name in page.files.iter().map(String::as_str).chain([CONFIG]) {
        if !file(name)?.is_file() {
            return Err(incomplete(name));
        }
    }
    Ok(page)
}

fn parse(html: &str) -> Page {
    let mut page = Page::default();
    let mut emitter = DefaultEmitter::default();
    // What stands inside a script is no element.
    emitter.naively_switch_states(true);
    for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
        if let Token::StartTag(tag) = token {
            page.read_tag(&tag);
        }
    }
    page
}

impl Page {
    fn read_tag(&mut self, tag: &StartTag<()>) {
        let attribute = |name: &[u8]| {
            let value = tag.attributes.get(name)?;
            Some(String::from_utf8_lossy(value).into_owned())
        };
        match &**tag.name {
            b"meta" => {
                let is_policy = attribute(b"http-equiv")
                    .is_some_and(|name| name.eq_ignore_ascii_case("content-security-policy"));
                if is_policy {
                    self.policy = attribute(b"content");
                }
            }
            b"script" => self.files.extend(attribute(b"src").and_then(own_file)),
            b"link" => self.files.extend(attribute(b"href").and_then(own_file)),
            _ => {}
        }
    }
}

/// The path of a file on our own origin.
fn own_file(url: String) -> Option<String> {
    let path = url.split(['?', '#']).next()?.strip_prefix('/')?;
    (!path.is_empty() && !path.starts_with('/')).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_and_files_are_found_however_the_page_is_written() {
        let html = "<!doctype html><meta content=\"default-src 'none'; script-src 'sha256-a+/='\" http-equiv=Content-Security-Policy>\
                    <link href=/app-1.css rel=stylesheet><LINK HREF='/a.js?x' rel=modulepreload><script src=\"/b.js\"></script>\
                    <link href=https://elsewhere.example/x><link href=//elsewhere.example/y><!-- <link href=/no.css> -->\
                    <script>\"<link href=/no.js>\"</script>";
        assert_eq!(
            parse(html),
            Page {
                policy: Some("default-src 'none'; script-src 'sha256-a+/='".to_owned()),
                files: ["app-1.css", "a.js", "b.js"].map(str::to_owned).to_vec(),
            }
        );
    }

    proptest::proptest! {
        #[test]
        fn no_page_makes_it_panic(html in ".{0,200}") {
            drop(parse(&html));
        }
    }
}
