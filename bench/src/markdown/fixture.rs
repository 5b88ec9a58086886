//! Text as a model writes it: headings, nested lists, tables, fences, links, Korean, emoji. The same at each run.

use std::fmt::Write as _;

/// The characters of a delta.
const DELTA: std::ops::RangeInclusive<usize> = 4..=16;

const SENTENCES: [&str; 8] = [
    "서울에서 부산까지는 **KTX**로 약 2시간 30분이 걸리고, `SRT`도 비슷한 시간이 걸립니다. ",
    "The request is *idempotent*: a second `POST` with the same key answers what the first one answered. ",
    "이 값은 [공식 문서](https://example.com/docs/settings)에 적혀 있으며, 기본값은 `30`초입니다. ",
    "Measure first 📏, then change one thing at a time; ~~guessing~~ never pays. ",
    "**비용**은 사용량에 따라 달라지므로, 월말에 한 번 더 확인하는 것이 좋습니다 😊. ",
    "See <https://example.com/a/b?c=d> or the [guide](https://example.com/guide \"The guide\") for more. ",
    "한 번에 하나씩 바꾸고, 바꿀 때마다 *다시* 재어 보세요. 결과가 흔들리면 중앙값을 씁니다. ",
    "When a reader is slow, ***backpressure*** reaches the writer, and nothing is buffered without end. ",
];

const CODE: [(&str, &str); 3] = [
    (
        "rust",
        "fn main() {\n    let names = [\"가\", \"나\", \"다\"];\n    for (i, name) in names.iter().enumerate() {\n        println!(\"{i}: {name}\"); // one line each\n    }\n}\n",
    ),
    (
        "python",
        "def mean(values: list[float]) -> float:\n    \"\"\"The arithmetic mean.\"\"\"\n    return sum(values) / len(values)\n\nprint(mean([1.0, 2.5, 4.0]))\n",
    ),
    (
        "json",
        "{\n  \"apiEndPoint\": \"https://api.example.com\",\n  \"retries\": 3,\n  \"tags\": [\"a\", \"b\"]\n}\n",
    ),
];

/// A text of this many bytes, or up to one character less.
pub(crate) fn text(bytes: usize) -> String {
    let mut random = fastrand::Rng::with_seed(5);
    let mut text = String::with_capacity(bytes + 4096);
    let mut number = 0;
    while text.len() < bytes {
        number += 1;
        section(&mut text, number, &mut random);
    }
    text.truncate(text.floor_char_boundary(bytes));
    text
}

/// The text in pieces of 4 to 16 characters.
pub(crate) fn deltas(text: &str) -> Vec<String> {
    let mut random = fastrand::Rng::with_seed(7);
    let mut characters = text.chars().peekable();
    let mut deltas = Vec::new();
    while characters.peek().is_some() {
        let length = random.usize(DELTA);
        deltas.push(characters.by_ref().take(length).collect());
    }
    deltas
}

fn section(text: &mut String, number: usize, random: &mut fastrand::Rng) {
    // Writing to a string cannot fail.
    _ = write!(text, "## {number}. 단계 {number}: setting it up\n\n");
    paragraph(text, random);
    paragraph(text, random);
    match number % 4 {
        0 => table(text, number),
        1 => list(text, random),
        2 => code(text, number),
        _ => quote(text, random),
    }
}

fn paragraph(text: &mut String, random: &mut fastrand::Rng) {
    for _ in 0..random.usize(2..=5) {
        text.push_str(SENTENCES[random.usize(..SENTENCES.len())]);
    }
    text.truncate(text.trim_end().len());
    text.push_str("\n\n");
}

fn list(text: &mut String, random: &mut fastrand::Rng) {
    for item in 1..=5 {
        let sentence = SENTENCES[random.usize(..SENTENCES.len())].trim_end();
        _ = writeln!(text, "{item}. {sentence}");
        for _ in 0..random.usize(0..=3) {
            let sentence = SENTENCES[random.usize(..SENTENCES.len())].trim_end();
            _ = writeln!(text, "   - {sentence}");
        }
    }
    text.push('\n');
}

fn table(text: &mut String, number: usize) {
    text.push_str("| 항목 | 값 | Note |\n| :--- | ---: | :---: |\n");
    for row in 1..=8 {
        _ = writeln!(
            text,
            "| 항목 {number}-{row} | {} | **{row}** of `8` ✅ |",
            number * row * 37
        );
    }
    text.push('\n');
}

fn code(text: &mut String, number: usize) {
    let (language, source) = CODE[number / 4 % CODE.len()];
    _ = write!(text, "```{language}\n{source}```\n\n");
}

fn quote(text: &mut String, random: &mut fastrand::Rng) {
    for _ in 0..2 {
        let sentence = SENTENCES[random.usize(..SENTENCES.len())].trim_end();
        _ = writeln!(text, "> {sentence}");
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deltas_are_the_text_in_pieces() {
        let text = text(20 * 1024);
        let deltas = deltas(&text);
        assert_eq!(deltas.concat(), text);
        assert!((20 * 1024 - 3..=20 * 1024).contains(&text.len()));
        let (_, whole) = deltas.split_last().unwrap();
        assert!(
            whole
                .iter()
                .all(|delta| DELTA.contains(&delta.chars().count()))
        );
    }
}
