//! Links whose text names another host than the one they lead to.

use crate::{
    host::{self, is_disguise, is_host_letter},
    link::Link,
};

/// Bytes of a link's text that are looked at.
const LOOKED_AT: usize = 512;
/// Names of files and libraries end like this, and no host does.
const NO_HOSTS: [&str; 12] = [
    "js", "jsx", "ts", "tsx", "json", "html", "css", "txt", "pdf", "csv", "xml", "yml",
];

/// Korean top-level domains.
const KOREAN: [&str; 4] = ["한국", "삼성", "닷컴", "닷넷"];

/// Whether a link's text has an address or a host other than the link's: then the reader has to be shown where it leads.
pub(crate) fn is_misleading(text: &str, link: &Link) -> bool {
    let looked_at = &text[..text.floor_char_boundary(LOOKED_AT)];
    let read: String = looked_at.chars().filter_map(as_read).collect();
    let leads_to = without_port(link.host.rsplit('@').next().unwrap_or_default());
    read.split(|c: char| {
        c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | '(' | ')' | ',' | ';' | '|')
    })
    .filter_map(claimed)
    .any(|claim| !agrees(claim, leads_to))
}

/// Whether a host that a text names is the link's, also to the eye: one that is shown in ASCII because it looks like another
/// one is not.
fn agrees(claim: &str, leads_to: &str) -> bool {
    let same = |judged: String| {
        without_www(&judged) == without_www(leads_to)
            && (claim.is_ascii() || !judged.contains("xn--"))
    };
    host::judge(claim).is_some_and(same)
}

/// A character as a reader takes it: look-alikes of the marks of an address for those, what is invisible for nothing.
fn as_read(c: char) -> Option<char> {
    match c {
        ' ' | '\n' | '\t' => Some(' '),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '․' => Some('.'),
        '⁄' | '∕' | '⧸' | 'ノ' => Some('/'),
        '∶' | '׃' | 'ː' | '꞉' => Some(':'),
        _ => (!is_disguise(c)).then_some(c),
    }
}

/// The host that a word names, if it names one. A sentence that goes on without a blank is none, so that a name that does not
/// end in ASCII has to end in one of the Korean top-level domains.
fn claimed(word: &str) -> Option<&str> {
    let (has_scheme, rest) = match word.find("://") {
        Some(scheme) => (true, &word[scheme + 3..]),
        None => (false, word),
    };
    let rest = rest.trim_start_matches(|c: char| !is_host_letter(c));
    let authority = &rest[..rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len())];
    let host = without_port(authority.rsplit('@').next().unwrap_or_default());
    let host = without_particle(host.trim_end_matches(|c: char| !is_host_letter(c)));
    let is_meant = has_scheme || authority.contains('@') || host.starts_with("www.");
    (is_meant && !host.is_empty() || looks_like_host(host)).then_some(host)
}

fn looks_like_host(host: &str) -> bool {
    let mut labels = host.rsplit('.');
    let last = labels.next().unwrap_or_default();
    let is_name = last.len() > 1
        && (last.bytes().all(|b| b.is_ascii_alphabetic())
            || last.starts_with("xn--")
            || KOREAN.contains(&last))
        && !NO_HOSTS.iter().any(|end| last.eq_ignore_ascii_case(end));
    let is_v4 =
        host.split('.').count() == 4 && host.bytes().all(|b| b == b'.' || b.is_ascii_digit());
    let is_letter = |c: char| is_host_letter(c) || matches!(c, '-' | '_');
    let mut others = labels.peekable();
    (is_name || is_v4)
        && others.peek().is_some()
        && others.all(|label| !label.is_empty() && label.chars().all(is_letter))
}

/// Without the Korean particle that follows a host.
fn without_particle(host: &str) -> &str {
    let last = host.rfind('.').map_or(0, |dot| dot + 1);
    let korean = KOREAN.iter().find(|end| host[last..].starts_with(*end));
    let end = match korean {
        Some(korean) => korean.len(),
        None => host[last..]
            .find(|c: char| matches!(c, '가'..='힣'))
            .unwrap_or_default(),
    };
    &host[..if end > 0 { last + end } else { host.len() }]
}

fn without_port(authority: &str) -> &str {
    if authority.starts_with('[') {
        return authority;
    }
    &authority[..authority.find(':').unwrap_or(authority.len())]
}

fn without_www(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn misleads(text: &str, destination: &str) -> bool {
        let link = Link::judge(destination).unwrap_or_else(|| panic!("{destination:?} is refused"));
        is_misleading(text, &link)
    }

    #[test]
    fn a_text_that_names_another_host_misleads() {
        for text in [
            "https://bank.example",
            "bank.example",
            "go to bank.example now",
            "www.bank.example/login",
            "HTTPS://BANK.EXAMPLE",
            "bank\u{200b}.exam\u{ad}ple",
            "bank．example",
            "bank․example／login",
            "https∶∕∕bank.example",
            "(bank.example)",
            "help@bank.example",
            "127.0.0.1",
            "https://localhost",
            "은행.한국에서",
            "https://evil.example@bank.example",
            "https://bank.example@evil.example.net",
            "sub.evil.example",
            "ｂａｎｋ．ｅｘａｍｐｌｅ",
            "bаnk.example",
        ] {
            assert!(misleads(text, "https://evil.example/x"), "{text:?}");
        }
        assert!(misleads("https://bank.example", "mailto:x@evil.example"));
        assert!(misleads("me@bank.example", "mailto:x@evil.example"));
    }

    #[test]
    fn a_text_that_names_the_links_host_or_none_does_not() {
        for text in [
            "",
            "here",
            "https://evil.example/y",
            "www.evil.example",
            "EVIL.example에서",
            "https://evil.example:443",
            "Node.js",
            "main.tsx 파일",
            "v1.2.3",
            "3.14",
            "etc. and so on",
            "e.g. this",
            "A. B. C",
            "…",
            "a..b",
            "그렇습니다.그리고 서울·부산",
        ] {
            assert!(!misleads(text, "https://evil.example/x"), "{text:?}");
        }
        assert!(!misleads("한국.kr", "https://xn--3e0b707e.kr"));
        assert!(!misleads("xn--3e0b707e.kr", "https://한국.kr"));
        assert!(!misleads("me@evil.example", "mailto:me@evil.example"));
    }
}
