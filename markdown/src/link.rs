use yew::AttrValue;

use crate::host::{self, is_disguise};

/// A foreign address that passed the check: `http`, `https` or `mailto`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The whole address, without characters that could disguise it, its host as in `host`.
    pub href: AttrValue,
    /// Where it leads: host and port, or the mail address. No other host looks like it.
    pub host: AttrValue,
}

impl Link {
    /// Judges the destination of a link as a browser would read it (WHATWG URL: tabs and line ends dropped, controls and
    /// blanks trimmed).
    ///
    /// Relative and protocol-relative addresses, user names before the host and hosts with characters that imitate the marks
    /// of an address are refused: an answer has no page of ours to refer to, and the rest is disguise. A host is written as
    /// the browser asks for it, in Unicode only where it cannot pass for another one.
    pub fn judge(destination: &str) -> Option<Self> {
        let trimmed = destination.trim_matches(|c: char| c <= ' ');
        let address: String = trimmed
            .chars()
            .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
            .collect();
        let (scheme, rest) = address.split_once(':')?;
        if scheme.eq_ignore_ascii_case("mailto") {
            return Self::mail(rest);
        }
        if scheme.eq_ignore_ascii_case("https") {
            return Self::web("https://", rest);
        }
        if scheme.eq_ignore_ascii_case("http") {
            return Self::web("http://", rest);
        }
        None
    }

    /// Like [`Link::judge`], for what can be fetched.
    pub(crate) fn judge_image(destination: &str) -> Option<Self> {
        Self::judge(destination).filter(|link| link.href.starts_with("http"))
    }

    fn web(scheme: &str, rest: &str) -> Option<Self> {
        let rest = rest.strip_prefix("//")?;
        // Browsers read `\\` as `/`, others do not: whoever writes it wants two readers to see two hosts.
        if rest.as_bytes().contains(&b'\\') {
            return None;
        }
        let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let host = host::judge(authority)?;
        Some(Self {
            href: encode(&[scheme, &host], rest),
            host: host.into(),
        })
    }

    fn mail(rest: &str) -> Option<Self> {
        let (address, rest) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
        let (user, domain) = address.split_once('@')?;
        if user.is_empty() || user.chars().any(|c| is_disguise(c) || c == '%') {
            return None;
        }
        let host = [user, "@", &host::judge(domain)?].concat();
        Some(Self {
            href: encode(&["mailto:", &host], rest),
            host: host.into(),
        })
    }
}

/// Controls, blanks and invisible or direction-changing characters are percent-encoded, so that whoever prints the address
/// prints what it is.
fn encode(start: &[&str], rest: &str) -> AttrValue {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut href = start.concat();
    for c in rest.chars() {
        if !is_disguise(c) {
            href.push(c);
            continue;
        }
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            href.push('%');
            href.push(HEX[usize::from(byte >> 4)].into());
            href.push(HEX[usize::from(byte & 15)].into());
        }
    }
    href.into()
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn web_and_mail_addresses_are_links() {
        for (destination, href, host) in [
            ("https://example.com", "https://example.com", "example.com"),
            (
                "HTTP://Example.com:8080/a?b#c",
                "http://example.com:8080/a?b#c",
                "example.com:8080",
            ),
            (
                " ht\ntps://example.com/\u{202e}x",
                "https://example.com/%E2%80%AEx",
                "example.com",
            ),
            ("https://[::1]:80/", "https://[::1]:80/", "[::1]:80"),
            ("https://한국.kr/가", "https://한국.kr/가", "한국.kr"),
            (
                "https://日本ひカー.jp",
                "https://日本ひカー.jp",
                "日本ひカー.jp",
            ),
            ("https://münchen.de", "https://münchen.de", "münchen.de"),
            ("https://xn--3e0b707e.kr/", "https://한국.kr/", "한국.kr"),
            (
                "https://ex\u{430}mple.com/a",
                "https://xn--exmple-4nf.com/a",
                "xn--exmple-4nf.com",
            ),
            (
                "mailto:a@Ex\u{430}mple.com",
                "mailto:a@xn--exmple-4nf.com",
                "a@xn--exmple-4nf.com",
            ),
            (
                "mailto:a@example.com?subject=x y",
                "mailto:a@example.com?subject=x%20y",
                "a@example.com",
            ),
        ] {
            let link =
                Link::judge(destination).unwrap_or_else(|| panic!("{destination:?} is refused"));
            assert_eq!((link.href.as_str(), link.host.as_str()), (href, host));
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for destination in [
            "",
            "x",
            "/x",
            "//example.com",
            "\\\\example.com",
            "/\\example.com",
            "#x",
            "?x",
            "javascript:alert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "vbscript:x",
            "data:text/html,x",
            "blob:https://example.com/x",
            "file:///etc/passwd",
            "ftp://example.com",
            "https:example.com",
            "https:/example.com",
            "https:/\\example.com",
            "https:\\\\example.com",
            "https:///example.com",
            "https://",
            "https://user@example.com",
            "https://good.example\\@evil.example@x",
            "https://exa%6dple.com",
            "https://exa\u{200b}mple.com",
            "https://exam\u{202e}ple.com",
            "https://ex\u{301}ample.com",
            "https://a\u{2044}b.com",
            "https://a\u{ff0f}b.com",
            "https://a×b.com",
            "https://example.com:x",
            "https://[::1",
            "mailto:",
            "mailto:x",
            "mailto:a\u{202e}b@example.com",
            "view-source:https://example.com",
            "intent://x",
        ] {
            assert_eq!(Link::judge(destination), None, "{destination:?}");
        }
    }
}
