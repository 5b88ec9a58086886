//! Tokens of texts that no provider counted.

use std::sync::Arc;

use aicon_protocol::ai::Usage;
use tokio::sync::Semaphore;

/// Texts that are counted at the same time.
static COUNTING: Semaphore = Semaphore::const_new(2);

/// Tokens of a text by OpenAI's newest public encoding (`o200k_base`): exact for its models, near enough for others.
/// Takes time in proportion to the text, whatever it is. The first call takes some tenths of a second and 70 MiB, which
/// stay: a server whose providers count and whose users wait for the end never pays for it.
pub fn count(text: &str) -> u64 {
    bpe_openai::o200k_base().count(text) as u64
}

/// The tokens of a question with all that came before it, and of its answer, which is given back. They are counted on a
/// thread of their own: a text of megabytes takes longer than a stream may wait. Pictures and what a dialect puts around
/// each turn are not counted.
pub async fn count_aside(prompt: Arc<Vec<String>>, answer: String) -> (Usage, String) {
    // Streams are cut by the hundred when a server stops, and answers must go on meanwhile.
    let _turn = COUNTING.acquire().await;
    let counting = tokio::task::spawn_blocking(move || {
        let prompt = prompt.iter().map(|turn| count(turn)).sum();
        (Usage::new(prompt, count(&answer)), answer)
    });
    // The task neither panics nor is it cancelled, but for a runtime that ends: then nothing is stored either.
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
        let usage = count_aside(
            Arc::new(vec!["hello world".into(), "hello".into()]),
            "hello".into(),
        )
        .await;
        assert_eq!(usage, (Usage::new(3, 1), "hello".to_owned()));
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
