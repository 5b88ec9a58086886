//! Deltas as our server writes them, read without a tree: a stream holds thousands, and each would otherwise cross into the
//! browser's JSON parser and back.

use crate::event::ChatEvent;

const BEFORE: &str = r#"{"type":"response.output_text.delta","delta":""#;
const AFTER: &str = r#","sequence_number":"#;

impl ChatEvent {
    /// The delta, if the text is one to the byte as [`crate::event::StreamEvent::Delta`] is written; anything else, well-formed
    /// or not, is for [`ChatEvent::read`].
    pub fn read_delta(data: &str) -> Option<Self> {
        let (text, rest) = unescape(data.strip_prefix(BEFORE)?)?;
        let number = rest.strip_prefix(AFTER)?.strip_suffix('}')?;
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        is_number.then_some(Self::Delta { text })
    }
}

/// A string of JSON (RFC 8259, 7) up to its closing quotation mark, and what stands behind that.
fn unescape(source: &str) -> Option<(String, &str)> {
    let mut text = String::with_capacity(source.len());
    let mut rest = source;
    loop {
        let end = rest.find(|c| matches!(c, '"' | '\\' | '\0'..='\x1f'))?;
        text.push_str(&rest[..end]);
        let mark = rest.as_bytes()[end];
        rest = &rest[end + 1..];
        match mark {
            b'"' => return Some((text, rest)),
            b'\\' => {
                let (c, after) = escaped(rest)?;
                text.push(c);
                rest = after;
            }
            _ => return None,
        }
    }
}

/// The character that stands behind a backslash. Halves of characters are left to the parser, which knows what to do with a
/// single one.
fn escaped(source: &str) -> Option<(char, &str)> {
    let kind = *source.as_bytes().first()?;
    let rest = source.get(1..)?;
    let c = match kind {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\x08',
        b'f' => '\x0c',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let digits = rest.get(..4)?;
            let is_hexadecimal = digits.bytes().all(|b| b.is_ascii_hexdigit());
            let code = u32::from_str_radix(digits, 16).ok()?;
            let c = char::from_u32(code)?;
            return is_hexadecimal.then_some((c, &rest[4..]));
        }
        _ => return None,
    };
    Some((c, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::StreamEvent;

    fn written(delta: &str, sequence_number: u64) -> String {
        let event = StreamEvent::Delta {
            delta,
            sequence_number,
        };
        serde_json::to_string(&event).unwrap()
    }

    proptest! {
        #[test]
        fn what_the_server_writes_is_read(text: String, number: u64) {
            let read = ChatEvent::read_delta(&written(&text, number));
            prop_assert_eq!(read, Some(ChatEvent::Delta { text }));
        }

        #[test]
        fn what_is_read_is_what_a_parser_reads(inside in r#"([^"\\]|\\[bfnrtu"/\\x]|[0-9a-fA-F]|[dD][89a-f]){0,12}"#) {
            let data = [BEFORE, &inside, "\"", AFTER, "1}"].concat();
            if let Some(ChatEvent::Delta { text }) = ChatEvent::read_delta(&data) {
                let parsed: serde_json::Value = serde_json::from_str(&data).unwrap();
                prop_assert_eq!(parsed["delta"].as_str(), Some(text.as_str()));
            }
        }

        #[test]
        fn anything_else_is_left_to_the_parser(text: String, cut in 0_usize..60) {
            let whole = written(&text, 7);
            let cut = whole.floor_char_boundary(cut.min(whole.len() - 1));
            prop_assert_eq!(ChatEvent::read_delta(&whole[..cut]), None);
        }
    }

    #[test]
    fn halves_of_characters_and_further_members_are_left_to_the_parser() {
        for data in [
            r#"{"type":"response.output_text.delta","delta":"\ud83d\ude00","sequence_number":1}"#,
            r#"{"type":"response.output_text.delta","delta":"\u+12a","sequence_number":1}"#,
            r#"{"type":"response.output_text.delta","delta":"a","sequence_number":1,"x":2}"#,
            r#"{"type":"response.output_text.delta","delta":"a","sequence_number":}"#,
            r#"{"type":"response.output_text.delta","delta":"a"}"#,
            r#"{"delta":"a","type":"response.output_text.delta","sequence_number":1}"#,
        ] {
            assert_eq!(ChatEvent::read_delta(data), None, "{data}");
        }
    }
}
