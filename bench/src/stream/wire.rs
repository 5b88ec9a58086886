//! A Chat Completions stream, byte for byte as OpenAI sends it: one event in each chunk of the body.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

/// Stands before a delta's time.
const STAMP: char = '@';

/// Digits of a stamp, which comes round after 36 minutes.
const DIGITS: u32 = 6;
const BASE: u64 = 36;
const ROUND: u64 = BASE.pow(DIGITS);

/// The head of every good answer.
pub(crate) const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n\
    transfer-encoding: chunked\r\n\r\n";

/// Texts of 4 to 16 characters, as tokenizers cut them.
const TEXTS: [&str; 12] = [
    "안녕하세요",
    ", 오늘은 ",
    "스트리밍 응답을",
    " the first ",
    " token",
    "입니다. ",
    "\\n\\n- **항목** ",
    "대한민국의 인공지능 모델",
    " is written as",
    "그리고 ",
    "🙂 좋아요!",
    "`cargo test`",
];

/// Before a stamp there is less room.
const SHORT_TEXTS: [&str; 4] = ["안녕", " the ", "입니다. ", "그리고 "];

/// The `number`th delta of an answer, as a chunk.
pub(crate) fn delta(number: u64) -> String {
    chunk(&choice(TEXTS[number as usize % TEXTS.len()]))
}

/// The same with the time in it.
pub(crate) fn stamped_delta(number: u64) -> String {
    let mut text = SHORT_TEXTS[number as usize % SHORT_TEXTS.len()].to_owned();
    text.push(STAMP);
    let now = now();
    for digit in (0..DIGITS).rev() {
        let value = (now / BASE.pow(digit) % BASE) as u32;
        text.push(char::from_digit(value, BASE as u32).expect("a remainder is a digit"));
    }
    chunk(&choice(&text))
}

/// What follows the last delta.
pub(crate) fn end(deltas: u64) -> String {
    let total = deltas + 20;
    let mut end = chunk(&event(
        r#"[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]"#,
        "null",
    ));
    end += &chunk(&event(
        "[]",
        &format!(r#"{{"prompt_tokens":20,"completion_tokens":{deltas},"total_tokens":{total}}}"#),
    ));
    end += &chunk("data: [DONE]\n\n");
    end + "0\r\n\r\n"
}

/// Microseconds since the stamp behind `text`'s first mark was made.
pub(crate) fn age(text: &[u8]) -> Option<u64> {
    let at = memchr::memchr(STAMP as u8, text)?;
    let digits = text.get(at + 1..at + 1 + DIGITS as usize)?;
    let mut stamp = 0;
    for &digit in digits {
        stamp = stamp * BASE + u64::from(char::from(digit).to_digit(BASE as u32)?);
    }
    Some((now() + ROUND - stamp) % ROUND)
}

/// Microseconds, in the stamps' round. The clock of the wall is the one that processes share.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let micros = since.map_or(0, |since| since.as_micros());
    (micros % u128::from(ROUND)) as u64
}

fn choice(text: &str) -> String {
    let choice = format!(
        r#"[{{"index":0,"delta":{{"content":"{text}"}},"logprobs":null,"finish_reason":null}}]"#
    );
    event(&choice, "null")
}

fn event(choices: &str, usage: &str) -> String {
    format!(
        "data: {{\"id\":\"chatcmpl-CIjfa1M7cQnWv2bLd0xTgE4kRz9Yh\",\"object\":\"chat.completion.chunk\",\
         \"created\":1731760496,\"model\":\"bench\",\"service_tier\":\"default\",\
         \"system_fingerprint\":\"fp_560af6e559\",\"choices\":{choices},\"usage\":{usage},\
         \"obfuscation\":\"Qw3rT9x\"}}\n\n"
    )
}

fn chunk(data: &str) -> String {
    let mut chunk = String::with_capacity(data.len() + 8);
    write!(chunk, "{:x}\r\n{data}\r\n", data.len()).expect("a text takes what is written");
    chunk
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_tells_its_age() {
        let delta = stamped_delta(1);
        std::thread::sleep(std::time::Duration::from_millis(2));
        let age = age(delta.as_bytes()).unwrap();
        assert!((2_000..10_000_000).contains(&age), "{age}");
        assert_eq!(super::age(b"nothing"), None);
    }

    #[test]
    fn deltas_have_4_to_16_characters_and_are_json() {
        for text in TEXTS {
            let data = choice(text);
            let data = data.strip_prefix("data: ").unwrap();
            let value: serde_json::Value = serde_json::from_str(data).unwrap();
            let text = value["choices"][0]["delta"]["content"].as_str().unwrap();
            assert!((4..=16).contains(&text.chars().count()), "{text}");
        }
    }
}
