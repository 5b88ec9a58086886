use crate::{host::is_host_letter, link::Link};

/// Longest bare address in bytes that becomes a link; it bounds the work per candidate.
const MAX_LENGTH: usize = 2048;

/// A piece of running text.
pub(crate) enum Piece<'a> {
    Text(&'a str),
    Link(&'a str, Link),
}

/// Finds bare `http://`, `https://` and `www.` addresses (GFM, "Autolinks (extension)").
///
/// Beyond GFM, an ASCII host ends where Hangul begins: Korean particles follow an address without a blank.
pub(crate) fn split<'a>(text: &'a str, mut emit: impl FnMut(Piece<'a>)) {
    let mut done = 0;
    let mut at = 0;
    while let Some(step) = text.as_bytes()[at..]
        .iter()
        .position(|b| matches!(b | 0x20, b'h' | b'w'))
    {
        at += step;
        match bare(text, at) {
            Ok((end, link)) => {
                if done < at {
                    emit(Piece::Text(&text[done..at]));
                }
                emit(Piece::Link(&text[at..end], link));
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
            '?' | '!' | '.' | ',' | ':' | ';' | '*' | '_' | '~' | '\'' | '」' | '』' | '’'
            | '”' | '。' | '、' | '…' => {}
            _ => break,
        }
        end -= c.len_utf8();
    }
    end
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
