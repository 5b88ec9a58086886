use yew::AttrValue;

/// A foreign address that passed the check: `http`, `https` or `mailto`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The whole address, without characters that could disguise it.
    pub href: AttrValue,
    /// Where it leads: host and port, or the mail address.
    pub host: AttrValue,
}

impl Link {
    /// Judges the destination of a link as a browser would read it (WHATWG URL: tabs and line ends dropped, controls and
    /// blanks trimmed).
    ///
    /// Relative and protocol-relative addresses, user names before the host and hosts with characters that are neither
    /// letters ([`is_host_letter`]), digits, `-`, `_` nor `.` are refused: an answer has no page of ours to refer to, and the
    /// rest is disguise.
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
        let end = rest.find(['/', '?', '#']);
        let authority = &rest[..end.unwrap_or(rest.len())];
        // Browsers read `\\` as `/`, others do not: whoever writes it wants two readers to see two hosts.
        let plain = is_host(authority) && !rest.as_bytes().contains(&b'\\');
        plain.then(|| Self {
            href: encode(scheme, rest),
            host: authority.to_owned().into(),
        })
    }

    fn mail(rest: &str) -> Option<Self> {
        let address = &rest[..rest.find('?').unwrap_or(rest.len())];
        let (user, domain) = address.split_once('@')?;
        let plain = !user.is_empty()
            && is_host(domain)
            && user.chars().all(|c| !is_disguise(c) && c != '%');
        plain.then(|| Self {
            href: encode("mailto:", rest),
            host: address.to_owned().into(),
        })
    }
}

fn is_host(authority: &str) -> bool {
    let (host, port) = match authority.strip_prefix('[') {
        Some(v6) => match v6.split_once(']') {
            Some((host, port)) => (host, port),
            None => return false,
        },
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let port_is_number = port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|port| port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit()));
    let v6 = authority.starts_with('[');
    let allowed = |c: char| match v6 {
        true => c.is_ascii_hexdigit() || matches!(c, ':' | '.'),
        false => is_host_letter(c) || matches!(c, '-' | '.' | '_'),
    };
    port_is_number && !host.is_empty() && !host.starts_with('.') && host.chars().all(allowed)
}

/// ASCII letters and digits, and letters of other scripts that neither imitate those (as Cyrillic and Greek do) nor change the
/// direction: Latin with marks, kana, Han and Hangul. Ranges of our own, because the standard library's tables of all letters
/// cost the bundle 3 kB.
pub(crate) fn is_host_letter(c: char) -> bool {
    let latin = matches!(c, 'À'..='ſ') && !matches!(c, '×' | '÷');
    latin
        || c.is_ascii_alphanumeric()
        || matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '가'..='힣')
}

/// Controls, blanks and invisible or direction-changing characters are percent-encoded, so that whoever prints the address
/// prints what it is.
fn encode(scheme: &str, rest: &str) -> AttrValue {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut href = String::with_capacity(scheme.len() + rest.len());
    href.push_str(scheme);
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

fn is_disguise(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{3164}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_and_mail_addresses_are_links() {
        for (destination, href, host) in [
            ("https://example.com", "https://example.com", "example.com"),
            (
                "HTTP://Example.com:8080/a?b#c",
                "http://Example.com:8080/a?b#c",
                "Example.com:8080",
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
            "https://ex\u{430}mple.com",
            "https://\u{5d0}\u{5d1}.com",
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
