use crate::{host::is_host_letter, link::Link};

/// Longest bare address in bytes that becomes a link; it bounds the work per candidate.
const MAX_LENGTH: usize = 2048;
/// Longest name before the `@` of a mail address, in bytes (RFC 5321, 4.5.3.1.1).
const MAX_USER: usize = 64;

/// A piece of running text.
pub(crate) enum Piece<'a> {
    Text(&'a str),
    Link(&'a str, Link),
}

/// Finds bare `http://`, `https://`, `www.` and mail addresses (GFM, "Autolinks (extension)").
///
/// Beyond GFM, an ASCII host ends where Hangul begins: Korean particles follow an address without a blank.
pub(crate) fn split<'a>(text: &'a str, mut emit: impl FnMut(Piece<'a>)) {
    let mut done = 0;
    let mut at = 0;
    while let Some(step) = text.as_bytes()[at..]
        .iter()
        .position(|b| matches!(b | 0x20, b'h' | b'w') || *b == b'@')
    {
        at += step;
        let found = if text.as_bytes()[at] == b'@' {
            mail(text, done, at)
        } else {
            bare(text, at).map(|(end, link)| (at, end, link))
        };
        match found {
            Ok((start, end, link)) => {
                if done < start {
                    emit(Piece::Text(&text[done..start]));
                }
                emit(Piece::Link(&text[start..end], link));
                (done, at) = (end, end);
            }
            Err(next) => at = next,
        }
    }
    if done < text.len() {
        emit(Piece::Text(&text[done..]));
    }
}

/// The end and target of the address that begins at `start`, or else where to look on.
fn bare(text: &str, start: usize) -> Result<(usize, Link), usize> {
    let rest = &text[start..];
    let next = start + 1;
    let prefix = ["http://", "https://", "www."].into_iter().find(|prefix| {
        let found = rest.as_bytes().get(..prefix.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(prefix.as_bytes()))
    });
    let prefix = prefix
        .filter(|prefix| may_follow(text[..start].chars().next_back(), prefix))
        .ok_or(next)?;
    if !rest[prefix.len()..].starts_with(|c: char| is_host_letter(c) || c == '[') {
        return Err(next);
    }
    let end = end_of(rest, prefix.len());
    if end > MAX_LENGTH {
        // Nothing in between is looked at again, or a long run would cost the square of its length.
        return Err(start + end);
    }
    let address = &rest[..trim_punctuation(&rest[..end])];
    let link = match prefix {
        "www." => {
            let mut href = String::from("http://");
            href.push_str(address);
            Link::judge(&href)
        }
        _ => Link::judge(address),
    };
    link.filter(|_| address.len() > prefix.len())
        .map(|link| (start + address.len(), link))
        .ok_or(next)
}

/// The mail address around the `@` at `at` that begins behind `done`, or else where to look on.
fn mail(text: &str, done: usize, at: usize) -> Result<(usize, usize, Link), usize> {
    let next = at + 1;
    let is_user = |b: &u8| b.is_ascii_alphanumeric() || b".-_+".contains(b);
    let before = text[done..at].bytes().rev().take(MAX_USER + 1);
    let user = before.take_while(is_user).count();
    let start = at - user;
    let inside = text[..start].ends_with(['/', ':', '@']);
    let is_domain = |b: &u8| b.is_ascii_alphanumeric() || b".-_".contains(b);
    let after = text[next..].bytes().take(MAX_LENGTH);
    let end = next + after.take_while(is_domain).count();
    let domain = text[next..end].trim_end_matches('.');
    let is_host = domain.contains('.') && !domain.ends_with(['-', '_']);
    if user == 0 || user > MAX_USER || inside || !is_host {
        return Err(next);
    }
    let end = next + domain.len();
    let mut href = String::from("mailto:");
    href.push_str(&text[start..end]);
    Link::judge(&href)
        .map(|link| (start, end, link))
        .ok_or(next)
}

fn may_follow(before: Option<char>, prefix: &str) -> bool {
    before.is_none_or(|c| {
        let inside_a_name = matches!(c, '/' | '@' | '.' | '-' | '=' | ':') && prefix == "www.";
        !c.is_ascii_alphanumeric() && !inside_a_name
    })
}

/// Where the run of address characters ends; just above [`MAX_LENGTH`] when it is longer.
fn end_of(rest: &str, prefix: usize) -> usize {
    let mut in_host = true;
    let mut dotted = prefix == "www.".len();
    for (i, c) in rest.char_indices().skip(prefix) {
        in_host &= !matches!(c, '/' | '?' | '#');
        dotted |= c == '.';
        let particle = dotted && matches!(c, '가'..='힣');
        let host_ends = in_host
            && (particle
                || !matches!(c, '.' | '-' | '_' | ':' | '@' | '[' | ']') && !is_host_letter(c));
        let ends = c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '`');
        if host_ends || ends || i > MAX_LENGTH {
            return i;
        }
    }
    rest.len()
}

/// Punctuation that ends the sentence, not the address; `)` only when it has no partner inside.
fn trim_punctuation(address: &str) -> usize {
    let mut unmatched = address
        .matches(')')
        .count()
        .saturating_sub(address.matches('(').count());
    let mut end = address.len();
    while let Some(c) = address[..end].chars().next_back() {
        match c {
            ')' if unmatched > 0 => unmatched -= 1,
            ';' if let Some(entity) = entity(&address[..end]) => {
                end = entity;
                continue;
            }
            '?' | '!' | '.' | ',' | ':' | ';' | '*' | '_' | '~' | '\'' | '」' | '』' | '’'
            | '”' | '。' | '、' | '…' => {}
            _ => break,
        }
        end -= c.len_utf8();
    }
    end
}

/// Where what looks like an entity begins, with which an address does not end.
fn entity(address: &str) -> Option<usize> {
    let name = address.strip_suffix(';')?;
    let start = name.rfind('&')?;
    let name = &name[start + 1..];
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
    is_name.then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut whole = String::new();
        split(text, |piece| match piece {
            Piece::Text(text) => whole.push_str(text),
            Piece::Link(text, link) => {
                whole.push_str(text);
                found.push(link.href.to_string());
            }
        });
        assert_eq!(whole, text, "no byte is lost");
        found
    }

    #[test]
    fn bare_addresses_are_found_in_running_text() {
        assert_eq!(
            links("see https://a.com/x_y(z)), or www.b.kr."),
            ["https://a.com/x_y(z)", "http://www.b.kr"]
        );
        assert_eq!(links("(https://a.com/b)"), ["https://a.com/b"]);
        assert_eq!(
            links("https://a.com입니다. https://a.com/위키 끝"),
            ["https://a.com", "https://a.com/위키"]
        );
    }

    #[test]
    fn mail_addresses_are_found_too() {
        assert_eq!(
            links("write to a.b+c@d-e.com, 또는 x@y.kr로. A@B.C"),
            ["mailto:a.b+c@d-e.com", "mailto:x@y.kr", "mailto:A@b.c"]
        );
        for text in ["@", "a@", "@b.c", "a@b", "a@b.c-", "x://a@b.c", "a@b@c"] {
            assert_eq!(links(text), [""; 0], "{text}");
        }
        let endless = "a".repeat(100_000) + "@b.c ";
        assert_eq!(links(&endless), [""; 0]);
        assert_eq!(links(&"a@".repeat(100_000)), [""; 0]);
    }

    #[test]
    fn an_endless_address_is_text_and_is_scanned_once() {
        let text = "http://a/)".repeat(100_000);
        assert!(links(&text).len() < 2, "at most the end");
        assert_eq!(links(&"http://a)".repeat(3)), ["http://a"; 3]);
    }

    #[test]
    fn what_only_looks_like_an_address_stays_text() {
        for text in [
            "",
            "h",
            "http://",
            "https:///x",
            "xhttps://a.com",
            "www.",
            "a.www.b",
            "https://u@a.com",
            "javascript://a",
        ] {
            assert_eq!(links(text), [""; 0], "{text}");
        }
    }
}
