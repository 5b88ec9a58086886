//! Tokens of texts that no provider counted.

use aicon_protocol::ai::Usage;

/// Tokens of a text by OpenAI's newest public encoding (`o200k_base`): exact for its models, near enough for others.
/// Takes time in proportion to the text, whatever it is; the first call takes some tens of milliseconds more.
pub fn count(text: &str) -> u64 {
    bpe_openai::o200k_base().count(text) as u64
}

/// The tokens of a question with all that came before it, and of its answer, counted on a thread of its own: a text of
/// megabytes takes longer than a stream may wait. Pictures and what a dialect puts around each turn are not counted.
pub async fn count_aside(prompt: Vec<String>, answer: String) -> Usage {
    let counting = tokio::task::spawn_blocking(move || {
        Usage::new(prompt.iter().map(|turn| count(turn)).sum(), count(&answer))
    });
    // The task neither panics nor is it cancelled, but for a runtime that ends: then there is nobody to charge.
    counting.await.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[tokio::test]
    async fn a_prompt_is_counted_with_all_its_turns() {
        assert_eq!(count(""), 0);
        assert_eq!(count("hello world"), 2);
        let korean = count("안녕하세요! 무엇을 도와드릴까요?");
        assert!((5..20).contains(&korean), "{korean}");
        let usage = count_aside(vec!["hello world".into(), "hello".into()], "hello".into()).await;
        assert_eq!(usage, Usage::new(3, 1));
    }

    #[test]
    fn a_hostile_text_takes_no_longer_than_its_length_allows() {
        count("warm");
        for unit in ["a", " ", "가", "\u{1f600}", "\n ", "=!", "\u{301}"] {
            let text = unit.repeat(1_000_000 / unit.len());
            let start = Instant::now();
            assert!(count(&text) > 0);
            let took = start.elapsed();
            assert!(took < Duration::from_secs(5), "{unit:?}: {took:?}");
        }
    }
}
