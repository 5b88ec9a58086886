//! Hosts: where an address leads as the browser sees it, shown so that no host can pass for another.

/// The host and port of an address as they are shown and linked, if they are plain enough to be judged.
///
/// A name is what the browser asks for: in small letters, numbers as the IP address they mean, other scripts mapped by
/// UTS #46. A label of other scripts is shown in Unicode where [`is_plain`], else in its ASCII form (RFC 3492).
pub(crate) fn judge(authority: &str) -> Option<String> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(v6) => v6.split_once(']')?,
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let is_v6 = authority.starts_with('[');
    let port_is_number = port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|port| port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit()));
    let allowed = |c: char| match is_v6 {
        true => c.is_ascii_hexdigit() || matches!(c, ':' | '.'),
        false => is_host_letter(c) || is_ascii_host_letter(c),
    };
    if !port_is_number || host.is_empty() || host.starts_with('.') || !host.chars().all(allowed) {
        return None;
    }
    if is_v6 {
        return Some(authority.to_ascii_lowercase());
    }
    let mut shown = named(host)?;
    shown.push_str(port);
    Some(shown)
}

/// ASCII letters and digits, and what letters of other scripts can be. Refused are the blocks of punctuation, symbols and
/// full-width forms, which imitate the marks of an address. Ranges of our own, because the standard library's tables of all
/// letters cost the bundle 3 kB.
pub(crate) fn is_host_letter(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || c >= '\u{c0}'
            && !is_disguise(c)
            && !matches!(c, '×' | '÷' | '\u{2b0}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{2000}'..='\u{2bff}'
                | '\u{2e00}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{30fb}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{ffff}'
                | '\u{1d000}'..='\u{1f9ff}')
}

/// Controls, blanks and characters that are invisible or change the direction of others.
pub(crate) fn is_disguise(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_ascii_host_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')
}

fn named(host: &str) -> Option<String> {
    let mut ascii = host.to_ascii_lowercase();
    let last = ascii.trim_end_matches('.').rsplit('.').next();
    let is_number = last.is_some_and(|last| last.starts_with(|c: char| c.is_ascii_digit()));
    if is_number || !ascii.is_ascii() || ascii.contains("xn--") {
        ascii = reached(&ascii)?;
        // Letters can be mapped to marks: `;`, `(1)`.
        if !ascii.chars().all(is_ascii_host_letter) {
            return None;
        }
    }
    let mut shown = String::with_capacity(ascii.len());
    for (i, label) in ascii.split('.').enumerate() {
        if i > 0 {
            shown.push('.');
        }
        let decoded = label.strip_prefix("xn--").and_then(decode);
        match decoded.filter(|decoded| is_plain(decoded)) {
            Some(decoded) => shown.push_str(&decoded),
            None => shown.push_str(label),
        }
    }
    Some(shown)
}

/// The host that a browser asks for: by its own parser, which brings the tables of UTS #46 that we need not.
#[cfg(target_arch = "wasm32")]
fn reached(host: &str) -> Option<String> {
    let url = web_sys::Url::new(&["http://", host, "/"].concat()).ok()?;
    Some(url.hostname())
}

#[cfg(not(target_arch = "wasm32"))]
fn reached(host: &str) -> Option<String> {
    let url = url::Url::parse(&["http://", host, "/"].concat()).ok()?;
    url.host_str().map(str::to_owned)
}

/// Whether a label cannot pass for another one: Latin letters (ASCII, and those whose marks are easily seen) or Hangul, which
/// may stand together, or Chinese and Japanese ones alone, because `ノ`, `一` and `ー` beside Latin ones look like `/` and `-`.
/// No other script is: many of their letters look like Latin ones.
fn is_plain(label: &str) -> bool {
    let (mut latin, mut marked, mut hangul, mut han) = (false, false, false, false);
    for c in label.chars() {
        match c {
            '0'..='9' | '-' => {}
            'a'..='z' => latin = true,
            'ß'..='ë' | 'ñ'..='ö' | 'ø'..='ü' => marked = true,
            '가'..='힣' => hangul = true,
            'ぁ'..='ゖ'
            | 'ァ'..='ヺ'
            | 'ー'
            | '々'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}' => han = true,
            _ => return false,
        }
    }
    !(han && (latin || marked || hangul) || hangul && marked)
}

/// Punycode (RFC 3492, 6.2), without its `xn--`. Of our own: the library for it would bring UTS #46's tables to each build.
fn decode(label: &str) -> Option<String> {
    let (basic, extended) = label.rsplit_once('-').unwrap_or(("", label));
    let mut decoded: Vec<char> = basic.chars().collect();
    let (mut code, mut at, mut bias) = (128_u32, 0_u32, 72_u32);
    let mut digits = extended.bytes();
    while digits.len() > 0 {
        let (before, mut weight, mut threshold) = (at, 1_u32, 36_u32);
        loop {
            let digit = u32::from(match digits.next()? {
                letter @ b'a'..=b'z' => letter - b'a',
                digit @ b'0'..=b'9' => digit - b'0' + 26,
                _ => return None,
            });
            at = at.checked_add(digit.checked_mul(weight)?)?;
            let limit = threshold.saturating_sub(bias).clamp(1, 26);
            if digit < limit {
                break;
            }
            weight = weight.checked_mul(36 - limit)?;
            threshold += 36;
        }
        let count = u32::try_from(decoded.len()).ok()? + 1;
        bias = adapted(at - before, count, before == 0);
        code = code.checked_add(at / count)?;
        at %= count;
        decoded.insert(at as usize, char::from_u32(code)?);
        at += 1;
    }
    Some(decoded.into_iter().collect())
}

/// The bias after a delta (RFC 3492, 6.1).
fn adapted(delta: u32, count: u32, is_first: bool) -> u32 {
    let mut delta = delta / if is_first { 700 } else { 2 };
    delta += delta / count;
    let mut bias = 0;
    while delta > 455 {
        delta /= 35;
        bias += 36;
    }
    bias + 36 * delta / (delta + 38)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_host_is_shown_as_the_browser_reads_it() {
        for (authority, shown) in [
            ("Example.COM:8080", "example.com:8080"),
            ("paypaI.com", "paypai.com"),
            ("2130706433", "127.0.0.1"),
            ("0x7f.1:80", "127.0.0.1:80"),
            ("017700000001", "127.0.0.1"),
            ("[::FFFF:1.2.3.4]", "[::ffff:1.2.3.4]"),
            ("한국.kr", "한국.kr"),
            ("xn--3e0b707e.kr", "한국.kr"),
            ("LG전자.com", "lg전자.com"),
            ("日本ひカー.jp", "日本ひカー.jp"),
            ("MÜNCHEN.de", "münchen.de"),
            // Decomposed letters are those they make.
            ("\u{1112}\u{1161}\u{11ab}.kr", "한.kr"),
        ] {
            assert_eq!(judge(authority).as_deref(), Some(shown), "{authority:?}");
        }
    }

    #[test]
    fn what_can_pass_for_another_host_is_shown_in_ascii() {
        for authority in [
            "ex\u{430}mple.com",
            "\u{430}\u{440}\u{440}\u{4cf}\u{435}.com",
            "xn--80ak6aa92e.com",
            "\u{3b1}pple.com",
            "b\u{ed}thumb.com",
            "\u{5d0}\u{5d1}.com",
            "bank.comノlogin.example",
            "bank一kr.example",
            "가かあ.com",
            "한münchen.de",
        ] {
            let shown = judge(authority).unwrap_or_else(|| panic!("{authority:?} is refused"));
            assert!(shown.is_ascii() && shown.contains("xn--"), "{shown}");
            assert_eq!(Some(shown), reached(authority));
        }
    }

    #[test]
    fn marks_of_an_address_are_no_letters_of_a_host() {
        for authority in [
            "",
            ".",
            ".com",
            "a b",
            "a%2eb",
            "a/b",
            "user@a",
            "a\u{2044}b.com",
            "a\u{ff0f}b.com",
            "a\u{2024}com",
            "a\u{3002}com",
            "a×b.com",
            "a\u{200b}b.com",
            "a\u{202e}b.com",
            "a\u{2215}b",
            "a\u{ff0e}com",
            "a\u{e0041}b",
            "a😀.com",
            "a\u{301}.com",
            "example.com:x",
            "example.com:123456",
            "[::1",
            "[x]",
            "1.2.3.4.5",
            "0x1ffffffff",
            "xn--.com",
            "xn--a.com",
            "bank.com\u{37e}.example",
            "㈀.com",
        ] {
            assert_eq!(judge(authority), None, "{authority:?}");
        }
    }

    proptest! {
        #[test]
        fn labels_decode_to_what_they_encode(label in "[a-z0-9가-힣ぁ-ゖ一-龥а-я]{1,20}") {
            let ascii = idna::punycode::encode_str(&label).expect("short enough");
            prop_assert_eq!(decode(&ascii), Some(label));
        }

        #[test]
        fn any_text_is_judged_alike_twice(text in "\\PC{0,30}") {
            if let Some(shown) = judge(&text) {
                prop_assert_eq!(judge(&shown), Some(shown.clone()), "{}", text);
            }
        }
    }
}
