//! Tokens of texts that no provider counted.

use std::sync::Arc;
use std::time::Duration;

use aicon_protocol::ai::Usage;
use tokio::sync::Semaphore;

/// Texts that are counted at the same time.
static COUNTING: Semaphore = Semaphore::const_new(2);

/// Time for one use's texts.
const COUNT_TIME: Duration = Duration::from_secs(1);

/// Tokens of a text by OpenAI's newest public encoding (`o200k_base`): exact for its models, near enough for others.
/// Takes time in proportion to the text, whatever it is. The first call takes some tenths of a second and 70 MiB, which
/// stay: a server whose providers count and whose users wait for the end never pays for it.
pub fn count(text: &str) -> u64 {
    bpe_openai::o200k_base().count(text) as u64
}

/// The tokens of a question with all that came before it, and of its answer. They are counted on a thread of their own: a
/// text of megabytes takes longer than a stream may wait. What is not counted within a second (a server that stops under
/// load has no more time) is guessed by its bytes. Pictures and what a dialect puts around each turn are not counted.
pub async fn count_aside(prompt: Arc<Vec<String>>, answer: Arc<String>) -> Usage {
    let texts = (prompt.clone(), answer.clone());
    let counting = async {
        // Streams are cut by the hundred when a server stops, and answers must go on meanwhile.
        let _turn = COUNTING.acquire().await;
        let counting = tokio::task::spawn_blocking(move || all(count, &texts.0, &texts.1));
        counting.await
    };
    match tokio::time::timeout(COUNT_TIME, counting).await {
        Ok(Ok(usage)) => usage,
        _ => all(guess, &prompt, &answer),
    }
}

fn all(tokens: fn(&str) -> u64, prompt: &[String], answer: &str) -> Usage {
    Usage::new(prompt.iter().map(|turn| tokens(turn)).sum(), tokens(answer))
}

/// Four bytes a token are near enough for English letters and for Hangul syllables.
fn guess(text: &str) -> u64 {
    text.len().div_ceil(4) as u64
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn a_prompt_is_counted_with_all_its_turns() {
        assert_eq!(count(""), 0);
        assert_eq!(count("hello world"), 2);
        let korean = count("안녕하세요! 무엇을 도와드릴까요?");
        assert!((5..20).contains(&korean), "{korean}");
        let prompt = Arc::new(vec!["hello world".to_owned(), "hello".to_owned()]);
        let usage = count_aside(prompt, Arc::new("hello".to_owned())).await;
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
