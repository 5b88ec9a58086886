//! The hashes of the inline scripts, which the page's content security policy must name because it has no
//! `unsafe-inline` (CSP 3, section 8.2).

use base64ct::{Base64, Encoding as _};
use sha2::{Digest as _, Sha256};

/// Stands in the policy of `index.html` where the hashes go.
pub(super) const TOKEN: &str = "__CSP_SCRIPT_HASHES__";

/// The page with the hashes in place of [`TOKEN`]; `None` when it has none.
pub(super) fn complete(html: &str) -> Option<String> {
    if !html.contains(TOKEN) {
        return None;
    }
    let html = resolve_reload_script(html);
    let hashes: Vec<String> = inline_scripts(&html).into_iter().map(hash_source).collect();
    Some(html.replace(TOKEN, &hashes.join(" ")))
}

/// `trunk serve` would fill these in for each request, after the hash was taken.
fn resolve_reload_script(html: &str) -> String {
    html.replace("'{{__TRUNK_ADDRESS__}}'", "window.location.host")
        .replace("`{{__TRUNK_ADDRESS__}}`", "window.location.host")
        .replace("{{__TRUNK_WS_BASE__}}", "/")
}

fn hash_source(script: &str) -> String {
    format!(
        "'sha256-{}'",
        Base64::encode_string(&Sha256::digest(script.as_bytes()))
    )
}

/// The texts of all scripts without `src`, as the browser hashes them.
///
/// The page is our own and went through Trunk's parser: this scanner needs to know start tags, attribute quotes and
/// comments, not broken HTML.
fn inline_scripts(html: &str) -> Vec<&str> {
    let mut scripts = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let is_script = starts_with_tag(rest, "<script");
        let end = tag_end(rest);
        let (tag, after) = rest.split_at(end);
        rest = after;
        if is_script {
            let length = find_ignoring_case(after, "</script").unwrap_or(after.len());
            if !has_attribute(tag, "src") {
                scripts.push(&after[..length]);
            }
            rest = &after[length..];
        }
    }
    scripts
}

fn starts_with_tag(text: &str, tag: &str) -> bool {
    let next = text.as_bytes().get(tag.len()).copied().unwrap_or(b'>');
    find_ignoring_case(text, tag) == Some(0)
        && (next.is_ascii_whitespace() || next == b'>' || next == b'/')
}

/// The index after the `>` that closes the tag at the start of `text`; quoted values may hold `>`.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (index, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return index + 1,
            _ => {}
        }
    }
    text.len()
}

fn has_attribute(tag: &str, name: &str) -> bool {
    let mut quote = None;
    let unquoted: String = tag
        .chars()
        .filter(|&char| match (quote, char) {
            (Some(open), _) => {
                if open == char {
                    quote = None;
                }
                false
            }
            (None, '"' | '\'') => {
                quote = Some(char);
                false
            }
            (None, _) => true,
        })
        .collect();
    let words =
        unquoted.split(|char: char| char.is_ascii_whitespace() || matches!(char, '<' | '>' | '/'));
    words
        .map(|word| word.split('=').next().unwrap_or(word))
        .any(|word| word.eq_ignore_ascii_case(name))
}

fn find_ignoring_case(text: &str, needle: &str) -> Option<usize> {
    text.as_bytes()
        .windows(needle.len())
        .position(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_with_a_source_comments_and_other_tags_are_left_out() {
        let html = r#"<!doctype html><meta content="a>b<script>"><script src="a.js"></script>
            <!-- <script>no</script> --><SCRIPT type=module data-x="src=1">one</Script ><script>two<b></script>
            <scripted>no</scripted><link src=x>"#;
        assert_eq!(inline_scripts(html), ["one", "two<b>"]);
    }

    #[test]
    fn the_token_becomes_the_hash_that_browsers_compute() {
        // The example of CSP 3, section "Usage of hashes".
        let html = "<meta content=\"script-src 'self' __CSP_SCRIPT_HASHES__\"><script>alert('Hello, world.');</script>";
        let done = complete(html).unwrap();
        assert!(
            done.contains("'self' 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='\""),
            "{done}"
        );
        assert!(!done.contains(TOKEN));
    }

    #[test]
    fn the_reload_script_is_final_before_it_is_hashed() {
        let html = "<meta content=\"__CSP_SCRIPT_HASHES__\"><script>const a = '{{__TRUNK_ADDRESS__}}', b = '{{__TRUNK_WS_BASE__}}';</script>";
        let done = complete(html).unwrap();
        assert!(
            done.contains("const a = window.location.host, b = '/';"),
            "{done}"
        );
        assert!(done.contains(&hash_source("const a = window.location.host, b = '/';")));
    }

    #[test]
    fn a_page_without_the_token_is_refused() {
        assert_eq!(complete("<script>1</script>"), None);
    }

    #[test]
    fn an_unclosed_script_or_comment_ends_with_the_page() {
        assert_eq!(inline_scripts("<script>1"), ["1"]);
        assert!(inline_scripts("<!-- <script>1</script>").is_empty());
        assert!(inline_scripts("<script").len() <= 1);
    }
}
