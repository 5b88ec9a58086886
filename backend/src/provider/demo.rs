//! The built-in provider: models `demo` and `echo`, which need no key and answer the same each time.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;

use super::{ModelRequest, ProviderEvent, ProviderStream, Wanted, tour};
use crate::config::DemoSettings;

/// The models there are.
pub(super) const MODELS: [&str; 2] = ["demo", "echo"];

/// Characters of one delta of `demo`: about a word.
const WORD: usize = 5;

/// Deltas of the longest echo, so that a message of megabytes is not hundreds of thousands of events.
const MOST_ECHOES: usize = 2_000;

/// Answers at once; the stream keeps the pace that the settings ask for.
pub(super) fn open(settings: &DemoSettings, request: &ModelRequest) -> ProviderStream {
    let (answer, size, delay) = match request.model.as_str() {
        "echo" => {
            let text = in_form(&request.wanted, |_| {
                let last = request.turns.last();
                last.map(|turn| turn.text.clone()).unwrap_or_default()
            });
            let size = (text.chars().count() / MOST_ECHOES).max(WORD);
            (text, size, settings.echo_delay_ms)
        }
        _ if request.wanted == Wanted::Conversation => {
            (tour::answer(&request.turns), WORD, settings.delay_ms)
        }
        _ => {
            let text = in_form(&request.wanted, |member| {
                tour::report(&request.turns, member)
            });
            (text, WORD, settings.delay_ms)
        }
    };
    let input = request
        .turns
        .iter()
        .map(|turn| tokens(&turn.text) + 256 * turn.images.len() as u64)
        .sum();
    let usage = ProviderEvent::Usage {
        input: Some(input),
        output: Some(tokens(&answer)),
    };
    let deltas = stream::unfold((answer, 0), move |(answer, start)| async move {
        if start == answer.len() {
            return None;
        }
        if delay > 0 {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        } else {
            tokio::task::consume_budget().await;
        }
        let end = cut(&answer, start, size);
        Some((
            ProviderEvent::Delta(answer[start..end].to_owned()),
            (answer, end),
        ))
    });
    deltas
        .chain(stream::iter([usage, ProviderEvent::End]))
        .map(Ok)
        .boxed()
}

/// The answer as it is wanted: a text, or an object whose members are made by their names.
fn in_form(wanted: &Wanted, answer: impl Fn(Option<&str>) -> String) -> String {
    let Wanted::Members(names) = wanted else {
        return answer(None);
    };
    let member = |name: &String| (name.clone(), serde_json::Value::from(answer(Some(name))));
    serde_json::Value::Object(names.iter().map(member).collect()).to_string()
}

/// Tokens as this provider counts them: one for each four bytes, at least one for a text.
pub(crate) fn tokens(text: &str) -> u64 {
    text.len().div_ceil(4) as u64
}

fn cut(text: &str, start: usize, characters: usize) -> usize {
    text[start..]
        .char_indices()
        .nth(characters)
        .map_or(text.len(), |(offset, _)| start + offset)
}

#[cfg(test)]
mod tests {
    use super::super::{Role, Turn};
    use super::*;

    async fn echo(text: &str) -> Vec<String> {
        let settings = DemoSettings {
            delay_ms: 0,
            echo_delay_ms: 0,
        };
        let turns = vec![Turn {
            role: Role::User,
            text: text.to_owned(),
            images: Vec::new(),
        }];
        let request = ModelRequest {
            model: "echo".to_owned(),
            system: None,
            wanted: Wanted::Conversation,
            turns,
        };
        let events: Vec<_> = open(&settings, &request).collect().await;
        let delta = |event| match event {
            Ok(ProviderEvent::Delta(text)) => Some(text),
            _ => None,
        };
        events.into_iter().filter_map(delta).collect()
    }

    #[tokio::test]
    async fn echo_gives_back_what_it_got_in_small_deltas() {
        let text = "안녕하세요, **마크다운** 👩‍👩‍👧 \r\n\u{0}끝";
        let deltas = echo(text).await;
        assert_eq!(deltas.concat(), text);
        assert!(deltas.len() > 3);
    }

    #[tokio::test]
    async fn echo_of_megabytes_stays_a_few_thousand_deltas() {
        let text = "가".repeat(1_700_000);
        let deltas = echo(&text).await;
        assert!(deltas.len() <= MOST_ECHOES + 1);
        assert_eq!(deltas.concat(), text);
    }
}
